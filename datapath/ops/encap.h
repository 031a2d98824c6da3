/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Encap: puts the packet into a tunnel, by copying a header that was made beforehand in front of it;
 * lengths, checksums, the UDP source port and congestion marks are filled in. 'strip' takes off
 * again all that was put in front since.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/program.h"
#include "lib/ipaddr.h"
#include "lib/types.h"

struct tunnel;
struct tunnel_wish;

enum {
	ENCAP_UNIT = 16,
	ENCAP_SHORT = 6 * ENCAP_UNIT, /* all headers but those with many options */
	ENCAP_LONG = 21 * ENCAP_UNIT,
};

/* Programs are compared byte by byte, and two cache lines hold most of them: there are no holes. */
struct op_encap_head {
	uint16_t port_id; /* the tunnel's */
	uint16_t size; /* of the header, which stands at the end of its room */
	uint32_t ip_sum; /* over the IPv4 header as it stands here, not folded */
	uint8_t room; /* in units of ENCAP_UNIT */
	uint8_t l4; /* where UDP or GRE is in the header */
	bool ipv6;
	bool udp;
	bool csum; /* over the whole of UDP or GRE */
	bool seq; /* GRE's */
	bool number; /* IPv4 that may be fragmented */
	bool bare; /* the Ethernet header is taken off before; op_put_eth puts one back */
	uint64_t mbuf_flag;
	const char *name; /* of the encapsulation */
};

struct op_encap {
	struct op_encap_head head;
	alignas(8) uint8_t header[ENCAP_SHORT];
};

struct op_encap_long {
	struct op_encap_head head;
	alignas(8) uint8_t header[ENCAP_LONG];
};

/* Puts the Ethernet header back that was taken off before: behind 'strip'. */
struct op_put_eth {
	struct mac dst, src;
	be16 eth_type;
};

extern const struct op_type op_encap, op_encap_long, op_strip, op_put_eth;

/* The outer headers wanted. */
struct encap_wish {
	const struct tunnel *tunnel;
	uint16_t port_id;
	struct mac eth_src, eth_dst;
	struct ipaddr src, dst;
	uint8_t tos, ttl;
};

/* Any thread. */

/* Appends the op. */
void encap_add(
	struct program_builder *builder,
	const struct encap_wish *wish,
	const struct tunnel_wish *inner
);
/* From which range UDP source ports are taken. */
void encap_get_ports(uint16_t *low, uint16_t *high);

/* Main thread. */

void encap_set_ports(uint16_t low, uint16_t high);

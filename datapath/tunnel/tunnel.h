/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tunnels: ports whose packets travel inside those of another port.
 *
 * A tunnel port has no device. Translation turns an output to it into the op 'encap', with a header
 * made beforehand, and the outer packet goes on through the bridge whose address it bears. Outer
 * packets for an address of ours meet the op 'decap', which finds the tunnel port they belong to;
 * the inner packet is then looked up as if it had come in through that port.
 *
 * How the header between the outer IP header and the inner packet looks is an encapsulation, a
 * descriptor in the file of its port type.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/ipaddr.h"
#include "lib/types.h"

struct errbuf;
struct key;
struct port;

enum {
	TUNNEL_HEADER_MAX =
		8 + 8 + 252, /* between IP and the inner packet: Geneve with all options */
	TUNNEL_TTL = 64,
};

/* What the header says about the packet inside. */
struct tunnel_info {
	be64 id;
	uint16_t size; /* of the header, UDP's included */
	be16 inner_type; /* Ethernet type of what is inside; TYPE_TEB for an Ethernet frame */
	bool has_key;
	bool oam;
	be16 gbp_id;
	uint8_t gbp_flags;
	bool has_gbp;
	uint8_t n_options; /* bytes of Geneve options, or of ERSPAN's part, at the end of the header */
	bool critical; /* one of them demands to be known */
};

/* What ERSPAN says besides: a port number, a direction and a device, of whoever mirrors. */
struct tunnel_erspan {
	uint8_t version; /* 1: type II, 2: type III */
	uint8_t dir;
	uint8_t hwid;
	be32 idx;
};

/* What a header is to say. */
struct tunnel_wish {
	be64 id;
	bool has_key; /* GRE */
	bool oam;
	bool has_gbp;
	be16 gbp_id;
	uint8_t gbp_flags;
	bool csum; /* GRE */
	bool seq; /* GRE */
	bool gpe; /* VXLAN: says what is inside */
	be16 inner_type; /* as in struct tunnel_info; 0: an Ethernet frame */
	uint16_t n_options; /* bytes */
	const uint8_t *options;
	struct tunnel_erspan erspan;
};

enum tunnel_fault {
	TUNNEL_CUT = -1, /* the header is longer than the packet */
	TUNNEL_WRONG = -2, /* it contradicts itself, or a bit that must be zero is set */
	TUNNEL_UNKNOWN = -3, /* it demands something that is not understood */
};

struct encapsulation {
	const char *name;
	uint8_t proto; /* of the outer IP header */
	uint16_t port; /* of UDP, unless configured otherwise; 0: no ports */
	uint32_t max_id;
	uint64_t mbuf_flag; /* RTE_MBUF_F_TX_TUNNEL_* */
	bool has_options; /* that fields can be bound to (tunnel/options.h) */
	bool is_erspan;
	bool carries_any; /* kind of packet, not Ethernet frames alone */

	/* Workers. Reads the header ('n' bytes can be read, UDP's first) and checks every length.
	 * Returns 0 or TUNNEL_*. */
	int (*parse)(const uint8_t *header, uint32_t n, struct tunnel_info *info);
	/* Workers. Of several encapsulations of the same protocol, that of this packet; NULL: there
	 * is just this one. At least 4 bytes can be read. */
	const struct encapsulation *(*choose)(const uint8_t *header);
	/* Any thread. Whether packets of this Ethernet type can travel bare; NULL: all. */
	bool (*can_carry)(be16 type);
	/* Any thread. Writes the header behind UDP's. Returns its size. */
	unsigned (*build)(uint8_t *header, const struct tunnel_wish *wish);
};

/* How a tunnel port is configured; immutable. */
struct tunnel {
	const struct encapsulation *encapsulation;
	struct ipaddr remote, local; /* none: by the flow; for 'local' also any */
	bool remote_flow, local_flow;
	bool in_key_flow, out_key_flow;
	bool out_key_given;
	be64 in_key, out_key;
	be16 dst_port;
	uint8_t tos, ttl;
	bool tos_inherit, ttl_inherit;
	bool df, csum, seq, gbp, gpe;
	bool bare; /* packets travel without their Ethernet header */
	uint32_t egress_mark;
	struct tunnel_erspan erspan;
	bool erspan_version_flow, erspan_idx_flow, erspan_dir_flow, erspan_hwid_flow;
};

/* Main thread. */

/* Opens a tunnel port: reads the options and sees that no other port would get the same packets.
 * For the 'open' and 'close' of port types. */
struct port *tunnel_open(
	const struct encapsulation *encapsulation,
	const char *name,
	const json_t *options,
	struct errbuf *err
);
/* The same for types that are for IPv6 alone. */
struct port *tunnel_open_ipv6(
	const struct encapsulation *encapsulation,
	const char *name,
	const json_t *options,
	struct errbuf *err
);
void tunnel_close(struct port *port);

/* Any thread that holds an epoch. */

bool tunnels_are_there(void);
/* Whether any packets of this protocol are for tunnels. */
bool tunnels_use(uint8_t proto);
/* Whether packets to this UDP port (or of this protocol, when 'udp_port' is 0) are for tunnels. */
const struct encapsulation *tunnel_find(uint8_t proto, be16 udp_port);

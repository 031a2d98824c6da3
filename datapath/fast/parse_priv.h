/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The general parser's state, shared by its files.  */

#include <stddef.h>
#include <stdint.h>

#include "datapath/fast/parse.h"

/* The words of a base block, put together in registers and stored whole, because a narrow store
 * followed by a wide load stalls for some twenty cycles. */
enum {
	WORD_PORT, /* in_port, recirc */
	WORD_DST, /* eth_dst and the start of eth_src */
	WORD_SRC, /* the rest of eth_src, eth_type, vlan_tci */
	WORD_IP, /* ip_src, ip_dst */
	WORD_L4, /* ip_proto, ip_tos, ip_ttl, ip_frag, l4_src, l4_dst */
	WORD_REST, /* tcp_flags, vlan_tpid, blocks, ct_state */
	WORD_TUN_ID,
	WORD_TUN_IP,
	KEY_WORDS,
};

/* A word of a key, whose declared type is bytes or fields. */
typedef uint64_t __attribute__((may_alias)) parse_word;

struct parse {
	const uint8_t *data;
	uint32_t length; /* bytes that can be read */
	uint32_t total; /* bytes the frame has */
	uint32_t at; /* the next header */
	uint16_t type; /* what stands there, host order */
	uint16_t blocks; /* KEY_HAS() of those that were begun */
	uint16_t l3, l4; /* offsets, 0: none */
	parse_word *words; /* of the base block */
	uint8_t *base; /* of the key; blocks are 'stride' apart */
	size_t stride;
	uint64_t *faults; /* counters */
};

/* Workers; and any thread for parse_frame(). */

/* Everything behind the Ethernet header. words[] has been zeroed but for PORT and DST. */
void parse_any(struct parse *p);
/* From the IP header on. */
void parse_ipv4(struct parse *p);
void parse_ipv6(struct parse *p);

/* The block, zeroed the first time it is asked for. */
static inline void *parse_block(struct parse *p, unsigned block)
{
	uint8_t *bytes = p->base + block * p->stride;

	if (!(p->blocks & KEY_HAS(block))) {
		p->blocks |= KEY_HAS(block);
		memset(bytes, 0, KEY_BLOCK_SIZE);
	}
	return bytes;
}

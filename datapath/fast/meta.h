/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Metadata: what a packet carries through a worker besides its bytes; one cache line behind the
 * mbuf, in every pool of ours.
 *
 * The port it came from is mbuf->port and always valid. The rest is written only for packets whose
 * program needs it (op_type.needs_meta), so that plain forwarding never touches the line.  */

#include <stddef.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "lib/types.h"

struct meta {
	uint32_t recirc; /* the recirculation point the packet comes from, or 0 */
	uint16_t l3; /* where the network header is in the buffer, 0: there is none */
	uint16_t l4; /* the same of the transport header, 0 in later fragments */
	be16 eth_type; /* of what is at l3 */
	uint8_t ip_proto; /* of what is at l4 */
	uint8_t inner_ip_proto; /* see below */
	uint16_t out_port; /* for packets handed to another worker for sending */
	uint16_t ct_state;
	be64 tun_id;
	be32 tun_src;
	be32 tun_dst;
	be32 ct_mark;
	be16 ct_zone;
	uint16_t outer_l3; /* what a tunnel took off is still in the buffer: its network header … */
	uint32_t hash; /* of the flow, for those who spread */
	uint16_t outer_l4; /* … and what is behind that */
	uint16_t outer_options; /* bytes of Geneve options at its end */
	/* While the packet is inside a tunnel's headers: what was above, and where it starts, 0: in
	 * the next segment. */
	uint16_t inner_start;
	uint16_t inner_l3;
	uint16_t inner_l4;
	be16 inner_eth_type;
	/* A word as in the key's tunnel block. */
	be16 tun_flags;
	uint8_t tun_tos;
	uint8_t tun_ttl;
	be16 gbp_id;
	uint8_t gbp_flags;
	uint8_t zero;
};

static_assert(sizeof(struct meta) == CACHE_LINE, "meta: one cache line");
static_assert(
	offsetof(struct meta, tun_dst) == offsetof(struct meta, tun_src) + 4, "meta: read as one"
);
static_assert(offsetof(struct meta, l4) == offsetof(struct meta, l3) + 2, "meta: stored as one");

/* Workers. */

static inline struct meta *meta_of(struct rte_mbuf *pkt)
{
	return (struct meta *)(pkt + 1);
}

/* For a copy of the packet. What a tunnel took off was not copied. */
static inline void meta_copy(struct rte_mbuf *copy, struct rte_mbuf *pkt)
{
	struct meta *meta = meta_of(copy);
	int moved = copy->data_off - pkt->data_off;

	*meta = *meta_of(pkt);
	meta->l3 = meta->l3 ? meta->l3 + moved : 0;
	meta->l4 = meta->l4 ? meta->l4 + moved : 0;
	meta->outer_l3 = 0;
}

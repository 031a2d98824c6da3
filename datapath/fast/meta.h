/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Metadata: what a packet carries through a worker besides its bytes; one cache line behind the
 * mbuf, in every pool of ours.
 *
 * The port it came from is mbuf->port and always valid. The rest is written only for packets whose
 * program needs it (op_type.needs_meta), so that plain forwarding never touches the line.  */

#include <stdint.h>

#include <rte_mbuf.h>

#include "lib/types.h"

struct meta {
	uint32_t recirc; /* the recirculation point the packet comes from, or 0 */
	uint16_t l3; /* where the network header is in the buffer, 0: there is none */
	uint16_t l4; /* the same of the transport header, 0 in later fragments */
	be16 eth_type; /* of what is at l3 */
	uint8_t ip_proto; /* of what is at l4 */
	uint8_t flags;
	uint16_t out_port; /* for packets handed to another worker for sending */
	uint16_t ct_state;
	be64 tun_id;
	be32 tun_src;
	be32 tun_dst;
	be32 ct_mark;
	be16 ct_zone;
	uint16_t spare;
	uint32_t hash; /* of the flow, for those who spread */
	uint8_t zero[20];
};

static_assert(sizeof(struct meta) == CACHE_LINE, "meta: one cache line");

/* Workers. */

static inline struct meta *meta_of(struct rte_mbuf *pkt)
{
	return (struct meta *)(pkt + 1);
}

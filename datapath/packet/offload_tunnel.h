/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Cutting TCP packets that travel in a tunnel: each segment gets the tunnel's headers in front.
 *
 * 'encap' leaves such work pending and marks the packet with RTE_MBUF_F_TX_TUNNEL_*; it is done when
 * the packet is output.  */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

/* Workers. */

static inline bool offload_tunnel_is_pending(const struct rte_mbuf *packet)
{
	return packet->ol_flags & RTE_MBUF_F_TX_TUNNEL_MASK &&
		packet->ol_flags & RTE_MBUF_F_TX_TCP_SEG;
}

/* As offload_segment(), for a packet in a tunnel. */
uint16_t
offload_tunnel_segment(struct rte_mbuf *take_packet, struct rte_mbuf **segments, uint16_t max);

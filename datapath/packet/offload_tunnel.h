/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Work that is left to be done on packets in tunnels: TCP to be cut, where each segment gets the
 * tunnel's headers in front, checksums inside, and that of the outer UDP.
 *
 * 'encap' leaves such work pending and marks the packet with RTE_MBUF_F_TX_TUNNEL_*, and with
 * RTE_MBUF_F_TX_OUTER_UDP_CKSUM if the outer UDP is to have a checksum; that field is not zero then.
 * When the packet is output the port takes what it can do (port.tunnel_can), the rest is done here.
 *
 * Behind an MPLS label or a backbone header no port can do anything: all is done here.  */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "datapath/packet/offload.h"

/* The mark of packets whose headers are behind labels. DPDK's name for it speaks of UDP, which none of
 * ours is in. */
#define OFFLOAD_LABELLED RTE_MBUF_F_TX_TUNNEL_MPLSINUDP

/* Workers. */

/* A label has come to stand in front of the packet. */
static inline void offload_tunnel_hide(struct rte_mbuf *packet)
{
	if (unlikely(offload_is_pending(packet)) && !(packet->ol_flags & RTE_MBUF_F_TX_TUNNEL_MASK))
		packet->ol_flags |= OFFLOAD_LABELLED;
}

static inline bool offload_tunnel_is_pending(const struct rte_mbuf *packet)
{
	return packet->ol_flags & RTE_MBUF_F_TX_TUNNEL_MASK && offload_is_pending(packet);
}

/* As offload_resolve(): what is left to the receiver is described in the mbuf as DPDK has it, with
 * outer_l2_len and so on. */
uint16_t
offload_tunnel_resolve(struct rte_mbuf *take_packet, unsigned can, struct rte_mbuf **ready);
/* As offload_finish(). */
int offload_tunnel_finish(struct rte_mbuf *packet);

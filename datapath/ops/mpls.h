/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What ops on MPLS labels and service tags share.  */

#include <stdbool.h>

#include "datapath/ops/packet.h"

/* Workers. */

/* Whether 'n' bytes are there at the packet's network header. */
static inline bool packet_l3_holds(struct rte_mbuf *pkt, uint32_t n)
{
	return packet_l3(pkt) + n <= rte_pktmbuf_mtod(pkt, uint8_t *) + pkt->data_len;
}

/* Whether a whole label stack entry stands at the packet's network header. */
static inline bool packet_has_label(struct rte_mbuf *pkt)
{
	return (packet_is(pkt, TYPE_MPLS) || packet_is(pkt, TYPE_MPLS_MCAST)) &&
		packet_l3_holds(pkt, MPLS_SIZE);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What ops on MPLS labels share.  */

#include <stdbool.h>

#include "datapath/ops/packet.h"

/* Workers. */

/* Whether a whole label stack entry stands at the packet's network header. */
static inline bool packet_has_label(struct rte_mbuf *pkt)
{
	const uint8_t *end = rte_pktmbuf_mtod(pkt, uint8_t *) + pkt->data_len;

	return (packet_is(pkt, TYPE_MPLS) || packet_is(pkt, TYPE_MPLS_MCAST)) &&
		packet_l3(pkt) + MPLS_SIZE <= end;
}

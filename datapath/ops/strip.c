/* SPDX-License-Identifier: Apache-2.0 */
#include <rte_mbuf.h>

#include "datapath/fast/meta.h"
#include "datapath/ops/encap.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/offload_tunnel.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

#define OF_TUNNELS (RTE_MBUF_F_TX_TUNNEL_MASK | RTE_MBUF_F_TX_OUTER_UDP_CKSUM)

/* It may have got labels before it entered the tunnel. */
static void hide_again(struct rte_mbuf *pkt)
{
	if (packet_is(pkt, TYPE_MPLS) || packet_is(pkt, TYPE_MPLS_MCAST) ||
	    packet_is(pkt, TYPE_PBB))
		offload_tunnel_hide(pkt);
}

/* The headers stand in a segment of their own; the packet's own knows all about itself. */
static struct rte_mbuf *take_front_off(struct rte_mbuf *front)
{
	struct rte_mbuf *pkt = front->next;

	pkt->pkt_len = front->pkt_len - front->data_len;
	pkt->nb_segs = front->nb_segs - 1;
	pkt->port = front->port;
	offload_set_flags(pkt, front->ol_flags & ~OF_TUNNELS);
	pkt->tso_segsz = front->tso_segsz;
	rte_pktmbuf_free_seg(front);
	return pkt;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *pkt = pkts[i];
		struct meta *meta = meta_of(pkt);

		if (unlikely(!meta->inner_start)) {
			pkts[i] = take_front_off(pkt);
			hide_again(pkts[i]);
			continue;
		}
		rte_pktmbuf_adj(pkt, meta->inner_start - pkt->data_off);
		pkt->ol_flags &= ~OF_TUNNELS;
		meta->l3 = meta->inner_l3;
		meta->l4 = meta->inner_l4;
		meta->eth_type = meta->inner_eth_type;
		meta->ip_proto = meta->inner_ip_proto;
		hide_again(pkt);
	}
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	strbuf_add(out, "strip");
}

const struct op_type op_strip = {
	.name = "strip",
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_strip);

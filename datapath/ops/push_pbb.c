/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/push_pbb.h"

#include <assert.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/fast/headers.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/offload_tunnel.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(no_room_for_pbb, "no room was left in front of the packet for a backbone header");

enum {
	ADDRESSES = 2 * sizeof(struct mac),
};

static void push_one(struct rte_mbuf *pkt, const struct op_push_pbb *push)
{
	uint8_t *frame = (uint8_t *)rte_pktmbuf_prepend(pkt, PBB_SIZE);
	struct meta *meta = meta_of(pkt);

	/* The caller has seen that there is room. */
	assert(frame);
	memcpy(frame, frame + PBB_SIZE, ADDRESSES);
	memcpy(frame + ADDRESSES, &push->eth_type, 2);
	memcpy(frame + ETH_SIZE, &push->tag, PBB_TAG_SIZE);
	meta->l3 = pkt->data_off + ETH_SIZE;
	meta->l4 = 0;
	meta->eth_type = push->eth_type;
	offload_tunnel_hide(pkt);
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t left = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *pkt = pkts[i];

		if (unlikely(rte_pktmbuf_headroom(pkt) < PBB_SIZE || pkt->data_len < ETH_SIZE)) {
			worker_drop(worker, &pkt, 1, &drop_no_room_for_pbb);
			continue;
		}
		push_one(pkt, args);
		pkts[left++] = pkt;
	}
	return left;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_push_pbb *push = args;
	uint32_t tag = be32_to(push->tag);

	strbuf_addf(
		out,
		"push_pbb(isid=%u,uca=%u,pcp=%u)",
		tag & PBB_ISID,
		tag & PBB_UCA ? 1 : 0,
		tag >> 29
	);
}

const struct op_type op_push_pbb = {
	.name = "push_pbb",
	.size = sizeof(struct op_push_pbb),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_push_pbb);

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/push_mpls.h"

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

DROP_REASON(no_room_for_label, "no room was left in front of the packet for an MPLS label");

static void push_one(struct rte_mbuf *pkt, const struct op_push_mpls *push, uint16_t inside)
{
	uint8_t *frame = (uint8_t *)rte_pktmbuf_prepend(pkt, MPLS_SIZE);
	struct meta *meta = meta_of(pkt);

	/* The caller has seen that there is room. */
	assert(frame);
	memmove(frame, frame + MPLS_SIZE, inside);
	memcpy(frame + inside - 2, &push->eth_type, 2);
	memcpy(frame + inside, &push->entry, MPLS_SIZE);
	meta->l3 = pkt->data_off + inside;
	meta->eth_type = push->eth_type;
	offload_tunnel_hide(pkt);
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t left = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *pkt = pkts[i];
		uint16_t inside = packet_find_inside(pkt);

		if (unlikely(rte_pktmbuf_headroom(pkt) < MPLS_SIZE || inside > pkt->data_len)) {
			worker_drop(worker, &pkt, 1, &drop_no_room_for_label);
			continue;
		}
		push_one(pkt, args, inside);
		pkts[left++] = pkt;
	}
	return left;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_push_mpls *push = args;
	uint32_t entry = be32_to(push->entry);

	strbuf_addf(
		out,
		"push_mpls(label=%u,tc=%u,ttl=%u,bos=%u,eth_type=0x%04x)",
		entry >> 12,
		entry >> 9 & 7,
		entry & 0xff,
		entry >> 8 & 1,
		be16_to(push->eth_type)
	);
}

const struct op_type op_push_mpls = {
	.name = "push_mpls",
	.size = sizeof(struct op_push_mpls),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_push_mpls);

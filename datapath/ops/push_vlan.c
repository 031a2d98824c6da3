/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/push_vlan.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/fast/headers.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(no_headroom, "no room was left in front of the packet for another header");

enum {
	ADDRESSES = 12, /* bytes in front of the tags */
};

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_push_vlan *push = args;
	uint32_t tag = push->tpid | (uint32_t)push->tci << 16;
	uint16_t left = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *pkt = pkts[i];

		if (unlikely(rte_pktmbuf_headroom(pkt) < VLAN_SIZE || pkt->data_len < ADDRESSES)) {
			worker_drop(worker, &pkt, 1, &drop_no_headroom);
			continue;
		}
		uint8_t *frame = (uint8_t *)rte_pktmbuf_prepend(pkt, VLAN_SIZE);
		uint64_t dst = load64(frame + VLAN_SIZE);
		uint32_t src = load32(frame + VLAN_SIZE + 8);

		memcpy(frame, &dst, sizeof(dst));
		memcpy(frame + 8, &src, sizeof(src));
		memcpy(frame + ADDRESSES, &tag, sizeof(tag));
		pkts[left++] = pkt;
	}
	return left;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_push_vlan *push = args;
	uint16_t tci = be16_to(push->tci), tpid = be16_to(push->tpid);

	strbuf_add(out, "push_vlan(");
	if (tpid != TYPE_VLAN)
		strbuf_addf(out, "tpid=0x%04x,", tpid);
	strbuf_addf(out, "vid=%u,pcp=%u)", tci & 0xfff, tci >> 13);
}

static_assert(sizeof(struct op_push_vlan) == VLAN_SIZE, "push_vlan: the arguments are the tag");

const struct op_type op_push_vlan = {
	.name = "push_vlan",
	.size = sizeof(struct op_push_vlan),
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_push_vlan);

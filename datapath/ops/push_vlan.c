/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/push_vlan.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(no_headroom, "no room was left in front of the packet for another header");

enum {
	ADDRESSES = 12, /* bytes in front of the tags */
	TAG = 4
};

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_push_vlan *push = args;
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *pkt = pkts[i];
		char *frame = rte_pktmbuf_prepend(pkt, TAG);

		if (unlikely(!frame)) {
			worker_drop(worker, &pkt, 1, &drop_no_headroom);
			continue;
		}
		memmove(frame, frame + TAG, ADDRESSES);
		memcpy(frame + ADDRESSES, push, TAG);
		pkts[kept++] = pkt;
	}
	return kept;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_push_vlan *push = args;
	uint16_t tci = be16_to(push->tci), tpid = be16_to(push->tpid);

	strbuf_add(out, "push_vlan(");
	if (tpid != 0x8100)
		strbuf_addf(out, "tpid=0x%04x,", tpid);
	strbuf_addf(out, "vid=%u,pcp=%u)", tci & 0xfff, tci >> 13);
}

static_assert(sizeof(struct op_push_vlan) == TAG, "push_vlan: the arguments are the tag");

const struct op_type op_push_vlan = {
	.name = "push_vlan",
	.size = sizeof(struct op_push_vlan),
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_push_vlan);

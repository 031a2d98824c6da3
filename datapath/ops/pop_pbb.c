/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/pop_pbb.h"

#include <assert.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/mpls.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

enum {
	ADDRESSES = 2 * sizeof(struct mac),
	TAGS_MAX = 4 * VLAN_SIZE, /* bytes of backbone tags that can stand in front */
};

static void pop_one(struct rte_mbuf *pkt)
{
	struct meta *meta = meta_of(pkt);
	uint16_t tags = meta->l3 - pkt->data_off - ETH_SIZE;
	uint8_t *frame = rte_pktmbuf_mtod(pkt, uint8_t *);
	uint8_t start[ADDRESSES + TAGS_MAX];

	if (tags > TAGS_MAX)
		return;
	memcpy(start, packet_l3(pkt) + PBB_TAG_SIZE, ADDRESSES);
	memcpy(start + ADDRESSES, frame + ADDRESSES, tags);
	frame = (uint8_t *)rte_pktmbuf_adj(pkt, PBB_SIZE);
	assert(frame);
	memcpy(frame, start, ADDRESSES + tags);
	meta->l3 = meta->l4 = 0;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		if (likely(packet_is(pkts[i], TYPE_PBB) && packet_l3_holds(pkts[i], PBB_SIZE - 2)))
			pop_one(pkts[i]);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	strbuf_add(out, "pop_pbb");
}

const struct op_type op_pop_pbb = {
	.name = "pop_pbb",
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_pop_pbb);

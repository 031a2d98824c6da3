/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/pop_mpls.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/mpls.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

static void pop_one(struct rte_mbuf *pkt, be16 eth_type)
{
	struct meta *meta = meta_of(pkt);
	uint16_t inside = meta->l3 - pkt->data_off;
	uint8_t *frame = rte_pktmbuf_mtod(pkt, uint8_t *);

	memcpy(frame + inside - 2, &eth_type, sizeof(eth_type));
	memmove(frame + MPLS_SIZE, frame, inside);
	rte_pktmbuf_adj(pkt, MPLS_SIZE);
	meta->l3 += MPLS_SIZE;
	meta->eth_type = eth_type;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_pop_mpls *pop = args;

	for (uint16_t i = 0; i < n; i++)
		if (likely(packet_has_label(pkts[i])))
			pop_one(pkts[i], pop->eth_type);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_pop_mpls *pop = args;

	strbuf_addf(out, "pop_mpls(eth_type=0x%04x)", be16_to(pop->eth_type));
}

const struct op_type op_pop_mpls = {
	.name = "pop_mpls",
	.size = sizeof(struct op_pop_mpls),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_pop_mpls);

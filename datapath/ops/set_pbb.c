/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_pbb.h"

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/format.h"
#include "datapath/ops/packet.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_set_pbb *set = args;

	for (uint16_t i = 0; i < n; i++)
		if (likely(packet_is(pkts[i], TYPE_PBB)))
			packet_set_bits(
				packet_l3(pkts[i]), &set->tag, &set->tag_mask, PBB_TAG_SIZE
			);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_pbb *set = args;
	uint32_t tag = be32_to(set->tag), mask = be32_to(set->tag_mask);

	strbuf_add(out, "set(pbb(");
	format_number(out, "isid", tag & PBB_ISID, mask & PBB_ISID, PBB_ISID);
	if (mask & PBB_UCA)
		strbuf_addf(out, "uca=%u,", tag & PBB_UCA ? 1 : 0);
	strbuf_chomp(out, ',');
	strbuf_add(out, "))");
}

const struct op_type op_set_pbb = {
	.name = "set_pbb",
	.size = sizeof(struct op_set_pbb),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_pbb);

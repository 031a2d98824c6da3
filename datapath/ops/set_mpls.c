/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_mpls.h"

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/format.h"
#include "datapath/ops/mpls.h"
#include "datapath/ops/packet.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_set_mpls *set = args;

	for (uint16_t i = 0; i < n; i++)
		if (likely(packet_has_label(pkts[i])))
			packet_set_bits(
				packet_l3(pkts[i]), &set->entry, &set->entry_mask, MPLS_SIZE
			);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_mpls *set = args;
	uint32_t entry = be32_to(set->entry), mask = be32_to(set->entry_mask);

	strbuf_add(out, "set(mpls(");
	format_number(out, "label", entry >> 12, mask >> 12, 0xfffff);
	if (mask & MPLS_BOTTOM)
		strbuf_addf(out, "bos=%u,", entry & MPLS_BOTTOM ? 1 : 0);
	format_number(out, "tc", entry >> 9 & 7, mask >> 9 & 7, 7);
	format_number(out, "ttl", entry & 0xff, mask & 0xff, 0xff);
	strbuf_chomp(out, ',');
	strbuf_add(out, "))");
}

const struct op_type op_set_mpls = {
	.name = "set_mpls",
	.size = sizeof(struct op_set_mpls),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_mpls);

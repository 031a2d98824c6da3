/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_vlan.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/ops/packet.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

enum {
	VID_MASK = 0x0fff,
	PCP_MASK = 0xe000,
};

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_set_vlan *set = args;

	for (uint16_t i = 0; i < n; i++) {
		uint8_t *tci = rte_pktmbuf_mtod(pkts[i], uint8_t *) + ETH_SIZE;

		if (unlikely(!packet_is_tagged(pkts[i])))
			continue;
		uint16_t new = (load16(tci) & set->keep) | set->tci;

		memcpy(tci, &new, sizeof(new));
	}
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_vlan *set = args;
	uint16_t tci = be16_to(set->tci), keep = be16_to(set->keep);

	strbuf_add(out, "set_vlan(");
	if (~keep & VID_MASK)
		strbuf_addf(out, "vid=%u,", tci & VID_MASK);
	if (~keep & PCP_MASK)
		strbuf_addf(out, "pcp=%u", tci >> 13);
	strbuf_chomp(out, ',');
	strbuf_add_char(out, ')');
}

const struct op_type op_set_vlan = {
	.name = "set_vlan",
	.size = sizeof(struct op_set_vlan),
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_vlan);

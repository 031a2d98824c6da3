/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_vlan.h"

#include <string.h>

#include <rte_mbuf.h>

#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

enum {
	TCI_AT = 14, /* behind the addresses and the tag's type */
};

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_set_vlan *set = args;

	for (uint16_t i = 0; i < n; i++)
		memcpy(rte_pktmbuf_mtod_offset(pkts[i], char *, TCI_AT), &set->tci, 2);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_vlan *set = args;
	uint16_t tci = be16_to(set->tci);

	strbuf_addf(out, "set_vlan(vid=%u,pcp=%u)", tci & 0xfff, tci >> 13);
}

const struct op_type op_set_vlan = {
	.name = "set_vlan",
	.size = sizeof(struct op_set_vlan),
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_vlan);

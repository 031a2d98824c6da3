/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/storm.h"

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/meter/meter.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_storm *op = args;
	struct meter_verdict verdict;
	uint16_t left = 0;

	meter_measure(op->slot, pkts, n, &verdict);
	if (likely(!verdict.drop))
		return n;
	for (uint16_t i = 0; i < n; i++) {
		if (verdict.drop >> i & 1)
			worker_drop(worker, &pkts[i], 1, op->reason);
		else
			pkts[left++] = pkts[i];
	}
	return left;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_storm *op = args;

	strbuf_addf(out, "limit(%s)", op->reason->name);
}

const struct op_type op_storm = {
	.name = "storm",
	.size = sizeof(struct op_storm),
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_storm);

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/storm.h"

#include "datapath/drop.h"
#include "datapath/ops/meter.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_storm *op = args;

	return op_meter_drop(worker, op->slot, pkts, n, op->reason);
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

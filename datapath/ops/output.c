/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/output.h"

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/fast/transmit.h"
#include "datapath/meta.h"
#include "datapath/pool.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(no_buffer, "no memory for a copy of the packet was left in the pool");

uint16_t
output_run_last(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_output *output = args;

	transmit_append(worker, output->port_id, pkts, n);
	return 0;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_output *output = args;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *copy = rte_pktmbuf_copy(pkts[i], worker->pool, 0, UINT32_MAX);

		if (unlikely(!copy)) {
			worker_count_drop(worker, pkts[i]->port, &drop_no_buffer);
			continue;
		}
		transmit_append(worker, output->port_id, &copy, 1);
	}
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_output *output = args;

	strbuf_addf(out, "%u", output->port_id);
}

const struct op_type op_output = {
	.name = "output",
	.size = sizeof(struct op_output),
	.effect = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_output);

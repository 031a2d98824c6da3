/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/drop.h"

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_drop *drop = args;

	worker_drop(worker, pkts, n, drop->reason);
	return 0;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_drop *drop = args;

	strbuf_addf(out, "drop(%s)", drop->reason->name);
}

const struct op_type op_drop = {
	.name = "drop",
	.size = sizeof(struct op_drop),
	.effect = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_drop);

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_queue.h"

#include <rte_mbuf_dyn.h>

#include "datapath/fast/queue.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

uint64_t queue_flag;

void queue_init(void)
{
	static const struct rte_mbuf_dynflag wanted = {.name = "weir_queue"};
	int bit = rte_mbuf_dynflag_register(&wanted);

	/* Without a bit left everything is in queue 0. */
	queue_flag = bit < 0 ? 0 : 1ULL << bit;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_set_queue *set = args;

	for (uint16_t i = 0; i < n; i++)
		queue_choose(pkts[i], set->queue);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_queue *set = args;

	strbuf_addf(out, "set_queue(%u)", set->queue);
}

const struct op_type op_set_queue = {
	.name = "set_queue",
	.size = sizeof(struct op_set_queue),
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_queue);

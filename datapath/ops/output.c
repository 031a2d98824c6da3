/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/output.h"

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/fast/meta.h"
#include "datapath/fast/transmit.h"
#include "datapath/pool.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(no_buffer, "no memory for a copy of the packet was left in the pool");

static void truncate_one(struct rte_mbuf *pkt, uint32_t size)
{
	struct rte_mbuf *last = pkt;
	uint32_t left = size;
	uint16_t n = 1;

	for (; last->data_len < left; n++) {
		left -= last->data_len;
		last = last->next;
	}
	last->data_len = left;
	rte_pktmbuf_free(last->next);
	last->next = NULL;
	pkt->nb_segs = n;
	pkt->pkt_len = size;
}

static __attribute__((noinline)) void truncate(struct rte_mbuf **pkts, uint16_t n, uint16_t size)
{
	for (uint16_t i = 0; i < n; i++)
		if (pkts[i]->pkt_len > size)
			truncate_one(pkts[i], size);
}

uint16_t
output_run_last(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_output *output = args;

	if (unlikely(output->max_size))
		truncate(pkts, n, output->max_size);
	transmit_append(worker, output->port_id, pkts, n);
	return 0;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_output *output = args;
	uint32_t size = output->max_size ? output->max_size : UINT32_MAX;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *copy = rte_pktmbuf_copy(pkts[i], worker->pool, 0, size);

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

	if (output->max_size)
		strbuf_addf(out, "trunc(%u),", output->max_size);
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

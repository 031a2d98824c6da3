/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/execute.h"

#include <stddef.h>
#include <string.h>

#include "datapath/fast/lane.h"
#include "datapath/fast/meta.h"
#include "datapath/fast/transmit.h"
#include "datapath/ops/encap_plain.h"
#include "datapath/program_priv.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

#include "datapath/fast/fast.h"

DROP_REASON(headers_split, "the packet's headers stand in pieces that could not be put together");

/* The packets of a batch whose programs are more than one output: lists of those that share one,
 * threaded through 'next'. */
struct groups {
	unsigned n;
	const struct program *programs[BATCH_SIZE];
	uint8_t first[BATCH_SIZE];
	uint8_t last[BATCH_SIZE];
	uint8_t next[BATCH_SIZE];
};

enum {
	GROUP_END = 0xff,
	/* Bytes of headers that ops may reach for. */
	L3_TOUCHED = 40,
	L4_TOUCHED = 40,
};

static inline void group_add(struct groups *groups, const struct program *program, unsigned i)
{
	unsigned g = 0;

	while (g < groups->n && groups->programs[g] != program)
		g++;
	groups->next[i] = GROUP_END;
	if (g == groups->n) {
		groups->programs[g] = program;
		groups->first[g] = i;
		groups->n++;
	} else {
		groups->next[groups->last[g]] = i;
	}
	groups->last[g] = i;
}

bool execute_pull(struct rte_mbuf *pkt, uint32_t n)
{
	uint32_t missing = n - pkt->data_len;
	uint8_t *end = rte_pktmbuf_mtod_offset(pkt, uint8_t *, pkt->data_len);

	if (missing > rte_pktmbuf_tailroom(pkt))
		return false;
	pkt->data_len = n;
	while (missing) {
		struct rte_mbuf *next = pkt->next;
		uint32_t part = missing < next->data_len ? missing : next->data_len;

		memcpy(end, rte_pktmbuf_mtod(next, const void *), part);
		end += part;
		missing -= part;
		next->data_off += part;
		next->data_len -= part;
		if (next->data_len)
			continue;
		pkt->next = next->next;
		pkt->nb_segs--;
		rte_pktmbuf_free_seg(next);
	}
	return true;
}

bool execute_set_meta(struct worker *worker, unsigned i, struct rte_mbuf *pkt)
{
	const struct key_base *key = (const void *)worker->keys.blocks[0][i];
	uint16_t l3 = worker->keys.starts[i].l3;
	uint16_t l4 = worker->keys.starts[i].l4;
	uint32_t headers = l4 ? l4 + L4_TOUCHED : l3 + L3_TOUCHED;
	struct meta *meta = meta_of(pkt);

	if (unlikely(pkt->nb_segs > 1 && pkt->data_len < headers)) {
		if (headers > pkt->pkt_len)
			headers = pkt->pkt_len;
		if (pkt->data_len < headers && !execute_pull(pkt, headers)) {
			worker_drop(worker, &pkt, 1, &drop_headers_split);
			return false;
		}
	}
	if (likely(!(key->blocks & KEY_HAS(KEY_BLOCK_TUNNEL))))
		memset(meta, 0, sizeof(*meta));
	meta->recirc = key->recirc;
	uint32_t start3 = l3 ? (uint16_t)(pkt->data_off + l3) : 0;
	uint32_t start4 = l4 ? (uint16_t)(pkt->data_off + l4) : 0;
	uint32_t both = start3 | start4 << 16;

	/* Stored as one, because ops load both at once. */
	memcpy(&meta->l3, &both, sizeof(both));
	meta->eth_type = key->eth_type;
	meta->ip_proto = key->ip_proto;
	meta->tun_id = key->tun_id;
	meta->tun_src = key->tun_src;
	meta->tun_dst = key->tun_dst;
	meta->hash = worker->keys.hashes[i];
	return true;
}

/* From the op 'first' on. */
static inline void
run_ops(struct worker *worker,
	const struct program *program,
	unsigned first,
	struct rte_mbuf **pkts,
	uint16_t n)
{
	for (unsigned i = first; i < program->n_ops && n; i++)
		n = program->ops[i].run(worker, program->ops[i].args, pkts, n);
	/* The last op had its effect without taking the packet: nothing is left to do with it. */
	if (n)
		rte_pktmbuf_free_bulk(pkts, n);
}

void execute_program(
	struct worker *worker, const struct program *program, struct rte_mbuf **pkts, uint16_t n
)
{
	run_ops(worker, program, 0, pkts, n);
}

/* Runs a program over packets just parsed, whose keys stand at 'places'. */
static void execute_parsed(
	struct worker *worker,
	const struct program *program,
	struct rte_mbuf **pkts,
	const uint8_t *places,
	uint16_t n
)
{
	uint16_t left = 0;

	if (program->rewrites) {
		n = rewrite_run(worker, &program->rewrite, pkts, places, n);
		run_ops(worker, program, program->rewrite.n_ops, pkts, n);
		return;
	}
	if (program->encaps) {
		n = encap_run_plain(worker, program->ops[0].args, pkts, places, n, program->sends);
		run_ops(worker, program, 1, pkts, n);
		return;
	}
	if (program->needs_meta) {
		for (uint16_t i = 0; i < n; i++)
			if (likely(execute_set_meta(worker, places[i], pkts[i])))
				pkts[left++] = pkts[i];
		n = left;
	}
	if (unlikely(program->decaps && n))
		lanes_learn(worker, worker->lookup.flows[places[0]], pkts[0]);
	run_ops(worker, program, 0, pkts, n);
}

static void run_groups(struct worker *worker, struct groups *groups, struct batch *batch)
{
	struct rte_mbuf *pkts[BATCH_SIZE];
	uint8_t places[BATCH_SIZE];

	for (unsigned g = 0; g < groups->n; g++) {
		uint16_t n = 0;

		for (unsigned i = groups->first[g]; i != GROUP_END; i = groups->next[i]) {
			places[n] = i;
			pkts[n++] = batch->pkts[i];
		}
		execute_parsed(worker, groups->programs[g], pkts, places, n);
	}
}

/* All packets of the batch have the same program. */
static void run_same(struct worker *worker, const struct program *program, struct batch *batch)
{
	static const uint8_t places[BATCH_SIZE] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
						   11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
						   22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

	if (likely(program->output))
		transmit_append(worker, program->output, batch->pkts, batch->n);
	else
		execute_parsed(worker, program, batch->pkts, places, batch->n);
}

static __attribute__((noinline)) void
run_mixed(struct worker *worker, const struct program *const *programs, struct batch *batch)
{
	struct groups groups;

	groups.n = 0;
	BATCH_FOREACH(i, batch) {
		if (unlikely(!programs[i]))
			continue;
		if (programs[i]->output)
			transmit_one(worker, programs[i]->output, batch->pkts[i]);
		else
			group_add(&groups, programs[i], i);
	}
	if (groups.n)
		run_groups(worker, &groups, batch);
}

void execute_same(struct worker *worker, struct batch *batch, uint64_t bytes)
{
	const struct flow *flow = worker->lookup.flows[0];
	struct flow_counters *counters = &worker->flow_counters[flow_id(flow)];

	COUNTER_ADD(counters->packets, batch->n);
	COUNTER_ADD(counters->bytes, bytes);
	COUNTER_SET(counters->used_ms, worker->now_ms);
	COUNTER_SET(counters->tcp_flags, counters->tcp_flags | worker->lookup.tcp_flags);
	run_same(worker, epoch_load(&flow->program), batch);
}

void execute_batch(struct worker *worker, struct batch *batch)
{
	const struct program *programs[BATCH_SIZE];
	const struct program *first = NULL;
	const struct lookup *lookup = &worker->lookup;
	int64_t now = worker->now_ms;
	bool same = true;

	BATCH_FOREACH(i, batch) {
		const struct flow *flow = lookup->flows[i];

		programs[i] = NULL;
		if (likely(flow)) {
			const struct key_base *key = (const void *)worker->keys.blocks[0][i];
			struct flow_counters *counters = &worker->flow_counters[flow_id(flow)];

			COUNTER_ADD(counters->packets, 1);
			COUNTER_ADD(counters->bytes, batch->pkts[i]->pkt_len);
			COUNTER_SET(counters->used_ms, now);
			COUNTER_SET(counters->tcp_flags, counters->tcp_flags | key->tcp_flags);
			programs[i] = epoch_load(&flow->program);
		}
		if (i == 0)
			first = programs[i];
		same &= programs[i] == first;
	}
	if (same && likely(first))
		run_same(worker, first, batch);
	else
		run_mixed(worker, programs, batch);
}

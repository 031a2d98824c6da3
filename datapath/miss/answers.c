/* SPDX-License-Identifier: Apache-2.0 */

/* What translators say about packets that were set aside lets these go on, and what waited behind them, in
 * order.  */

#include <string.h>

#include <rte_prefetch.h>

#include "datapath/fast/execute.h"
#include "datapath/fast/process.h"
#include "datapath/fast/transmit.h"
#include "datapath/miss/aside.h"
#include "datapath/miss_priv.h"
#include "datapath/program_priv.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

#include "datapath/fast/fast.h"

/* What no flow is there for gets the translator's own answer, if it is what was asked about. The first
 * that is not only waited behind, and is asked about now, with all behind it: 'held' says that such a
 * one was before them. So is the first that came after the miss if the answer does not hold any more.
 * Returns whether there was one. */
static bool
apply_answer(struct worker *worker, struct batch *batch, const struct miss *asked, bool held)
{
	const struct program *program = asked->program;
	struct lookup *lookup = &worker->lookup;
	struct rte_mbuf *pkts[BATCH_SIZE];
	struct asking asking;
	struct key other;
	uint16_t n = 0;

	asking.n = 0;
	BATCH_FOREACH(i, batch) {
		if (lookup->flows[i])
			continue;
		if (!held && batch->pkts[i] != asked->first)
			held = miss_is_old(asked);
		if (!held) {
			keys_get(&worker->keys, i, &other);
			held = memcmp(&other, &asked->key, sizeof(other));
		}
		if (held) {
			aside_set_one(worker, i, batch->pkts[i], &asking);
			continue;
		}
		if (program && program->needs_meta && !execute_set_meta(worker, i, batch->pkts[i]))
			continue;
		pkts[n++] = batch->pkts[i];
	}
	aside_ask(worker, &asking);
	if (n && program)
		execute_program(worker, program, pkts, n);
	else if (n)
		worker_drop(worker, pkts, n, asked->drop);
	return held;
}

/* A flow may have come, or come back, while packets were looked up one after the other: those behind
 * one that has none, or that is held, do not go before it. */
static void keep_order(struct lookup *lookup, uint16_t n, bool held)
{
	for (uint16_t i = 0; i < n; i++) {
		held |= !lookup->flows[i];
		if (held)
			lookup->flows[i] = NULL;
	}
}

/* A packet that nobody waits behind, and that there is a flow for now: it need not be looked up, and
 * not parsed again if the program does without. Returns whether it was done. */
static bool process_alone(struct worker *worker, const struct pending *pending)
{
	const struct flow *flow = pending->miss.made.flow;
	struct rte_mbuf *pkt = pending->miss.first;
	const struct program *program;

	if (pending->n_waiting || !flow_lives(&pending->miss.made))
		return false;
	program = epoch_load(&flow->program);
	if (program->needs_meta)
		return false;
	struct flow_counters *counters = &worker->flow_counters[flow_id(flow)];

	counters->packets++;
	counters->bytes += pkt->pkt_len;
	counters->used_ms = worker->now_ms;
	counters->tcp_flags |= pending->miss.key.base.tcp_flags;
	worker->stats.flow_hits++;
	execute_program(worker, program, &pkt, 1);
	return true;
}

/* Looks up packets that waited for one answer; 'held' and the result are as apply_answer()'s. */
static bool
look_again(struct worker *worker, struct batch *batch, const struct miss *asked, bool held)
{
	process_find_flows(worker, batch);
	if (!held && !worker->lookup.n_left) {
		execute_batch(worker, batch);
		return false;
	}
	/* The entry is free, and may be the next one that is needed. */
	struct miss kept = *asked;

	keep_order(&worker->lookup, batch->n, held);
	execute_batch(worker, batch);
	return apply_answer(worker, batch, &kept, held);
}

/* Those that found no place in the entry. Returns how many. */
static __attribute__((noinline)) unsigned process_more(
	struct worker *worker,
	uint16_t port,
	uint32_t recirc,
	struct pending_more *more,
	const struct miss *asked,
	bool held
)
{
	struct pending_more *next;
	struct batch batch;
	unsigned n = 0;

	for (; more; more = next) {
		worker->recirc = 0;
		process_rest(worker);
		worker->in_port = port;
		worker->recirc = recirc;
		batch.n = more->n;
		memcpy(batch.pkts, more->pkts, more->n * sizeof(more->pkts[0]));
		next = more->next;
		pending_free_more(worker->pending, port, more);
		held = look_again(worker, &batch, asked, held);
		n += batch.n;
	}
	return n;
}

/* Looks up what waited, and all that waited behind it. */
static unsigned process_waiting(struct worker *worker, struct pending *pending)
{
	struct batch batch;

	batch.pkts[0] = pending->miss.first;
	batch.n = 1;
	for (unsigned i = 0; i < pending->n_waiting; i++)
		batch.pkts[batch.n++] = pending->waiting[i];
	if (likely(!pending->more)) {
		look_again(worker, &batch, &pending->miss, false);
		return batch.n;
	}
	struct miss asked = pending->miss;
	struct pending_more *more = pending->more;
	uint16_t port = pending->port;
	uint32_t recirc = pending->recirc;
	bool held = look_again(worker, &batch, &asked, false);

	return batch.n + process_more(worker, port, recirc, more, &asked, held);
}

static unsigned process_answer(struct worker *worker, struct pending *pending)
{
	unsigned n = 1;

	worker->in_port = pending->port;
	worker->recirc = pending->recirc;
	pending_free(worker->pending, pending);
	worker->stats.answers++;
	if (!process_alone(worker, pending))
		n = process_waiting(worker, pending);
	worker->recirc = 0;
	process_rest(worker);
	return n;
}

/* What answers will need: all is fetched at once, and part of it from other cores. */
static void fetch_answers(const struct worker *worker, struct pending *const *pendings, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct flow *flow = pendings[i]->miss.made.flow;

		rte_prefetch0(pendings[i]->miss.first);
		if (!flow)
			continue;
		rte_prefetch0(&flow->live);
		rte_prefetch0(&worker->flow_counters[flow_id(flow)]);
	}
}

unsigned answers_process(struct worker *worker)
{
	struct pending *pendings[BATCH_SIZE];
	unsigned n_answers = 0, n_packets = 0, n;

	while ((n = misses_take_answers(worker->pending, pendings, BATCH_SIZE))) {
		fetch_answers(worker, pendings, n);
		for (unsigned i = 0; i < n; i++)
			n_packets += process_answer(worker, pendings[i]);
		n_answers += n;
	}
	if (!n_answers)
		return 0;
	transmit_flush_all(worker);
	miss_done(worker->pending, n_answers);
	return n_packets;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What translators say about packets that were set aside lets these go on, and what waited behind them, in
 * order.  */

#include <string.h>

#include <rte_prefetch.h>

#include "datapath/fast/execute.h"
#include "datapath/fast/lane.h"
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

	aside_begin(&asking);
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

/* Looks up what waited, beginning with the first packet if that is not NULL. Returns how many packets
 * that were. */
static unsigned
process_waiting(struct worker *worker, struct pending *pending, struct rte_mbuf *first)
{
	uint16_t n_waiting = pending_slot(worker->pending, pending)->n_waiting;
	struct batch batch = {.n = 0};

	worker->recirc = pending->miss.key.base.recirc;
	if (first)
		batch.pkts[batch.n++] = first;
	for (unsigned i = 0; i < n_waiting; i++)
		batch.pkts[batch.n++] = pending->waiting[i];
	if (likely(!n_waiting || !pending->more)) {
		look_again(worker, &batch, &pending->miss, false);
		return batch.n;
	}
	struct miss asked = pending->miss;
	struct pending_more *more = pending->more;
	uint16_t port = asked.port;
	uint32_t recirc = asked.key.base.recirc;
	bool held = look_again(worker, &batch, &asked, false);

	return batch.n + process_more(worker, port, recirc, more, &asked, held);
}

/* Packets that are alone with their answers, or the first of them, go on together with others of which the
 * same was said. */
struct together {
	const struct program *program; /* or NULL … */
	const struct drop_reason *drop; /* … and why they are dropped */
	uint16_t n;
	struct rte_mbuf *pkts[BATCH_SIZE];
};

static __attribute__((noinline)) void go_on(struct worker *worker, struct together *together)
{
	if (!together->n)
		return;
	if (likely(together->program))
		execute_program(worker, together->program, together->pkts, together->n);
	else
		worker_drop(worker, together->pkts, together->n, together->drop);
	together->n = 0;
	process_rest(worker);
}

/* Packets that the same is said of may join afterwards. */
static inline void
choose(struct worker *worker, const struct pending *pending, struct together *together)
{
	const struct miss *miss = &pending->miss;

	if (unlikely(together->program != miss->program || together->drop != miss->drop)) {
		go_on(worker, together);
		together->program = miss->program;
		together->drop = miss->drop;
	}
	worker->in_port = miss->port;
}

static inline bool needs_parsing(const struct miss *miss)
{
	return miss->program && miss->program->needs_meta;
}

/* Fills in the packet's metadata, for programs that read it; what comes out of a tunnel leaves a lane.
 * False: the packet is gone. */
static __attribute__((noinline)) bool parse_again(struct worker *worker, struct pending *pending)
{
	struct batch batch = {.n = 1, .pkts = {pending->miss.first}};

	worker->recirc = pending->miss.key.base.recirc;
	process_parse(worker, &batch);
	bool there = execute_set_meta(worker, 0, batch.pkts[0]);

	if (there && pending->miss.program->decaps && flow_lives(&pending->miss.made))
		lanes_learn(worker, pending->miss.made.flow, batch.pkts[0]);
	worker->recirc = 0;
	return there;
}

/* Counts the first packet of an entry for the flow that it turned out to have. */
static void count_first(struct worker *worker, const struct miss *miss)
{
	struct flow_counters *counters = &worker->flow_counters[flow_id(miss->made.flow)];

	COUNTER_ADD(counters->packets, 1);
	COUNTER_ADD(counters->bytes, miss->length);
	COUNTER_SET(counters->used_ms, worker->now_ms);
	COUNTER_SET(counters->tcp_flags, counters->tcp_flags | miss->key.base.tcp_flags);
}

/* The first packet of an entry is the one that was asked about: it does what the answer says, without
 * another lookup, unless the flow that is to count it has gone meanwhile. False: look it up. */
static bool process_first(struct worker *worker, struct pending *pending, struct together *together)
{
	const struct miss *miss = &pending->miss;

	if (miss->made.flow && !miss->counted) {
		if (!flow_lives(&miss->made))
			return false;
		count_first(worker, miss);
	}
	choose(worker, pending, together);
	if (needs_parsing(miss) && !parse_again(worker, pending))
		return true;
	together->pkts[together->n++] = miss->first;
	return true;
}

/* Whether nothing is to be done but what the answer says, with one packet. */
static inline bool is_plain(const struct pending *pending, const struct pending_slot *slot)
{
	const struct miss *miss = &pending->miss;

	return (miss->counted || !miss->made.flow) && !slot->n_waiting && !needs_parsing(miss);
}

/* Returns how many packets went on, or will with 'together'. */
static __attribute__((noinline)) unsigned
process_answer(struct worker *worker, struct pending *pending, struct together *together)
{
	struct rte_mbuf *first = pending->miss.first;
	unsigned n = 0;

	if (process_first(worker, pending, together)) {
		n = 1;
		first = NULL;
	}
	if (!first && !pending_slot(worker->pending, pending)->n_waiting) {
		pending_free(worker->pending, pending);
		return n;
	}
	go_on(worker, together);
	pending_free(worker->pending, pending);
	worker->in_port = pending->miss.port;
	n += process_waiting(worker, pending, first);
	worker->recirc = 0;
	process_rest(worker);
	return n;
}

/* What answers need besides. */
static void fetch_packets(const struct worker *worker, struct pending *const *pendings, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct miss *miss = &pendings[i]->miss;

		rte_prefetch0(miss->first);
		rte_prefetch0((const char *)miss->first + CACHE_LINE);
		if (likely(miss->counted || !miss->made.flow))
			continue;
		rte_prefetch0(&miss->made.flow->live);
		rte_prefetch0(&worker->flow_counters[flow_id(miss->made.flow)]);
	}
}

/* Returns how many packets went on. */
static unsigned process_taken(struct worker *worker, struct pending *const *pendings, unsigned n)
{
	struct pending_table *table = worker->pending;
	struct together together;
	unsigned n_packets = 0;

	together.n = 0;
	together.program = NULL;
	together.drop = NULL;
	fetch_packets(worker, pendings, n);
	for (unsigned i = 0; i < n; i++) {
		if (unlikely(!is_plain(pendings[i], pending_slot(table, pendings[i])))) {
			n_packets += process_answer(worker, pendings[i], &together);
			continue;
		}
		choose(worker, pendings[i], &together);
		together.pkts[together.n++] = pendings[i]->miss.first;
		pending_free(table, pendings[i]);
		n_packets++;
	}
	go_on(worker, &together);
	COUNTER_ADD(worker->stats.answers, n);
	transmit_flush_all(worker);
	miss_done(table, n);
	return n_packets;
}

unsigned answers_process(struct worker *worker)
{
	struct pending_table *table = worker->pending;
	unsigned n = 0;

	if (table->n_taken)
		n = process_taken(worker, table->taken, table->n_taken);
	table->n_taken = 0;
	if (table->announced)
		table->n_taken = misses_take_answers(table, table->taken, BATCH_SIZE);
	table->announced = misses_fetch_answers(table);
	return n + table->n_taken + table->announced;
}

static void forget(struct worker *worker, struct pending *const *pendings, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		COUNTER_ADD(worker->stats.lost, pending_drop(worker->pending, pendings[i]));
	miss_done(worker->pending, n);
}

void answers_forget(struct worker *worker)
{
	struct pending_table *table = worker->pending;
	struct pending *pendings[BATCH_SIZE];
	unsigned n;

	forget(worker, table->taken, table->n_taken);
	table->n_taken = 0;
	table->announced = false;
	while ((n = misses_take_answers(table, pendings, BATCH_SIZE)))
		forget(worker, pendings, n);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/process.h"

#include <string.h>

#include <rte_cycles.h>
#include <rte_prefetch.h>

#include "datapath/capture/take.h"
#include "datapath/fast/execute.h"
#include "datapath/fast/headers.h"
#include "datapath/fast/lane.h"
#include "datapath/fast/recirc.h"
#include "datapath/fast/transmit.h"
#include "datapath/meter/policing.h"
#include "datapath/miss_priv.h"
#include "datapath/program_priv.h"
#include "datapath/punt.h"

#include "datapath/fast/fast.h"

DROP_REASON(runt, "the frame has no whole Ethernet header");
DROP_REASON(tunnel_too_deep, "the packet was inside too many tunnels, or tunnels lead in a circle");
DROP_REASON(
	miss_entries_full,
	"the port had as many new flows waiting on the worker as were left for others"
);
DROP_REASON(miss_queue_full, "too many new flows of the port waited for translation");
DROP_REASON(
	miss_waiting_full,
	"as many packets of the port waited for the translation of their flows as were left for others"
);

enum {
	TUNNELS_DEEP = 8, /* tunnels within each other */
};

/* New entries of the batch at hand, to be sent together. */
struct asking {
	unsigned n;
	struct pending *pendings[BATCH_SIZE];
};

/* Parks the packet in a new pending entry. */
static void miss(struct worker *worker, unsigned i, struct rte_mbuf *pkt, struct asking *asking)
{
	struct pending_table *table = worker->pending;
	struct pending *pending =
		pending_new(table, worker->keys.hashes[i], worker->in_port, worker->recirc);

	if (!pending) {
		worker->stats.lost++;
		worker_drop(worker, &pkt, 1, &drop_miss_entries_full);
		return;
	}
	keys_get_again(&worker->keys, i, &pending->miss.key);
	pending->miss.first = pkt;
	asking->pendings[asking->n++] = pending;
}

/* Drops the packets of an entry that nobody is asked about. */
static void give_up(struct worker *worker, struct pending *pending)
{
	worker->stats.lost += pending->n_waiting + 1;
	worker_drop(worker, &pending->miss.first, 1, &drop_miss_queue_full);
	if (pending->n_waiting)
		worker_drop(worker, pending->waiting, pending->n_waiting, &drop_miss_queue_full);
	pending_free(worker->pending, pending);
}

/* Asks the translators about new entries. */
static void ask(struct worker *worker, struct asking *asking)
{
	unsigned sent = 0;

	if (!asking->n)
		return;
	sent = misses_send(worker->pending, asking->pendings, asking->n);
	worker->stats.misses += sent;
	for (; unlikely(sent < asking->n); sent++)
		give_up(worker, asking->pendings[sent]);
}

static void wait_behind(struct worker *worker, struct pending *pending, struct rte_mbuf *pkt)
{
	if (unlikely(!pending_wait(worker->pending, pending, pkt))) {
		worker->stats.lost++;
		worker_drop(worker, &pkt, 1, &drop_miss_waiting_full);
		return;
	}
	worker->stats.waited++;
}

static struct pending *find_pending(const struct worker *worker, unsigned i)
{
	return pending_find(
		worker->pending, worker->keys.hashes[i], worker->in_port, worker->recirc
	);
}

/* Packets without a flow become misses; those whose flow is pending wait, even when they have found
 * one meanwhile, so that none overtakes another. They are gone from the lookup afterwards. */
static __attribute__((noinline)) void set_aside(struct worker *worker, struct batch *batch)
{
	struct lookup *lookup = &worker->lookup;
	struct asking asking;

	asking.n = 0;
	pending_prefetch(worker->pending, lookup->n_left);
	BATCH_FOREACH(i, batch) {
		struct pending *pending = find_pending(worker, i);

		if (pending)
			wait_behind(worker, pending, batch->pkts[i]);
		else if (!lookup->flows[i])
			miss(worker, i, batch->pkts[i], &asking);
		else
			continue;
		lookup->flows[i] = NULL;
	}
	ask(worker, &asking);
}

/* Adds the time since the last stage ended to this one, in batches that are timed. */
static inline void stage_ends(struct worker *worker, enum worker_stage stage)
{
	if (likely(!worker->timed_since))
		return;
	uint64_t now = rte_rdtsc();

	worker->stats.stage_cycles[stage] += now - worker->timed_since;
	worker->timed_since = now;
}

static void find_flows(struct worker *worker, struct batch *batch)
{
	const struct port *port = epoch_load(&ports_by_id[worker->in_port]);

	parse_batch(worker, batch);
	if (unlikely(port && port->tunnel))
		parse_tunnels(worker, batch);
	stage_ends(worker, STAGE_PARSE);
	if (exact_pays(&worker->exact))
		exact_find(worker, batch->n);
	else
		exact_skip(worker, batch->n);
	stage_ends(worker, STAGE_EXACT);
	if (unlikely(worker->lookup.n_left))
		classify(worker);
}

/* Runs the programs of the flows that were found. */
static inline void execute_found(struct worker *worker, struct batch *batch, uint64_t bytes)
{
	bool aside = worker->lookup.n_left || pending_has(worker->pending, worker->in_port);

	if (unlikely(aside))
		set_aside(worker, batch);
	stage_ends(worker, STAGE_CLASSIFY);
	if (likely(worker->lookup.same && !aside))
		execute_same(worker, batch, bytes);
	else
		execute_batch(worker, batch);
}

/* Packets that an op sent round again, point by point; they may be sent round once more. */
static __attribute__((noinline)) void recirculate_all(struct worker *worker)
{
	struct batch batch;

	while ((batch.n = recirc_take(worker, &batch))) {
		worker->stats.recirculated += batch.n;
		find_flows(worker, &batch);
		if (worker->lookup.n_left || pending_has(worker->pending, worker->in_port))
			set_aside(worker, &batch);
		execute_batch(worker, &batch);
	}
	worker->recirc = 0;
}

static inline void recirculate(struct worker *worker)
{
	if (unlikely(recirc_waits(worker->recircs)))
		recirculate_all(worker);
}

/* Packets of one port that came out of a tunnel. */
static void process_same(struct worker *worker, struct batch *batch, uint64_t bytes)
{
	const struct port *port = epoch_load(&ports_by_id[worker->in_port]);

	if (likely(port))
		capture_at(worker, port, CAPTURE_RX, batch->pkts, batch->n);
	find_flows(worker, batch);
	execute_found(worker, batch, bytes);
	recirculate(worker);
}

/* Moves packets of one port, the first one's, to the batch. Returns how many are left, in order. */
static uint16_t take_same(struct rte_mbuf **pkts, uint16_t n, struct batch *batch, uint64_t *bytes)
{
	uint16_t port = pkts[0]->port;
	unsigned taken = 0, left = 0;

	*bytes = 0;
	for (unsigned i = 0; i < n; i++) {
		if (likely(pkts[i]->port == port && taken < BATCH_SIZE)) {
			*bytes += pkts[i]->pkt_len;
			batch->pkts[taken++] = pkts[i];
		} else {
			pkts[left++] = pkts[i];
		}
	}
	batch->n = taken;
	return left;
}

/* Moves all of them there if they are of one port and no more than a batch. */
static inline bool take_all(struct inner *inner, struct batch *batch, uint64_t *bytes)
{
	uint16_t port = inner->pkts[0]->port, n = inner->n;
	uint64_t sum = 0, others = 0;

	if (unlikely(n > BATCH_SIZE))
		return false;
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *pkt = inner->pkts[i];

		batch->pkts[i] = pkt;
		sum += pkt->pkt_len;
		others |= pkt->port ^ port;
	}
	if (unlikely(others))
		return false;
	*bytes = sum;
	batch->n = n;
	inner->n = 0;
	return true;
}

/* What came out of tunnels, by the ports it came out of. */
static __attribute__((noinline)) void process_inner(struct worker *worker)
{
	struct rte_mbuf *pkts[ARRAY_LENGTH(worker->inner.pkts)];
	struct batch batch;
	uint64_t bytes;

	for (unsigned round = 0; worker->inner.n; round++) {
		uint16_t n = worker->inner.n;

		if (likely(round < TUNNELS_DEEP && take_all(&worker->inner, &batch, &bytes))) {
			worker->in_port = batch.pkts[0]->port;
			process_same(worker, &batch, bytes);
			continue;
		}
		memcpy(pkts, worker->inner.pkts, n * sizeof(pkts[0]));
		worker->inner.n = 0;
		if (round == TUNNELS_DEEP) {
			worker_drop(worker, pkts, n, &drop_tunnel_too_deep);
			return;
		}
		while (n) {
			worker->in_port = pkts[0]->port;
			n = take_same(pkts, n, &batch, &bytes);
			process_same(worker, &batch, bytes);
		}
	}
}

/* What ops sent round again or took out of tunnels. */
static inline void process_rest(struct worker *worker)
{
	recirculate(worker);
	if (unlikely(worker->inner.n))
		process_inner(worker);
}

/* All packets of the port belong to one flow: there is nothing to look at. */
static void process_whole(
	struct worker *worker,
	struct batch *batch,
	const struct flow *flow,
	const struct program *program,
	uint64_t bytes
)
{
	struct flow_counters *counters = &worker->flow_counters[flow_id(flow)];

	counters->packets += batch->n;
	counters->bytes += bytes;
	counters->used_ms = worker->now_ms;
	worker->stats.whole_hits += batch->n;
	if (likely(program->output))
		transmit_append(worker, program->output, batch->pkts, batch->n);
	else
		execute_program(worker, program, batch->pkts, batch->n);
}

/* Returns the bytes of the packets that stay. */
static __attribute__((noinline)) uint64_t take_out_runts(struct worker *worker, struct batch *batch)
{
	uint64_t bytes = 0;
	uint16_t n = 0;

	BATCH_FOREACH(i, batch) {
		struct rte_mbuf *pkt = batch->pkts[i];

		if (pkt->pkt_len < ETH_SIZE) {
			worker_drop(worker, &pkt, 1, &drop_runt);
			continue;
		}
		bytes += pkt->pkt_len;
		batch->pkts[n++] = pkt;
	}
	batch->n = n;
	return bytes;
}

static inline unsigned batch_class(uint16_t n)
{
	return n > 1 ? 32 - __builtin_clz(n - 1) : 0;
}

/* Counts what came in. Returns the bytes of what goes on. */
static inline uint64_t receive(struct worker *worker, struct batch *batch, uint16_t port_id)
{
	struct port_counters *counters = &worker->port_counters[port_id];
	uint64_t bytes = 0, runts = 0; /* in the topmost bit */

	BATCH_FOREACH(i, batch) {
		struct rte_mbuf *pkt = batch->pkts[i];

		rte_prefetch0(rte_pktmbuf_mtod(pkt, void *));
		pkt->port = port_id;
		bytes += pkt->pkt_len;
		runts |= (uint64_t)pkt->pkt_len - ETH_SIZE;
	}
	counters->rx_packets += batch->n;
	counters->rx_bytes += bytes;
	worker->stats.packets += batch->n;
	worker->stats.batches++;
	worker->stats.batch_sizes[batch_class(batch->n)]++;
	if (unlikely(runts >> 63))
		return take_out_runts(worker, batch);
	return bytes;
}

/* The program of a flow that is alive and does without parsing, or NULL. Whoever runs it must not
 * read it again: it may be replaced by one that needs the parser at any time. */
static inline const struct program *find_whole(const struct flow *whole)
{
	const struct program *program;

	if (!whole || !__atomic_load_n(&whole->live, __ATOMIC_ACQUIRE))
		return NULL;
	program = epoch_load(&whole->program);
	return program->needs_meta ? NULL : program;
}

void process_batch(struct worker *worker, struct batch *batch, const struct port *port)
{
	const struct flow_index *index = epoch_load(&flow_indexes[port->id]);
	const struct flow *whole = index ? index->whole : NULL;
	struct policing *policing = epoch_load(&port->policing);
	bool waits = pending_has(worker->pending, port->id);
	const struct program *program = waits ? NULL : find_whole(whole);
	uint64_t bytes;

	worker->in_port = port->id;
	bytes = receive(worker, batch, port->id);
	capture_at(worker, port, CAPTURE_RX, batch->pkts, batch->n);
	if (unlikely(policing && policing_limits_in(policing)))
		bytes = policing_in(worker, policing, batch);
	if (unlikely(!batch->n))
		return;
	stage_ends(worker, STAGE_RECEIVE);
	/* A packet that waits must not be overtaken. */
	if (unlikely(lanes_has(worker->lanes, port->id) && !program && !waits))
		bytes -= lanes_take(worker, batch);
	if (program) {
		process_whole(worker, batch, whole, program, bytes);
	} else if (likely(batch->n)) {
		find_flows(worker, batch);
		execute_found(worker, batch, bytes);
	}
	process_rest(worker);
	stage_ends(worker, STAGE_EXECUTE);
	transmit_flush_all(worker);
	stage_ends(worker, STAGE_SEND);
}

/* What no flow is there for gets the translator's own answer, if it is what was asked about. The first
 * that is not only waited behind, and is asked about now, with all behind it: 'held' says that such a
 * one was before them. Returns whether there was one. */
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
		if (!held) {
			keys_get(&worker->keys, i, &other);
			held = memcmp(&other, &asked->key, sizeof(other));
		}
		if (held) {
			struct pending *pending = find_pending(worker, i);

			if (pending)
				wait_behind(worker, pending, batch->pkts[i]);
			else
				miss(worker, i, batch->pkts[i], &asking);
			continue;
		}
		if (program && program->needs_meta && !execute_set_meta(worker, i, batch->pkts[i]))
			continue;
		pkts[n++] = batch->pkts[i];
	}
	ask(worker, &asking);
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
	find_flows(worker, batch);
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
	struct waiting *more,
	const struct miss *asked,
	bool held
)
{
	struct waiting *next;
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
		waiting_free(worker->pending, port, more);
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
	struct waiting *more = pending->more;
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

unsigned process_answers(struct worker *worker)
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

unsigned process_injected(struct worker *worker)
{
	const struct program *program = NULL;
	struct batch batch = {.n = 1};
	unsigned n = 0;

	if (likely(!punts_wait()))
		return 0;
	for (; (batch.pkts[0] = punt_take(&program)); n++) {
		worker->in_port = batch.pkts[0]->port;
		parse_batch(worker, &batch);
		if (!program->needs_meta || execute_set_meta(worker, 0, batch.pkts[0]))
			execute_program(worker, program, batch.pkts, 1);
		process_rest(worker);
	}
	if (n)
		transmit_flush_all(worker);
	return n;
}

void process_init(struct worker *worker)
{
	worker->lanes = lanes_new();
	worker->recircs = recirc_queue_of(worker->index);
}

void process_fini(struct worker *worker)
{
	lanes_free(worker->lanes);
}

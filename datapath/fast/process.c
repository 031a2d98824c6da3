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
#include "datapath/miss/aside.h"
#include "datapath/program_priv.h"
#include "datapath/punt.h"

#include "datapath/fast/fast.h"

DROP_REASON(runt, "the frame has no whole Ethernet header");
DROP_REASON(tunnel_too_deep, "the packet was inside too many tunnels, or tunnels lead in a circle");

enum {
	TUNNELS_DEEP = 8, /* tunnels within each other */
};

/* Adds the time since the last stage ended to this one, in batches that are timed. */
static inline void stage_ends(struct worker *worker, enum worker_stage stage)
{
	if (likely(!worker->timed_since))
		return;
	uint64_t now = rte_rdtsc();

	COUNTER_ADD(worker->stats.stage_cycles[stage], now - worker->timed_since);
	worker->timed_since = now;
}

static void look_up(struct worker *worker, struct batch *batch)
{
	stage_ends(worker, STAGE_PARSE);
	if (exact_pays(&worker->exact))
		exact_find(worker, batch->n);
	else
		exact_skip(worker, batch->n);
	stage_ends(worker, STAGE_EXACT);
	if (unlikely(worker->lookup.n_left))
		classify(worker);
}

void process_parse(struct worker *worker, const struct batch *batch)
{
	const struct port *port = epoch_load(&ports_by_id[worker->in_port]);

	parse_batch(worker, batch);
	if (unlikely(port && port->tunnel))
		parse_tunnels(worker, batch);
}

void process_find_flows(struct worker *worker, struct batch *batch)
{
	process_parse(worker, batch);
	look_up(worker, batch);
}

/* Runs the programs of the flows that were found. */
static inline void execute_found(struct worker *worker, struct batch *batch, uint64_t bytes)
{
	bool aside = worker->lookup.n_left || aside_waits(worker, worker->in_port);
	bool left = true;

	if (unlikely(aside))
		left = aside_set(worker, batch);
	stage_ends(worker, STAGE_CLASSIFY);
	if (likely(worker->lookup.same && !aside))
		execute_same(worker, batch, bytes);
	else if (likely(left))
		execute_batch(worker, batch);
}

/* Packets that an op sent round again, point by point; they may be sent round once more. */
static __attribute__((noinline)) void recirculate_all(struct worker *worker)
{
	struct batch batch;

	while ((batch.n = recirc_take(worker, &batch))) {
		COUNTER_ADD(worker->stats.recirculated, batch.n);
		process_find_flows(worker, &batch);
		if (worker->lookup.n_left || aside_waits(worker, worker->in_port))
			aside_set(worker, &batch);
		execute_batch(worker, &batch);
	}
	worker->recirc = 0;
}

static inline void recirculate(struct worker *worker)
{
	if (unlikely(recirc_waits(worker->recircs)))
		recirculate_all(worker);
}

/* Packets of one port that came out of a tunnel; of the same one, unless 'tunnel' is NULL. */
static void process_same(
	struct worker *worker,
	struct batch *batch,
	uint64_t bytes,
	const struct inner_tunnel *tunnel
)
{
	const struct port *port = epoch_load(&ports_by_id[worker->in_port]);

	if (likely(port))
		capture_at(worker, port, CAPTURE_RX, batch->pkts, batch->n);
	if (likely(tunnel)) {
		parse_inside(worker, batch, tunnel);
		look_up(worker, batch);
	} else {
		process_find_flows(worker, batch);
	}
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

/* If one lane took all of them out of their tunnel, nothing else need be known. */
static inline bool process_run(struct worker *worker)
{
	struct inner *inner = &worker->inner;
	const struct inner_run run = inner->run;
	struct batch batch;

	inner->run.n = 0;
	if (run.n != inner->n)
		return false;
	memcpy(batch.pkts, inner->pkts, run.n * sizeof(batch.pkts[0]));
	batch.n = run.n;
	inner->n = 0;
	worker->in_port = batch.pkts[0]->port;
	process_same(worker, &batch, run.bytes, &run.tunnel);
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

		if (likely(round < TUNNELS_DEEP && process_run(worker)))
			continue;
		if (likely(round < TUNNELS_DEEP && take_all(&worker->inner, &batch, &bytes))) {
			worker->in_port = batch.pkts[0]->port;
			process_same(worker, &batch, bytes, NULL);
			continue;
		}
		memcpy(pkts, worker->inner.pkts, n * sizeof(pkts[0]));
		worker->inner.n = worker->inner.run.n = 0;
		if (round == TUNNELS_DEEP) {
			worker_drop(worker, pkts, n, &drop_tunnel_too_deep);
			return;
		}
		while (n) {
			worker->in_port = pkts[0]->port;
			n = take_same(pkts, n, &batch, &bytes);
			process_same(worker, &batch, bytes, NULL);
		}
	}
}

void process_rest(struct worker *worker)
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

	COUNTER_ADD(counters->packets, batch->n);
	COUNTER_ADD(counters->bytes, bytes);
	COUNTER_SET(counters->used_ms, worker->now_ms);
	COUNTER_ADD(worker->stats.whole_hits, batch->n);
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
	COUNTER_ADD(counters->rx_packets, batch->n);
	COUNTER_ADD(counters->rx_bytes, bytes);
	COUNTER_ADD(worker->stats.packets, batch->n);
	COUNTER_ADD(worker->stats.batches, 1);
	COUNTER_ADD(worker->stats.batch_sizes[batch_class(batch->n)], 1);
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
	bool waits = aside_waits(worker, port->id);
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
		process_find_flows(worker, batch);
		execute_found(worker, batch, bytes);
	}
	process_rest(worker);
	stage_ends(worker, STAGE_EXECUTE);
	transmit_flush_all(worker);
	stage_ends(worker, STAGE_SEND);
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

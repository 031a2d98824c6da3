/* SPDX-License-Identifier: Apache-2.0 */

/* What workers report: how busy they are, what hit and what missed. Read from counters they
 * publish; nothing is asked of them.  */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ring.h>

#include "datapath/miss.h"
#include "datapath/miss_priv.h"
#include "datapath/report/cores.h"
#include "datapath/worker_priv.h"
#include "lib/command.h"
#include "lib/control/coverage.h"
#include "lib/strbuf.h"

enum {
	N_STATS = sizeof(struct worker_stats) / sizeof(uint64_t)
};

static uint64_t load(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

/* What the worker has counted since the last clear. */
static void get_stats(const struct worker *worker, struct worker_stats *stats)
{
	const uint64_t *now = (const uint64_t *)&worker->stats;
	const uint64_t *base = (const uint64_t *)&worker->base;
	uint64_t *out = (uint64_t *)stats;

	memset(stats, 0, sizeof(*stats)); /* gcc's analyzer does not see that the loop sets all */
	for (unsigned i = 0; i < N_STATS; i++)
		out[i] = load(&now[i]) - base[i];
}

static double ratio(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / whole : 0;
}

static json_t *show_worker(const struct worker *worker)
{
	struct worker_stats s;

	get_stats(worker, &s);
	uint64_t awake = s.busy_cycles + s.idle_cycles;

	return json_pack(
		"{s:i, s:i, s:i, s:I, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, "
		"s:I}",
		"worker",
		(int)worker->index,
		"core",
		(int)worker->core,
		"queues",
		(int)worker->plan->n_rxqs,
		"packets",
		(json_int_t)s.packets,
		"load_percent",
		100 * plan_worker_load(worker->index),
		"busy_percent",
		100 * ratio(s.busy_cycles, awake + s.sleep_cycles),
		"awake_percent",
		100 * ratio(awake, awake + s.sleep_cycles),
		"cycles_per_packet",
		ratio(s.busy_cycles, s.packets),
		"port_hits",
		(json_int_t)s.whole_hits,
		"tunnel_hits",
		(json_int_t)s.lane_hits,
		"exact_hits",
		(json_int_t)s.exact_hits,
		"flow_hits",
		(json_int_t)s.flow_hits,
		"misses",
		(json_int_t)s.misses,
		"waited",
		(json_int_t)s.waited,
		"lost",
		(json_int_t)s.lost,
		"packets_per_batch",
		ratio(s.packets, s.batches),
		"sleeps",
		(json_int_t)s.sleeps
	);
}

json_t *workers_show(void)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < workers_count(); i++)
		json_array_append_new(all, show_worker(workers[i]));
	return all;
}

/* What all workers have counted since they started, cleared or not. */
static void report_coverage(json_t *counts)
{
	for (unsigned i = 0; i < workers_count(); i++) {
		const struct worker_stats *s = &workers[i]->stats;

		coverage_add(counts, "worker_packets", load(&s->packets));
		coverage_add(counts, "worker_port_hits", load(&s->whole_hits));
		coverage_add(counts, "worker_tunnel_hits", load(&s->lane_hits));
		coverage_add(counts, "worker_exact_hits", load(&s->exact_hits));
		coverage_add(counts, "worker_flow_hits", load(&s->flow_hits));
		coverage_add(counts, "worker_misses", load(&s->misses));
		coverage_add(counts, "worker_lost_misses", load(&s->lost));
		coverage_add(counts, "worker_recirculated", load(&s->recirculated));
		coverage_add(counts, "worker_tx_retries", load(&s->tx_retries));
		coverage_add(counts, "worker_sleeps", load(&s->sleeps));
		coverage_add(counts, "worker_pauses", load(&s->pauses));
	}
}
COVERAGE_REPORTER(worker, report_coverage);

static json_t *cmd_workers_show(struct command_call *call, struct errbuf *err)
{
	return workers_show();
}

MGMT_COMMAND(
	workers_show,
	"workers/show",
	"",
	0,
	0,
	cmd_workers_show,
	"Load, cycles per packet and cache hits of each worker."
);

/* The commands below have the names and the text that monitoring scripts know. */

static void stats_text(struct strbuf *out, const struct worker *worker)
{
	struct worker_stats s;

	get_stats(worker, &s);
	uint64_t hits = s.whole_hits + s.exact_hits + s.flow_hits;
	uint64_t cycles = s.busy_cycles + s.idle_cycles;

	strbuf_addf(out, "pmd thread numa_id 0 core_id %u:\n", worker->core);
	strbuf_addf(out, "  packets received: %" PRIu64 "\n", s.packets);
	strbuf_addf(out, "  packet recirculations: %" PRIu64 "\n", s.recirculated);
	strbuf_addf(
		out,
		"  avg. datapath passes per packet: %.2f\n",
		s.packets ? 1 + ratio(s.recirculated, s.packets) : 1.0
	);
	strbuf_addf(out, "  phwol hits: 0\n  mfex opt hits: 0\n");
	strbuf_addf(out, "  simple match hits: %" PRIu64 "\n", s.whole_hits);
	strbuf_addf(out, "  emc hits: %" PRIu64 "\n", s.exact_hits);
	strbuf_addf(out, "  smc hits: 0\n");
	strbuf_addf(out, "  megaflow hits: %" PRIu64 "\n", s.flow_hits);
	strbuf_addf(
		out,
		"  avg. subtable lookups per megaflow hit: %.2f\n",
		ratio(s.probes, s.flow_hits)
	);
	strbuf_addf(out, "  miss with success upcall: %" PRIu64 "\n", s.misses);
	strbuf_addf(out, "  miss with failed upcall: %" PRIu64 "\n", s.lost);
	strbuf_addf(
		out, "  avg. packets per output batch: %.2f\n", ratio(s.tx_packets, s.tx_batches)
	);
	if (!s.packets)
		return;
	strbuf_addf(
		out,
		"  idle cycles: %" PRIu64 " (%.02f%%)\n",
		s.idle_cycles,
		100 * ratio(s.idle_cycles, cycles)
	);
	strbuf_addf(
		out,
		"  processing cycles: %" PRIu64 " (%.02f%%)\n",
		s.busy_cycles,
		100 * ratio(s.busy_cycles, cycles)
	);
	strbuf_addf(
		out,
		"  avg cycles per packet: %.02f (%" PRIu64 "/%" PRIu64 ")\n",
		ratio(cycles, s.packets),
		cycles,
		s.packets
	);
	strbuf_addf(
		out,
		"  avg processing cycles per packet: %.02f (%" PRIu64 "/%" PRIu64 ")\n",
		ratio(s.busy_cycles, hits + s.misses),
		s.busy_cycles,
		hits + s.misses
	);
}

static json_t *cmd_stats_show(struct command_call *call, struct errbuf *err)
{
	struct strbuf out = STRBUF_INIT;
	uint64_t wanted;

	if (cores_parse(call, &wanted, err))
		return NULL;
	for (unsigned i = 0; i < workers_count(); i++)
		if (wanted >> i & 1)
			stats_text(&out, workers[i]);
	json_t *text = json_string(strbuf_text(&out));

	strbuf_fini(&out);
	return text;
}

MGMT_COMMAND(
	stats_show,
	"dpif-netdev/pmd-stats-show",
	"[-pmd CORE] [DP]",
	0,
	3,
	cmd_stats_show,
	"Each worker's packets, hits, misses and cycles, as text that scripts know."
);

static json_t *cmd_stats_clear(struct command_call *call, struct errbuf *err)
{
	uint64_t wanted;

	if (cores_parse(call, &wanted, err))
		return NULL;
	for (unsigned i = 0; i < workers_count(); i++) {
		if (!(wanted >> i & 1))
			continue;
		const uint64_t *now = (const uint64_t *)&workers[i]->stats;
		uint64_t *base = (uint64_t *)&workers[i]->base;

		for (unsigned k = 0; k < N_STATS; k++)
			base[k] = load(&now[k]);
		__atomic_store_n(&workers[i]->worst_cycles, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&workers[i]->worst_cpu_ns, 0, __ATOMIC_RELAXED);
	}
	return json_string("");
}

MGMT_COMMAND(
	stats_clear,
	"dpif-netdev/pmd-stats-clear",
	"[-pmd CORE] [DP]",
	0,
	3,
	cmd_stats_clear,
	"Lets the counts that workers report, and their worst rounds, start again at 0."
);

/* Cycles per packet of each stage, by the batches that were timed. */
static void add_stages(json_t *one, const struct worker_stats *s)
{
	static const char *const names[WORKER_STAGES] = {
		[STAGE_RECEIVE] = "receive",
		[STAGE_PARSE] = "parse",
		[STAGE_EXACT] = "exact",
		[STAGE_CLASSIFY] = "classify",
		[STAGE_EXECUTE] = "execute",
		[STAGE_SEND] = "send",
	};

	for (unsigned i = 0; i < WORKER_STAGES; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%s_cycles", names[i]);
		json_object_set_new(
			one, name, json_real(ratio(s->stage_cycles[i], s->timed_packets))
		);
	}
}

/* How many batches had so many packets. */
static void add_sizes(json_t *one, const struct worker_stats *s)
{
	static const char *const names[BATCH_CLASSES] = {
		"batches_1", "batches_2", "batches_4", "batches_8", "batches_16", "batches_32"};

	for (unsigned i = 0; i < BATCH_CLASSES; i++)
		json_object_set_new(one, names[i], json_integer(s->batch_sizes[i]));
}

static void add_perf(json_t *all, const struct worker *worker)
{
	struct worker_stats s;

	get_stats(worker, &s);
	json_t *one = json_pack(
		"{s:i, s:i, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:I, s:f, s:I}",
		"worker",
		(int)worker->index,
		"core",
		(int)worker->core,
		"loops",
		(json_int_t)s.loops,
		"busy_cycles",
		(json_int_t)s.busy_cycles,
		"idle_cycles",
		(json_int_t)s.idle_cycles,
		"sleep_cycles",
		(json_int_t)s.sleep_cycles,
		"cycles_per_packet",
		ratio(s.busy_cycles, s.packets),
		"packets_per_rx_batch",
		ratio(s.packets, s.batches),
		"packets_per_tx_batch",
		ratio(s.tx_packets, s.tx_batches),
		"tx_retries",
		(json_int_t)s.tx_retries,
		"probes_per_flow_hit",
		ratio(s.probes, s.flow_hits),
		"answers",
		(json_int_t)s.answers
	);

	add_stages(one, &s);
	add_sizes(one, &s);
	json_object_set_new(
		one,
		"worst_round_us",
		json_integer((json_int_t)(load(&worker->worst_cycles) * 1000000 / worker->hz))
	);
	json_object_set_new(
		one,
		"worst_round_cpu_us",
		json_integer((json_int_t)(load(&worker->worst_cpu_ns) / 1000))
	);
	json_object_set_new(one, "waiting_misses", json_integer(worker->pending->n));
	json_object_set_new(one, "waiting_handed", json_integer(rte_ring_count(worker->handed)));
	for (unsigned i = 0; i < PARSE_N_FAULTS; i++)
		json_object_set_new(
			one, parse_fault_name(i), json_integer(load(&worker->keys.faults[i]))
		);
	json_array_append_new(all, one);
}

static json_t *cmd_perf_show(struct command_call *call, struct errbuf *err)
{
	uint64_t wanted;

	if (cores_parse(call, &wanted, err))
		return NULL;
	json_t *all = json_array();

	for (unsigned i = 0; i < workers_count(); i++)
		if (wanted >> i & 1)
			add_perf(all, workers[i]);
	return all;
}

MGMT_COMMAND(
	perf_show,
	"dpif-netdev/pmd-perf-show",
	"[-pmd CORE] [DP]",
	0,
	8,
	cmd_perf_show,
	"Where each worker's cycles go, its batches, and packets found malformed."
);

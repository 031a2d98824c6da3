/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics of workers: load, where packets were found, what each stage costs.  */

#include <stdio.h>

#include <rte_cycles.h>

#include "datapath/miss_priv.h"
#include "datapath/worker_priv.h"
#include "lib/metrics/histogram.h"
#include "lib/metrics/metrics.h"

enum {
	LOAD,
	CYCLES,
	PACKETS,
	BATCHES,
	HITS,
	MISSES,
	MISSES_LOST,
	WAITED,
	PROBES,
	RECIRCULATED,
	TX_RETRIES,
	SLEEPS,
	STAGE_CYCLES_TOTAL,
	STAGE_PACKETS,
	HZ,
};

static const struct metric worker_metrics[] = {
	[LOAD] =
		{"weir_worker_load_ratio",
		 METRIC_GAUGE,
		 "Part of the worker's core that packets need."},
	[CYCLES] =
		{"weir_worker_cycles_total",
		 METRIC_COUNTER,
		 "Processor cycles, by what they were spent on."},
	[PACKETS] = {"weir_worker_packets_total", METRIC_COUNTER, "Packets received."},
	[BATCHES] = {"weir_worker_batches_total", METRIC_COUNTER, "Batches that held packets."},
	[HITS] =
		{"weir_worker_cache_hits_total",
		 METRIC_COUNTER,
		 "Packets whose flow was found, by where: by the port alone, on the short way out of a "
		 "tunnel, in the exact-match cache, in the flow table."},
	[MISSES] =
		{"weir_worker_misses_total",
		 METRIC_COUNTER,
		 "Packets handed over to be translated."},
	[MISSES_LOST] =
		{"weir_worker_misses_lost_total",
		 METRIC_COUNTER,
		 "Packets dropped because too many waited to be translated."},
	[WAITED] =
		{"weir_worker_waited_total", METRIC_COUNTER, "Packets that waited behind a miss."},
	[PROBES] =
		{"weir_worker_probes_total",
		 METRIC_COUNTER,
		 "Masks of the flow table looked into."},
	[RECIRCULATED] =
		{"weir_worker_recirculated_total", METRIC_COUNTER, "Packets looked up once more."},
	[TX_RETRIES] =
		{"weir_worker_transmit_retries_total",
		 METRIC_COUNTER,
		 "Times a device took a part of a batch only."},
	[SLEEPS] = {"weir_worker_sleeps_total", METRIC_COUNTER, "Times the worker went to sleep."},
	[STAGE_CYCLES_TOTAL] =
		{"weir_worker_stage_cycles_total",
		 METRIC_COUNTER,
		 "Cycles of the batches that were timed, by stage; divide by "
		 "weir_worker_stage_packets_total."},
	[STAGE_PACKETS] =
		{"weir_worker_stage_packets_total",
		 METRIC_COUNTER,
		 "Packets of the batches that were timed."},
	[HZ] = {"weir_cycles_per_second", METRIC_GAUGE, "Of the clock that cycles are counted by."},
};

static double load(const uint64_t *counter)
{
	return (double)__atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void add_by_kind(struct metrics *out, const struct worker_stats *s, const char *worker)
{
	const struct {
		unsigned metric;
		const char *label, *value;
		const uint64_t *counter;
	} kinds[] = {
		{CYCLES, "state", "busy", &s->busy_cycles},
		{CYCLES, "state", "idle", &s->idle_cycles},
		{CYCLES, "state", "asleep", &s->sleep_cycles},
		{HITS, "cache", "port", &s->whole_hits},
		{HITS, "cache", "tunnel", &s->lane_hits},
		{HITS, "cache", "exact", &s->exact_hits},
		{HITS, "cache", "flow", &s->flow_hits},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(kinds); i++)
		metrics_add(
			out,
			kinds[i].metric,
			load(kinds[i].counter),
			"worker",
			worker,
			kinds[i].label,
			kinds[i].value,
			METRICS_END
		);
	for (unsigned i = 0; i < WORKER_STAGES; i++)
		metrics_add(
			out,
			STAGE_CYCLES_TOTAL,
			load(&s->stage_cycles[i]),
			"worker",
			worker,
			"stage",
			worker_stage_names[i],
			METRICS_END
		);
}

static void add_worker(struct metrics *out, const struct worker *worker)
{
	const struct worker_stats *s = &worker->stats;
	const struct {
		unsigned metric;
		const uint64_t *counter;
	} counters[] = {
		{PACKETS, &s->packets},
		{BATCHES, &s->batches},
		{MISSES, &s->misses},
		{MISSES_LOST, &s->lost},
		{WAITED, &s->waited},
		{PROBES, &s->probes},
		{RECIRCULATED, &s->recirculated},
		{TX_RETRIES, &s->tx_retries},
		{SLEEPS, &s->sleeps},
		{STAGE_PACKETS, &s->timed_packets},
	};
	char name[16], core[16];

	snprintf(name, sizeof(name), "%u", worker->index);
	snprintf(core, sizeof(core), "%u", worker->core);
	metrics_add(
		out,
		LOAD,
		plan_worker_load(worker->index),
		"worker",
		name,
		"core",
		core,
		METRICS_END
	);
	for (unsigned i = 0; i < ARRAY_LENGTH(counters); i++)
		metrics_add(
			out,
			counters[i].metric,
			load(counters[i].counter),
			"worker",
			name,
			METRICS_END
		);
	add_by_kind(out, s, name);
}

static void collect(struct metrics *out)
{
	for (unsigned i = 0; i < workers_count(); i++)
		add_worker(out, workers[i]);
	metrics_add(out, HZ, (double)rte_get_tsc_hz(), METRICS_END);
}
METRIC_SOURCE(workers, worker_metrics, collect);

static const struct metric miss_metrics[] = {
	{"weir_miss_wait_seconds",
	 METRIC_HISTOGRAM,
	 "How long the first packets of flows waited to be translated, until they went on."},
	{"weir_translation_seconds",
	 METRIC_HISTOGRAM,
	 "How long the translating of a packet took."},
};

static void collect_misses(struct metrics *out)
{
	struct histogram waits, translations;

	misses_get_times(&waits, &translations);
	metrics_add_histogram(out, 0, &waits);
	metrics_add_histogram(out, 1, &translations);
}
METRIC_SOURCE(misses, miss_metrics, collect_misses);

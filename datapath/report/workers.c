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

static json_t *show_worker(const struct worker *worker)
{
	struct worker_stats s;

	worker_stats_get(worker, &s);
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
		100 * worker_stats_ratio(s.busy_cycles, awake + s.sleep_cycles),
		"awake_percent",
		100 * worker_stats_ratio(awake, awake + s.sleep_cycles),
		"cycles_per_packet",
		worker_stats_ratio(s.busy_cycles, s.packets),
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
		worker_stats_ratio(s.packets, s.batches),
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

static uint64_t load(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
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

	worker_stats_get(worker, &s);
	uint64_t hits = s.whole_hits + s.exact_hits + s.flow_hits;
	uint64_t cycles = s.busy_cycles + s.idle_cycles;

	strbuf_addf(out, "pmd thread numa_id 0 core_id %u:\n", worker->core);
	strbuf_addf(out, "  packets received: %" PRIu64 "\n", s.packets);
	strbuf_addf(out, "  packet recirculations: %" PRIu64 "\n", s.recirculated);
	strbuf_addf(
		out,
		"  avg. datapath passes per packet: %.2f\n",
		s.packets ? 1 + worker_stats_ratio(s.recirculated, s.packets) : 1.0
	);
	strbuf_addf(out, "  phwol hits: 0\n  mfex opt hits: 0\n");
	strbuf_addf(out, "  simple match hits: %" PRIu64 "\n", s.whole_hits);
	strbuf_addf(out, "  emc hits: %" PRIu64 "\n", s.exact_hits);
	strbuf_addf(out, "  smc hits: 0\n");
	strbuf_addf(out, "  megaflow hits: %" PRIu64 "\n", s.flow_hits);
	strbuf_addf(
		out,
		"  avg. subtable lookups per megaflow hit: %.2f\n",
		worker_stats_ratio(s.probes, s.flow_hits)
	);
	strbuf_addf(out, "  miss with success upcall: %" PRIu64 "\n", s.misses);
	strbuf_addf(out, "  miss with failed upcall: %" PRIu64 "\n", s.lost);
	strbuf_addf(
		out,
		"  avg. packets per output batch: %.2f\n",
		worker_stats_ratio(s.tx_packets, s.tx_batches)
	);
	if (!s.packets)
		return;
	strbuf_addf(
		out,
		"  idle cycles: %" PRIu64 " (%.02f%%)\n",
		s.idle_cycles,
		100 * worker_stats_ratio(s.idle_cycles, cycles)
	);
	strbuf_addf(
		out,
		"  processing cycles: %" PRIu64 " (%.02f%%)\n",
		s.busy_cycles,
		100 * worker_stats_ratio(s.busy_cycles, cycles)
	);
	strbuf_addf(
		out,
		"  avg cycles per packet: %.02f (%" PRIu64 "/%" PRIu64 ")\n",
		worker_stats_ratio(cycles, s.packets),
		cycles,
		s.packets
	);
	strbuf_addf(
		out,
		"  avg processing cycles per packet: %.02f (%" PRIu64 "/%" PRIu64 ")\n",
		worker_stats_ratio(s.busy_cycles, hits + s.misses),
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
	for (unsigned i = 0; i < workers_count(); i++)
		if (wanted >> i & 1)
			worker_stats_clear(workers[i]);
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

/* SPDX-License-Identifier: Apache-2.0 */

/* Where each worker's cycles go. As text it has the lines that monitoring programs know, and ours behind
 * them.  */

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include <rte_ring.h>

#include "datapath/miss_priv.h"
#include "datapath/report/cores.h"
#include "datapath/worker_priv.h"
#include "lib/command.h"
#include "lib/strbuf.h"
#include "lib/types.h"

static const char *const sizes[BATCH_CLASSES] = {"1", "2", "4", "8", "16", "32"};

static void add_counts(json_t *one, const struct worker_stats *s, uint64_t age)
{
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {
		{"measured_cycles", age},
		{"loops", s->loops},
		{"busy_loops", s->busy_loops},
		{"busy_cycles", s->busy_cycles},
		{"idle_cycles", s->idle_cycles},
		{"sleep_cycles", s->sleep_cycles},
		{"sleeps", s->sleeps},
		{"packets", s->packets},
		{"recirculated", s->recirculated},
		{"port_hits", s->whole_hits},
		{"tunnel_hits", s->lane_hits},
		{"exact_hits", s->exact_hits},
		{"flow_hits", s->flow_hits},
		{"misses", s->misses},
		{"waited", s->waited},
		{"lost", s->lost},
		{"answers", s->answers},
		{"tx_packets", s->tx_packets},
		{"tx_batches", s->tx_batches},
		{"tx_retries", s->tx_retries},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(counts); i++)
		json_object_set_new(one, counts[i].name, json_integer((json_int_t)counts[i].n));
}

static void add_ratio(json_t *one, const char *name, uint64_t part, uint64_t whole)
{
	json_object_set_new(one, name, json_real(worker_stats_ratio(part, whole)));
}

/* Cycles per packet of each stage, by the batches that were timed; how many batches had so many packets. */
static void add_stages(json_t *one, const struct worker_stats *s)
{
	char name[32];

	for (unsigned i = 0; i < WORKER_STAGES; i++) {
		snprintf(name, sizeof(name), "%s_cycles", worker_stage_names[i]);
		add_ratio(one, name, s->stage_cycles[i], s->timed_packets);
	}
	for (unsigned i = 0; i < BATCH_CLASSES; i++) {
		snprintf(name, sizeof(name), "batches_%s", sizes[i]);
		json_object_set_new(one, name, json_integer((json_int_t)s->batch_sizes[i]));
	}
}

static void add_perf(json_t *all, const struct worker *worker)
{
	uint64_t worst = __atomic_load_n(&worker->worst_cycles, __ATOMIC_RELAXED);
	uint64_t worst_ns = __atomic_load_n(&worker->worst_cpu_ns, __ATOMIC_RELAXED);
	json_t *one = json_object();
	struct worker_stats s;

	worker_stats_get(worker, &s);
	json_object_set_new(one, "worker", json_integer(worker->index));
	json_object_set_new(one, "core", json_integer(worker->core));
	json_object_set_new(one, "hz", json_integer((json_int_t)worker->hz));
	add_counts(one, &s, worker_stats_age(worker));
	add_ratio(one, "cycles_per_packet", s.busy_cycles, s.packets);
	add_ratio(one, "packets_per_rx_batch", s.packets, s.batches);
	add_ratio(one, "packets_per_tx_batch", s.tx_packets, s.tx_batches);
	add_ratio(one, "probes_per_flow_hit", s.probes, s.flow_hits);
	add_ratio(one, "us_per_answer", worker_stats_wait_ns(worker) / 1000, s.answers);
	add_stages(one, &s);
	json_object_set_new(
		one, "worst_round_us", json_integer((json_int_t)(worst * 1000000 / worker->hz))
	);
	json_object_set_new(one, "worst_round_cpu_us", json_integer((json_int_t)(worst_ns / 1000)));
	json_object_set_new(one, "waiting_misses", json_integer(worker->pending->n));
	json_object_set_new(one, "waiting_handed", json_integer(rte_ring_count(worker->handed)));
	for (unsigned i = 0; i < PARSE_N_FAULTS; i++)
		json_object_set_new(
			one,
			parse_fault_name(i),
			json_integer((json_int_t
			)__atomic_load_n(&worker->keys.faults[i], __ATOMIC_RELAXED))
		);
	json_array_append_new(all, one);
}

static uint64_t count_of(const json_t *one, const char *name)
{
	return json_integer_value(json_object_get(one, name));
}

static double ratio_of(const json_t *one, const char *name)
{
	return json_real_value(json_object_get(one, name));
}

static double percent(uint64_t part, uint64_t whole)
{
	return 100 * worker_stats_ratio(part, whole);
}

/* Begins a line; what stands behind its number is the caller's. */
static void add_line(struct strbuf *out, const char *label, uint64_t n)
{
	strbuf_addf(out, "  %-20s%12" PRIu64, label, n);
}

static void add_share(
	struct strbuf *out,
	const char *label,
	uint64_t n,
	uint64_t part,
	uint64_t whole,
	const char *of
)
{
	add_line(out, label, n);
	strbuf_addf(out, "  (%5.1f %%%s)\n", percent(part, whole), of);
}

static void format_head(const json_t *one, uint64_t hz, struct strbuf *out)
{
	struct timespec now;
	struct tm parts;
	char text[16];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	strftime(text, sizeof(text), "%H:%M:%S", &parts);
	strbuf_addf(out, "\nTime: %s.%03ld\n", text, now.tv_nsec / 1000000);
	strbuf_addf(
		out,
		"Measurement duration: %.3f s\n\npmd thread numa_id 0 core_id %" PRIu64 ":\n\n",
		worker_stats_ratio(count_of(one, "measured_cycles"), hz),
		count_of(one, "core")
	);
}

static void format_loops(const json_t *one, uint64_t hz, struct strbuf *out)
{
	uint64_t loops = count_of(one, "loops"), busy = count_of(one, "busy_loops");
	uint64_t busy_cycles = count_of(one, "busy_cycles");
	uint64_t idle_cycles = count_of(one, "idle_cycles"), used = busy_cycles + idle_cycles;
	uint64_t sleeps = count_of(one, "sleeps");
	uint64_t us = (uint64_t)(1e6 * worker_stats_ratio(count_of(one, "sleep_cycles"), hz));

	add_line(out, "Iterations:", loops);
	strbuf_addf(
		out,
		"  (%.2f us/it)\n",
		loops ? 1e6 * worker_stats_ratio(used, hz) / (double)loops : 0
	);
	add_share(
		out,
		"- Used TSC cycles:",
		used,
		used,
		count_of(one, "measured_cycles"),
		" of total cycles"
	);
	add_share(
		out,
		"- idle iterations:",
		loops > busy ? loops - busy : 0,
		idle_cycles,
		used,
		" of used cycles"
	);
	add_share(out, "- busy iterations:", busy, busy_cycles, used, " of used cycles");
	add_share(out, "- sleep iterations:", sleeps, sleeps, loops, " of iterations");
	add_line(out, "Sleep time (us):", us);
	strbuf_addf(out, "  (%3.0f us/iteration avg.)\n", worker_stats_ratio(us, sleeps));
}

/* Where packets found their flow: each time they looked for one. */
static void format_passes(const json_t *one, struct strbuf *out)
{
	uint64_t flow_hits = count_of(one, "flow_hits"), misses = count_of(one, "misses");
	const struct {
		const char *label;
		uint64_t n;
	} hits[] = {
		{"- PHWOL hits:", 0},
		{"- MFEX Opt hits:", 0},
		{"- Simple Match hits:", count_of(one, "port_hits")},
		{"- Tunnel hits:", count_of(one, "tunnel_hits")},
		{"- EMC hits:", count_of(one, "exact_hits")},
		{"- SMC hits:", 0},
	};
	uint64_t lost = count_of(one, "lost"), passes = flow_hits + misses + lost;

	for (size_t i = 0; i < ARRAY_LENGTH(hits); i++)
		passes += hits[i].n;
	add_line(out, "Datapath passes:", passes);
	strbuf_addf(
		out, "  (%.2f passes/pkt)\n", worker_stats_ratio(passes, count_of(one, "packets"))
	);
	for (size_t i = 0; i < ARRAY_LENGTH(hits); i++)
		add_share(out, hits[i].label, hits[i].n, hits[i].n, passes, "");
	add_line(out, "- Megaflow hits:", flow_hits);
	strbuf_addf(
		out,
		"  (%5.1f %%, %.2f subtbl lookups/hit)\n",
		percent(flow_hits, passes),
		ratio_of(one, "probes_per_flow_hit")
	);
	add_line(out, "- Upcalls:", misses);
	strbuf_addf(
		out,
		"  (%5.1f %%, %.1f us/upcall)\n",
		percent(misses, passes),
		ratio_of(one, "us_per_answer")
	);
	add_share(out, "- Lost upcalls:", lost, lost, passes, "");
}

static void format_packets(const json_t *one, uint64_t hz, struct strbuf *out)
{
	uint64_t packets = count_of(one, "packets"), sent = count_of(one, "tx_packets");
	double ms = 1e3 * worker_stats_ratio(count_of(one, "measured_cycles"), hz);

	add_line(out, "Rx packets:", packets);
	if (packets) {
		strbuf_addf(
			out,
			"  (%.0f Kpps, %.0f cycles/pkt)\n",
			packets / ms,
			ratio_of(one, "cycles_per_packet")
		);
		format_passes(one, out);
	} else {
		strbuf_add(out, "\n");
	}
	add_line(out, "Tx packets:", sent);
	if (sent) {
		strbuf_addf(out, "  (%.0f Kpps)\n", sent / ms);
		add_line(out, "Tx batches:", count_of(one, "tx_batches"));
		strbuf_addf(out, "  (%.2f pkts/batch)\n", ratio_of(one, "packets_per_tx_batch"));
	} else {
		strbuf_add(out, "\n");
	}
}

static void format_ours(const json_t *one, struct strbuf *out)
{
	static const char *const lines[][2] = {
		{"Tx retries:", "tx_retries"},
		{"Worst iteration (us):", "worst_round_us"},
		{"- its own work (us):", "worst_round_cpu_us"},
		{"Waiting upcalls:", "waiting_misses"},
		{"Waiting to be sent:", "waiting_handed"},
	};
	char name[32];

	for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
		add_line(out, lines[i][0], count_of(one, lines[i][1]));
		strbuf_add(out, "\n");
	}
	for (unsigned i = 0; i < PARSE_N_FAULTS; i++) {
		strbuf_addf(
			out,
			"  Malformed, %s: %" PRIu64 "\n",
			parse_fault_name(i),
			count_of(one, parse_fault_name(i))
		);
	}
	strbuf_add(out, "  Cycles/pkt by stage:");
	for (unsigned i = 0; i < WORKER_STAGES; i++) {
		snprintf(name, sizeof(name), "%s_cycles", worker_stage_names[i]);
		strbuf_addf(out, "  %s %.0f", worker_stage_names[i], ratio_of(one, name));
	}
	strbuf_add(out, "\n  Rx batches by size: ");
	for (unsigned i = 0; i < BATCH_CLASSES; i++) {
		snprintf(name, sizeof(name), "batches_%s", sizes[i]);
		strbuf_addf(out, "  %s: %" PRIu64, sizes[i], count_of(one, name));
	}
	strbuf_add(out, "\n");
}

static void format_perf(const json_t *answer, struct strbuf *out)
{
	const json_t *one;
	size_t i;

	json_array_foreach(answer, i, one) {
		uint64_t hz = count_of(one, "hz");

		format_head(one, hz, out);
		format_loops(one, hz, out);
		format_packets(one, hz, out);
		format_ours(one, out);
	}
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

MGMT_COMMAND_TEXT(
	perf_show,
	"dpif-netdev/pmd-perf-show",
	"[-pmd CORE] [DP]",
	0,
	8,
	cmd_perf_show,
	"Where each worker's cycles go, its batches, and packets found malformed.",
	format_perf
);

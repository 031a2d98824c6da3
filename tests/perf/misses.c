/* SPDX-License-Identifier: Apache-2.0 */

/* What a new flow costs the worker, without the daemon: a port receives frames of one flow as fast as
 * they are taken, two others RATE frames a second between them, in bursts, in turns that are silent, of
 * flows that there are, and each of a flow of its own; the main thread makes those flows.
 *
 *	build/tests/perf/misses [-r RATE] [-w WINDOWS] [-f FLOWS] [CASE…]
 *
 * Printed are lower quartiles (of answers medians) of short windows, in nanoseconds: a frame of the
 * first port alone, beside known and beside new flows (what those push out of its caches); a frame of the
 * others that is known, from receiving to sending; and one that is new, until it waits, and from its
 * answer on. FLOWS are there from the start, and as many stay. Two cores are needed, and hugepages are
 * used if there are any.
 *
 * RATE 0 is for counting instructions: only new flows come, a burst when the last one is done with.
 *
 *	valgrind --tool=callgrind --toggle-collect=process_batch --toggle-collect=answers_process \
 *		build/tests/perf/misses -r 0 -f 1000 CASE
 *
 * gives those of as many new flows as the program says.  */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/datapath.h"
#include "datapath/drop.h"
#include "datapath/flow.h"
#include "datapath/miss_priv.h"
#include "datapath/pool.h"
#include "datapath/program.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"

DROP_REASON(bench, "a benchmark drops it");

enum {
	FRAME_SIZE = 60,
	GUESTS = 2,
	KNOWN = 64, /* addresses of the guests' known flows */
	WINDOW_US = 4000,
	MAX_WINDOWS = 1000,
	LOW = 25, /* percentile of what neighbours on the machine only add to … */
	MEDIAN = 50, /* … and of a difference */
	MISSES_AT_ONCE = 32,
	COUNTED = 20000, /* new flows at least, for counting instructions */
	FLOWS_HELD = 200000,
};

/* What the frames of the guests are. */
enum kind {
	SILENT,
	OF_KNOWN,
	OF_NEW,
	KINDS,
};

struct bench {
	const char *name;
	bool drops; /* or they go to a port */
	bool full; /* no flow is made */
	unsigned together; /* frames of a flow that come at once */
};

static const struct bench benches[] = {
	{"output", .together = 1},
	{"drop", .drops = true, .together = 1},
	{"full", .drops = true, .full = true, .together = 1},
	{"pairs", .together = 2},
};

struct sink {
	struct port port;
	struct port_rxq rxq;
};

struct window {
	uint64_t packets, cycles; /* of the first port */
	uint64_t guest_packets, guest_cycles;
	uint64_t rest; /* cycles that no queue had */
	uint64_t loops, answers;
};

static enum kind kind; /* main writes, the worker reads */
static unsigned rate = 100000;
static unsigned held = FLOWS_HELD;
static const struct bench *bench;
static struct port *ports[1 + GUESTS], *out;
static struct program *program;
static struct flow **held_flows; /* in a circle */
static unsigned next_held;
/* The worker's. */
static uint64_t next_burst;
static uint32_t next_known, next_new;

static void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static void put_frames(struct batch *batch, uint32_t (*next)(unsigned i), unsigned n, uint8_t kind_)
{
	if (rte_pktmbuf_alloc_bulk(pool_default(), batch->pkts, n))
		die("no packets are left");
	for (unsigned i = 0; i < n; i++) {
		uint8_t *bytes = (uint8_t *)rte_pktmbuf_append(batch->pkts[i], FRAME_SIZE);
		uint32_t number = next(i);

		memset(bytes, 0, FRAME_SIZE);
		bytes[0] = bytes[6] = 2;
		bytes[7] = kind_;
		memcpy(bytes + 8, &number, sizeof(number));
		bytes[12] = 0x88;
		bytes[13] = 0xb5; /* for local experiments */
	}
}

static uint32_t same_number(unsigned i)
{
	return 0;
}

static uint32_t known_number(unsigned i)
{
	return next_known++ % KNOWN;
}

static uint32_t new_number(unsigned i)
{
	return KNOWN + next_new++ / bench->together;
}

static uint16_t first_rx(struct port_rxq *rxq, struct batch *batch)
{
	if (!rate)
		return 0;
	put_frames(batch, same_number, BATCH_SIZE, 0);
	return BATCH_SIZE;
}

static uint16_t guest_rx(struct port_rxq *rxq, struct batch *batch)
{
	uint64_t gap = rate ? rte_get_tsc_hz() * BATCH_SIZE / rate : 0, now = rte_rdtsc();
	enum kind now_kind = __atomic_load_n(&kind, __ATOMIC_RELAXED);

	if (now_kind == SILENT || now < next_burst || (!rate && workers[0]->pending->n))
		return 0;
	next_burst = now < next_burst + gap ? next_burst + gap : now + gap;
	put_frames(batch, now_kind == OF_NEW ? new_number : known_number, BATCH_SIZE, 1);
	return BATCH_SIZE;
}

static uint16_t sink_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	rte_pktmbuf_free_bulk(pkts, n);
	return n;
}

static struct port *sink_open(const char *name, const json_t *options, struct errbuf *err)
{
	struct sink *sink = calloc(1, sizeof(*sink));

	sink->rxq.port = &sink->port;
	sink->rxq.wait_fd = -1;
	sink->port.rxqs[0] = &sink->rxq;
	sink->port.n_rxqs = 1;
	return &sink->port;
}

static void sink_close(struct port *port)
{
	free(port);
}

static const struct port_type port_type_bench_first = {
	.name = "bench-first",
	.test_only = true,
	.open = sink_open,
	.close = sink_close,
	.rx = first_rx,
	.tx = sink_tx,
};
REGISTRY_ADD(port_type, port_type_bench_first);

static const struct port_type port_type_bench_guest = {
	.name = "bench-guest",
	.test_only = true,
	.open = sink_open,
	.close = sink_close,
	.rx = guest_rx,
	.tx = sink_tx,
};
REGISTRY_ADD(port_type, port_type_bench_guest);

static struct port *open_port(const char *name, const char *type)
{
	json_t *options = json_object();
	struct errbuf err;
	struct port *port = port_open(name, type, options, &err);

	if (!port)
		die(err.text);
	json_decref(options);
	return port;
}

/* The main thread as keeper. */

static struct flow *
add_flow(const struct flow_first *first, const struct key *key, struct program *take_program)
{
	struct key mask;
	struct flow *flow;

	memset(&mask, 0, sizeof(mask));
	mask.base.in_port = mask.base.recirc = UINT32_MAX;
	memset(&mask.base.eth_src, 0xff, sizeof(mask.base.eth_src));
	return flow_add(first, key, &mask, take_program, NULL, &flow) ? NULL : flow;
}

static void add_known(const struct port *port, uint8_t kind_, uint32_t n, struct flow **flows_)
{
	struct key key;

	memset(&key, 0, sizeof(key));
	key.base.in_port = port->id;
	key.base.eth_src.bytes[0] = 2;
	key.base.eth_src.bytes[1] = kind_;
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&key.base.eth_src.bytes[2], &i, sizeof(i));
		struct flow *flow = add_flow(NULL, &key, program_ref(program));

		if (!flow)
			die("a flow could not be added");
		if (flows_)
			flows_[i] = flow;
	}
}

static void make_flow(struct miss *miss)
{
	struct flow **oldest = &held_flows[next_held];
	const struct flow_first first = {.worker = miss->worker, .bytes = miss->length};
	struct flow *flow = add_flow(&first, &miss->key, program_ref(program));

	if (!flow)
		return;
	if (*oldest)
		flow_del(*oldest);
	*oldest = flow;
	next_held = (next_held + 1) % held;
	miss->made = flow_get_life(flow);
	miss->counted = true;
}

static unsigned serve(void)
{
	struct miss *misses[MISSES_AT_ONCE];
	unsigned n = miss_take(misses, MISSES_AT_ONCE);
	uint64_t since = miss_clock();

	for (unsigned i = 0; i < n; i++) {
		if (!bench->full)
			make_flow(misses[i]);
		misses[i]->program = program;
		since = miss_charge(misses[i], since);
	}
	misses_answer(misses, n);
	epoch_quiesce();
	return n;
}

static void serve_for(uint64_t cycles)
{
	uint64_t end = rte_rdtsc() + cycles;

	while (rte_rdtsc() < end)
		if (!serve())
			miss_wait(1);
}

/* Measuring. */

static struct window look(void)
{
	const struct worker_stats *stats = &workers[0]->stats;
	struct window window = {.loops = stats->loops, .answers = stats->answers};

	window.rest = rte_rdtsc() - stats->busy_cycles - stats->idle_cycles - stats->sleep_cycles;
	for (unsigned i = 0; i <= GUESTS; i++) {
		int worker;
		const struct rxq_load *load = plan_find_load(ports[i]->rxqs[0], &worker);

		*(i ? &window.guest_packets : &window.packets) += load->packets;
		*(i ? &window.guest_cycles : &window.cycles) += load->cycles;
	}
	return window;
}

static struct window watch(enum kind wanted)
{
	uint64_t hz = rte_get_tsc_hz();

	__atomic_store_n(&kind, wanted, __ATOMIC_RELAXED);
	serve_for(hz / 1000);
	struct window before = look();

	serve_for(hz / 1000000 * WINDOW_US);
	struct window now = look();

	return (struct window){
		.packets = now.packets - before.packets,
		.cycles = now.cycles - before.cycles,
		.guest_packets = now.guest_packets - before.guest_packets,
		.guest_cycles = now.guest_cycles - before.guest_cycles,
		.rest = now.rest - before.rest,
		.loops = now.loops - before.loops,
		.answers = now.answers - before.answers,
	};
}

static int compare(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return (*x > *y) - (*x < *y);
}

static double percentile(double *samples, unsigned n, unsigned percent)
{
	qsort(samples, n, sizeof(samples[0]), compare);
	return samples[n * percent / 100];
}

static void measure(unsigned n_windows)
{
	static double beside[KINDS][MAX_WINDOWS], arrival[KINDS][MAX_WINDOWS], answer[MAX_WINDOWS];
	double ns = 1e9 / rte_get_tsc_hz();

	for (unsigned i = 0; i < n_windows; i++) {
		double loop = 0;

		for (enum kind k = SILENT; k < KINDS; k++) {
			struct window w = watch(k);

			beside[k][i] = ns * w.cycles / (w.packets + 1);
			arrival[k][i] = ns * w.guest_cycles / (w.guest_packets + 1);
			if (k == SILENT)
				loop = (double)w.rest / w.loops;
			answer[i] = ns * (w.rest - loop * w.loops) / (w.answers + 1);
		}
	}
	printf("%-10s %7.2f %7.2f %7.2f %8.0f %8.0f %8.0f   %lu new flows\n",
	       bench->name,
	       percentile(beside[SILENT], n_windows, LOW),
	       percentile(beside[OF_KNOWN], n_windows, LOW),
	       percentile(beside[OF_NEW], n_windows, LOW),
	       percentile(arrival[OF_KNOWN], n_windows, LOW),
	       percentile(arrival[OF_NEW], n_windows, LOW),
	       percentile(answer, n_windows, MEDIAN),
	       (unsigned long)workers[0]->stats.answers);
	fflush(stdout);
}

static void count(void)
{
	__atomic_store_n(&kind, OF_NEW, __ATOMIC_RELAXED);
	while (__atomic_load_n(&workers[0]->stats.answers, __ATOMIC_RELAXED) < COUNTED)
		if (!serve())
			miss_wait(1);
	__atomic_store_n(&kind, SILENT, __ATOMIC_RELAXED);
	while (miss_in_flight())
		serve();
	printf("%-10s %lu new flows\n", bench->name, (unsigned long)workers[0]->stats.answers);
}

static bool delete_flow(const struct flow *flow, void *context)
{
	flow_del((struct flow *)flow);
	return true;
}

static void add_flows(void)
{
	struct program_builder b;

	program_begin(&b);
	if (bench->drops)
		program_add_drop(&b, &drop_bench);
	else
		program_add_output(&b, out->id);
	program = program_intern(&b);
	held_flows = calloc(held, sizeof(struct flow *));
	next_held = 0;
	/* Of addresses that nobody sends from. */
	add_known(ports[1], 2, held, held_flows);
	for (unsigned i = 0; i <= GUESTS; i++)
		add_known(ports[i], i > 0, KNOWN, NULL);
}

static void run(unsigned n_windows)
{
	struct worker_config config = {.cores = {0}};
	struct errbuf err;

	ports[0] = open_port("first", "bench-first");
	ports[1] = open_port("guest1", "bench-guest");
	ports[2] = open_port("guest2", "bench-guest");
	out = open_port("out", "bench-first");
	add_flows();
	if (workers_configure(&config, &err))
		die(err.text);
	plan_add_ports(ports, 1 + GUESTS);
	if (rate)
		measure(n_windows);
	else
		count();
	__atomic_store_n(&kind, SILENT, __ATOMIC_RELAXED);
	while (miss_in_flight())
		serve();
	workers_stop();
	flow_foreach(delete_flow, NULL);
	program_unref(program);
	free(held_flows);
	for (unsigned i = 0; i <= GUESTS; i++)
		port_close(ports[i]);
	port_close(out);
}

int main(int argc, char **argv)
{
	struct datapath_config config = {.enable_dummy = true, .eal_extra = "--no-pci"};
	unsigned n_windows = 200;
	struct errbuf err;
	int option;

	while ((option = getopt(argc, argv, "r:w:f:")) != -1) {
		unsigned n = optarg ? (unsigned)strtoul(optarg, NULL, 10) : 0;

		if (option == 'r')
			rate = n;
		else if (option == 'w')
			n_windows = n;
		else if (option == 'f')
			held = n;
		else
			die("usage: misses [-r RATE] [-w WINDOWS] [-f FLOWS] [CASE...]");
	}
	if (!n_windows || n_windows > MAX_WINDOWS || !held)
		die("there must be windows, at most 1000, and flows");
	epoch_register();
	if (datapath_start(&config, &err))
		die(err.text);
	if (rate)
		printf("%-10s %7s %7s %7s %8s %8s %8s\n",
		       "case",
		       "alone",
		       "known",
		       "new",
		       "known",
		       "new",
		       "answer");
	for (unsigned i = 0; i < ARRAY_LENGTH(benches); i++) {
		bool wanted = optind == argc;

		for (int k = optind; k < argc; k++)
			wanted |= !strcmp(argv[k], benches[i].name);
		bench = &benches[i];
		if (wanted)
			run(n_windows);
	}
	datapath_stop();
	return 0;
}

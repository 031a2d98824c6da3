/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/worker.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_lcore.h>

#include "datapath/capture/take.h"
#include "datapath/fast/process.h"
#include "datapath/fast/transmit.h"
#include "datapath/miss_priv.h"
#include "datapath/pages.h"
#include "datapath/pool.h"
#include "datapath/worker_priv.h"
#include "lib/clock.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"

enum {
	HANDED_SIZE = 1024, /* packets other workers may leave for us to send */
	STOP_MS = 200, /* a worker that ends waits so long for answers */
	READY_MS = 40, /* main waits so long for those that start */
	ASK_IDLE_US = 2,
	FILL_MS = 20, /* for so long main finds memory for running workers */
};

DROP_REASON(malformed, "what the device or guest handed over was no packet, or too much for one");

struct worker *workers[WORKERS_MAX];
static __thread struct worker *current; /* whose thread this is */
static unsigned n_workers; /* main writes, workers read */
static struct rte_ring *handed[WORKERS_MAX]; /* stay for the next worker of the index */
static struct exact_config exact_config; /* main's */

/* A round that took much longer than a millisecond was either too much work at once, or a core that
 * was taken away: the time the thread used tells which. */
static __attribute__((noinline)) void time_round(struct worker *worker, uint64_t tsc)
{
	/* After a sleep, which began with a look at the time used, there is a packet to be seen to. */
	if (!worker->now_tsc) {
		pause_suspect(worker, 0, tsc);
		return;
	}
	int64_t cpu = worker_cpu_ns();
	uint64_t took = tsc - worker->now_tsc, worked = cpu - worker->now_cpu_ns;

	/* Main may set these back. */
	if (took > __atomic_load_n(&worker->worst_cycles, __ATOMIC_RELAXED))
		__atomic_store_n(&worker->worst_cycles, took, __ATOMIC_RELAXED);
	if (worked > __atomic_load_n(&worker->worst_cpu_ns, __ATOMIC_RELAXED))
		__atomic_store_n(&worker->worst_cpu_ns, worked, __ATOMIC_RELAXED);
	worker->now_cpu_ns = cpu;
	pause_suspect(worker, worked / 1000, tsc);
	nudge_look(took * 1000 / (worker->hz / 1000000), worked);
}

static inline void read_clock(struct worker *worker, uint64_t tsc)
{
	if (tsc - worker->now_tsc < worker->hz / 1000 && !clock_is_stopped())
		return;
	time_round(worker, tsc);
	worker->now_tsc = tsc;
	worker->now_ms = clock_ms();
}

static inline void exact_adopt(struct worker *worker)
{
	const struct exact_cache *wanted = epoch_load(&worker->exact_wanted);

	if (unlikely(wanted->number != worker->exact.number))
		worker->exact = *wanted;
}

/* Begins to time a batch, and looks what it left behind in its queue. */
static __attribute__((noinline)) void
time_batch(struct worker *worker, const struct plan_rxq *queue, unsigned n, uint64_t since)
{
	const struct port_type *type = queue->rxq->port->type;
	int depth = type->rx_depth ? type->rx_depth(queue->rxq) : -1;

	if (depth >= 0)
		depth += n;
	COUNTER_SET(queue->load->depth, depth);
	if (depth > queue->load->depth_most)
		COUNTER_SET(queue->load->depth_most, depth);
	worker->timed_since = since;
	COUNTER_ADD(worker->stats.timed_packets, n);
}

/* One round over the queues of the plan. Returns how many packets moved. */
static unsigned poll_queues(struct worker *worker, const struct plan *plan)
{
	uint64_t before = rte_rdtsc();
	unsigned moved = 0;

	read_clock(worker, before);
	if (plan->asks && before - worker->asked >= worker->ask_step[worker->idle])
		worker_ask(worker, plan);
	for (unsigned i = 0; i < plan->n_rxqs; i++) {
		struct port_rxq *rxq = plan->rxqs[i].rxq;
		struct batch batch;

		if (plan->rxqs[i].by_fd && !rxq->ready)
			continue;
		batch.n = likely(!worker->suspects) ? rxq->port->type->rx(rxq, &batch)
						    : pause_rx(worker, &plan->rxqs[i], &batch);
		if (plan->rxqs[i].by_fd)
			rxq->ready = batch.n == BATCH_SIZE;
		if (!batch.n)
			continue;
		unsigned n = batch.n;

		if (unlikely(worker->stats.batches % STAGE_SAMPLES == 0))
			time_batch(worker, &plan->rxqs[i], n, before);
		process_batch(worker, &batch, rxq->port);
		worker->timed_since = 0;
		uint64_t now = rte_rdtsc();

		COUNTER_ADD(plan->rxqs[i].load->packets, n);
		COUNTER_ADD(plan->rxqs[i].load->cycles, now - before);
		COUNTER_ADD(worker->stats.busy_cycles, now - before);
		before = now;
		moved += n;
	}
	if (!moved) {
		uint64_t now = rte_rdtsc();

		COUNTER_ADD(worker->stats.idle_cycles, now - before);
	}
	return moved;
}

static inline bool answers_wait(const struct pending_table *table)
{
	return table->n && (table->n_taken || !rte_ring_empty(table->answers));
}

static void run(struct worker *worker)
{
	unsigned idle_loops = 0;

	while (__atomic_load_n(&worker->state, __ATOMIC_RELAXED) == WORKER_RUNNING) {
		const struct plan *plan = epoch_load(&worker->plan);

		exact_adopt(worker);
		uint32_t asked = __atomic_load_n(&worker->quiet_asked, __ATOMIC_ACQUIRE);
		unsigned moved = poll_queues(worker, plan);

		if (answers_wait(worker->pending))
			moved += answers_process(worker);
		if (!rte_ring_empty(worker->handed))
			moved += transmit_handed(worker);
		if (!worker->index)
			moved += process_injected(worker);
		COUNTER_ADD(worker->stats.loops, 1);
		worker->idle = !moved;
		if (moved) {
			COUNTER_ADD(worker->stats.busy_loops, 1);
			idle_loops = 0;
		} else {
			/* Pairs with workers_are_quiet(): a whole round found nothing. */
			if (asked != worker->quiet_seen)
				__atomic_store_n(&worker->quiet_seen, asked, __ATOMIC_RELEASE);
			worker_rest(worker, plan, ++idle_loops);
		}
		/* All plans and programs read in this round are forgotten here. */
		epoch_quiesce();
	}
}

static void pin(pthread_t thread, unsigned core)
{
	cpu_set_t *cpus = CPU_ALLOC(CORES);
	size_t size = CPU_ALLOC_SIZE(CORES);

	CPU_ZERO_S(size, cpus);
	CPU_SET_S(core, size, cpus);
	pthread_setaffinity_np(thread, size, cpus);
	CPU_FREE(cpus);
}

/* All memory that packets need in large pieces: none of them shall wait for the kernel to find it. */
static void fill_memory(struct worker *worker)
{
	/* Low ids go first: few switches have so many ports as to touch the other half. */
	pages_fill(worker->outboxes, PORT_IDS / 2 * sizeof(struct outbox));
	exact_fill(&worker->exact);
	flows_fill_counters(worker->index);
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	char name[16];

	current = worker;
	snprintf(name, sizeof(name), "worker%u", worker->index);
	pthread_setname_np(pthread_self(), name);
	__atomic_store_n(&worker->thread_id, gettid(), __ATOMIC_RELEASE);
	/* Short sleeps must not be stretched by the kernel's usual 50 µs. */
	prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0);
	turns_want_short();
	pin(pthread_self(), worker->core);
	fill_memory(worker);
	nudge_begin();
	__atomic_store_n(&worker->ready, true, __ATOMIC_RELEASE);
	/* Without an lcore id (there are 128) pools work without a cache: slower, not wrong. */
	bool registered = rte_thread_register() == 0;

	epoch_register();
	answers_forget(worker);
	run(worker);
	nudge_end();
	/* What translators still have is answered soon; nothing is polled meanwhile. */
	for (unsigned ms = 0; worker->pending->n && ms < STOP_MS; ms++) {
		epoch_offline();
		usleep(1000);
		epoch_online();
		while (answers_process(worker))
			;
	}
	transmit_handed(worker);
	epoch_unregister();
	if (registered)
		rte_thread_unregister();
	return NULL;
}

static struct plan *empty_plan(void)
{
	return XNEW(struct plan);
}

static struct worker *worker_new(unsigned index)
{
	struct worker *worker = xalloc_aligned(CACHE_LINE, sizeof(*worker));

	worker->index = index;
	worker->plan = empty_plan();
	worker->outboxes = pages_map(PORT_IDS * sizeof(struct outbox), true);
	worker->dirty = xalloc_aligned(CACHE_LINE, PORT_IDS * sizeof(uint16_t));
	worker->flow_counters = flows_counters(index);
	worker->port_counters = ports_counters(index);
	worker->drops = drops_of_worker(index);
	capture_init(worker);
	worker->pool = pool_default();
	worker->pending = pending_table_of(index);
	worker_stats_clear(worker);
	process_init(worker);
	worker->subtable_hits = xalloc_aligned(CACHE_LINE, SUBTABLES_MAX * sizeof(uint64_t));
	worker->hints = xalloc_aligned(CACHE_LINE, HINTS * sizeof(struct hint));
	worker->hz = rte_get_tsc_hz();
	worker->ask_step[false] = worker->hz / 1000000 * WORKER_ASK_US;
	worker->ask_step[true] = worker->hz / 1000000 * ASK_IDLE_US;
	worker->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	worker->event_set = -1;
	worker->now_ms = clock_ms();
	worker->exact_wanted = exact_new(&exact_config, NULL);
	worker->exact = *worker->exact_wanted;
	if (!handed[index]) {
		handed[index] = xalloc_aligned(CACHE_LINE, rte_ring_get_memsize(HANDED_SIZE));
		ring_init(handed[index], "handed", HANDED_SIZE, RING_F_SC_DEQ);
	}
	worker->handed = handed[index];
	return worker;
}

static void worker_free(void *obj)
{
	struct worker *worker = obj;

	pages_unmap(worker->outboxes, PORT_IDS * sizeof(struct outbox));
	process_fini(worker);
	exact_free(worker->exact_wanted, NULL);
	close(worker->event_fd);
	if (worker->event_set >= 0)
		close(worker->event_set);
	free(worker->subtable_hits);
	free(worker->hints);
	free(worker->dirty);
	free(worker->plan);
	free(worker);
}

/* So that those from 'first' on are not given queues before they can look after them. They can soon, or get
 * them all the same. */
static void await_ready(unsigned first)
{
	const struct timespec pause = {.tv_nsec = 100000};
	unsigned tries = READY_MS * 10;

	epoch_offline();
	for (unsigned i = first; i < n_workers; i++)
		/* Pairs with worker_main(). */
		for (; tries && !__atomic_load_n(&workers[i]->ready, __ATOMIC_ACQUIRE); tries--)
			nanosleep(&pause, NULL);
	epoch_online();
}

static int worker_start(unsigned index, unsigned core, struct errbuf *err)
{
	struct worker *worker = worker_new(index);
	int error;

	worker->core = core;
	worker->state = WORKER_RUNNING;
	epoch_store(&workers[index], worker);
	error = pthread_create(&worker->thread, NULL, worker_main, worker);
	if (error) {
		epoch_store(&workers[index], NULL);
		worker_free(worker);
		return errbuf_set(
			err,
			-error,
			"worker %u on core %u could not be started (%s): is a limit on threads set?",
			index,
			core,
			strerror(error)
		);
	}
	return 0;
}

static void worker_stop(unsigned index)
{
	struct worker *worker = workers[index];

	__atomic_store_n(&worker->state, WORKER_STOPPING, __ATOMIC_RELEASE);
	worker_kick(worker);
	epoch_offline();
	pthread_join(worker->thread, NULL);
	epoch_online();
	epoch_store(&workers[index], NULL);
	/* Translators that answer may still be writing to its eventfd. */
	epoch_free(worker, worker_free);
}

static void set_count(unsigned n)
{
	__atomic_store_n(&n_workers, n, __ATOMIC_RELAXED);
}

static void stop_last(void)
{
	set_count(n_workers - 1);
	worker_stop(n_workers);
}

/* Orders the wanted cores so that workers that can stay where they are do. */
static void match_cores(unsigned *cores, unsigned n)
{
	for (unsigned i = 0; i < n && i < n_workers; i++)
		for (unsigned j = i; j < n; j++)
			if (cores[j] == workers[i]->core) {
				unsigned swap = cores[i];

				cores[i] = cores[j];
				cores[j] = swap;
				break;
			}
}

/* Gives running workers another exact cache, if it is to be another. One of the largest takes 5 ms to fill, and
 * longer where the kernel has to move pages: those for whom there is no time wait for each page once. */
static void change_exact(const struct exact_config *config)
{
	uint64_t until = rte_rdtsc() + rte_get_tsc_hz() / 1000 * FILL_MS;
	struct exact_cache *old[WORKERS_MAX] = {0};

	if (config->entries == exact_config.entries && config->off == exact_config.off)
		return;
	exact_config = *config;
	for (unsigned i = 0; i < n_workers; i++) {
		old[i] = workers[i]->exact_wanted;
		struct exact_cache *new = exact_new(config, old[i]);

		if (rte_rdtsc() < until)
			exact_fill(new);
		epoch_store(&workers[i]->exact_wanted, new);
	}
	/* Who sleeps adopts the new one before it looks into any. */
	epoch_wait();
	for (unsigned i = 0; i < n_workers; i++)
		exact_free(old[i], workers[i]->exact_wanted);
}

int workers_configure(const struct worker_config *config, struct errbuf *err)
{
	unsigned cores[WORKERS_MAX];
	unsigned before = n_workers;
	unsigned n = 0;
	int error = cores_choose(config, cores, &n, err);

	if (error)
		return error;
	match_cores(cores, n);
	for (unsigned i = 0; i < n && i < before; i++) {
		workers[i]->core = cores[i];
		pin(workers[i]->thread, cores[i]);
	}
	while (n_workers < n) {
		error = worker_start(n_workers, cores[n_workers], err);
		if (error)
			break;
		set_count(n_workers + 1);
	}
	await_ready(before);
	nudge_report();
	for (unsigned i = 0; i < n_workers; i++)
		__atomic_store_n(&workers[i]->max_sleep_us, config->max_sleep_us, __ATOMIC_RELAXED);
	change_exact(&config->exact);
	if (n < before) {
		plan_workers_changed(n);
		while (n_workers > n)
			stop_last();
	} else if (n_workers > before) {
		plan_workers_changed(n_workers);
	}
	return error;
}

void workers_stop(void)
{
	if (!n_workers)
		return;
	plan_workers_changed(0);
	while (n_workers)
		stop_last();
	epoch_drain();
}

unsigned workers_count(void)
{
	return __atomic_load_n(&n_workers, __ATOMIC_RELAXED);
}

int worker_index(void)
{
	return current ? current->index : -1;
}

void worker_wake(unsigned index)
{
	struct worker *worker = epoch_load(&workers[index]);

	/* Pairs with worker_rest(): it says that it sleeps before it looks a last time. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (worker && __atomic_load_n(&worker->asleep, __ATOMIC_RELAXED))
		worker_kick(worker);
}

void workers_wake(void)
{
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		worker_wake(i);
}

void worker_kick(struct worker *worker)
{
	uint64_t one = 1;

	if (write(worker->event_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: it will wake */
}

void worker_count_malformed(const struct port *port, unsigned n)
{
	if (!current)
		return;
	worker_count_drops(current, port->id, n, &drop_malformed);
	current->n_malformed += n;
}

void worker_count_refused(
	struct worker *worker,
	uint16_t port_id,
	struct rte_mbuf *const *pkts,
	uint16_t n,
	const struct drop_reason *reason
)
{
	worker_count_drops(worker, port_id, n, reason);
	capture_refused(worker, port_id, pkts, n, reason);
}

void worker_drop(
	struct worker *worker, struct rte_mbuf **pkts, uint16_t n, const struct drop_reason *reason
)
{
	uint16_t first = 0;

	for (uint16_t i = 1; i <= n; i++) {
		uint16_t port = pkts[first]->port;

		if (i < n && pkts[i]->port == port)
			continue;
		worker_count_drops(worker, port, i - first, reason);
		capture_deaths(worker, port, pkts + first, i - first, reason);
		first = i;
	}
	rte_pktmbuf_free_bulk(pkts, n);
}

/* Whether the worker answers soon that a whole round found nothing to do. */
static bool is_quiet(struct worker *worker)
{
	struct timespec pause = {.tv_nsec = 20000};
	uint32_t asked = worker->quiet_asked + 1;

	__atomic_store_n(&worker->quiet_asked, asked, __ATOMIC_RELEASE);
	worker_kick(worker);
	for (unsigned tries = 0; tries < 500; tries++) {
		if (__atomic_load_n(&worker->quiet_seen, __ATOMIC_ACQUIRE) == asked)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

bool workers_are_quiet(void)
{
	/* Workers hand packets to each other: one that was quiet may have got some since. */
	unsigned rounds = n_workers > 1 ? 2 : 1;
	unsigned sent = misses_sent();

	if (miss_in_flight())
		return false;
	for (; rounds; rounds--)
		for (unsigned i = 0; i < n_workers; i++)
			if (!is_quiet(workers[i]))
				return false;
	/* A packet that became a miss meanwhile may have moved on anywhere. */
	return miss_in_flight() == 0 && (misses_sent() == sent || n_workers == 1);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/miss.h"

#include <string.h>

#include <rte_cycles.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "datapath/miss_priv.h"
#include "datapath/packet/ring.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	PORT_WORDS = PORT_IDS / 64,
};

static struct rte_ring *rings[PORT_IDS]; /* main replaces, all read */
/* What ports were charged with and have not got turns for yet, in nanoseconds: the translator's. */
static int64_t debts[PORT_IDS];

/* One bit for each port whose ring may hold something. */
static alignas(CACHE_LINE) uint64_t ready[PORT_WORDS];
static struct histogram translations; /* translators write, in turn; main reads */
static uint64_t changes; /* in force; translators write, in turn, workers read */

static inline void prefetch_to_write(const void *line)
{
	asm volatile("prefetchw %0" : : "m"(*(const char *)line));
}

/* The translator has had it last. It is the next entry to be used, and fetched so that it can be written
 * then: else it would be fetched twice. */
static inline void prefetch_entry(const struct pending *pending)
{
	prefetch_to_write(&pending->miss.first);
	prefetch_to_write(&pending->miss.key);
}

unsigned misses_send(struct pending_table *table, struct pending **pendings, unsigned n)
{
	uint16_t port = pendings[0]->miss.port;
	struct rte_ring *ring = epoch_load(&rings[port]);

	n = ring ? ring_add(ring, (void **)pendings, n) : 0;
	if (!n)
		return 0;
	__atomic_store_n(&table->sent, table->sent + n, __ATOMIC_RELAXED);
	/* Sequentially consistent, as is the sleeper's side in miss_wait(): either it sees the bit
	 * or we see it sleeping. */
	__atomic_fetch_or(&ready[port / 64], 1ULL << (port % 64), __ATOMIC_SEQ_CST);
	miss_wait_end();
	return n;
}

/* The next port after 'from' that has something, or -1. */
static int next_ready(unsigned from)
{
	for (unsigned i = 0; i <= PORT_WORDS; i++) {
		unsigned word = (from / 64 + i) % PORT_WORDS;
		uint64_t bits = __atomic_load_n(&ready[word], __ATOMIC_RELAXED);

		if (i == 0)
			bits &= UINT64_MAX << (from % 64);
		if (bits)
			return word * 64 + __builtin_ctzll(bits);
	}
	return -1;
}

bool misses_are_ready(void)
{
	return next_ready(0) >= 0;
}

/* Each visit pays off a turn's worth. */
static bool pays_its_debt(unsigned port)
{
	if (debts[port] > 0)
		debts[port] -= MISS_TURN_NS;
	return debts[port] <= 0;
}

static uint64_t ns_between(uint64_t since, uint64_t now)
{
	return (uint64_t)((double)(now - since) * 1e9 / (double)rte_get_tsc_hz());
}

uint64_t miss_clock(void)
{
	return rte_rdtsc();
}

void miss_charge_ns(uint16_t port, int64_t ns)
{
	debts[port] += ns;
	if (debts[port] > (int64_t)MISS_DEBT_TURNS * MISS_TURN_NS)
		debts[port] = (int64_t)MISS_DEBT_TURNS * MISS_TURN_NS;
}

uint64_t miss_charge(const struct miss *miss, uint64_t since)
{
	uint64_t now = rte_rdtsc(), ns = ns_between(since, now);

	histogram_add(&translations, ns);
	miss_charge_ns(miss->port, (int64_t)ns);
	return now;
}

/* Nothing has been decided yet. */
static void begin(struct miss *miss)
{
	miss->program = NULL;
	miss->drop = NULL;
	miss->made.flow = NULL;
	miss->counted = false;
	miss->changes = 0;
}

unsigned miss_take(struct miss **misses, unsigned max)
{
	static __thread unsigned cursor;
	unsigned n = 0;

	/* One miss from each port in turn: deficit round robin, by the time that misses took. */
	while (n < max) {
		int port = next_ready(cursor);
		struct rte_ring *ring;

		if (port < 0)
			break;
		cursor = (port + 1) % PORT_IDS;
		if (!pays_its_debt(port))
			continue;
		/* Cleared before the look: what comes later sets it again. */
		__atomic_fetch_and(&ready[port / 64], ~(1ULL << (port % 64)), __ATOMIC_SEQ_CST);
		ring = epoch_load(&rings[port]);
		if (!ring || !ring_take(ring, (void **)&misses[n], 1))
			continue;
		begin(misses[n++]);
		if (!rte_ring_empty(ring))
			__atomic_fetch_or(&ready[port / 64], 1ULL << (port % 64), __ATOMIC_SEQ_CST);
	}
	return n;
}

void misses_answer(struct miss **misses, unsigned n)
{
	for (unsigned first = 0, end; first < n; first = end) {
		uint16_t worker = misses[first]->worker;

		for (end = first + 1; end < n && misses[end]->worker == worker;)
			end++;
		/* Cannot fail: the ring has room for every entry of the worker. */
		ring_add(pending_tables[worker]->answers, (void **)misses + first, end - first);
		worker_wake(worker);
	}
}

unsigned miss_place(const struct miss *miss)
{
	/* The first is none. */
	return (const struct pending *)miss - pending_tables[miss->worker]->entries - 1;
}

void miss_answer(struct miss *miss, struct program *program)
{
	miss->program = program;
	misses_answer(&miss, 1);
}

void miss_drop(struct miss *miss, const struct drop_reason *reason)
{
	miss->drop = reason;
	misses_answer(&miss, 1);
}

void misses_changed(uint64_t n)
{
	/* Pairs with miss_is_old(): by then flows that do not hold any more are marked. */
	__atomic_store_n(&changes, n, __ATOMIC_RELEASE);
}

bool miss_is_old(const struct miss *miss)
{
	return miss->changes != __atomic_load_n(&changes, __ATOMIC_ACQUIRE);
}

bool misses_fetch_answers(const struct pending_table *table)
{
	const struct rte_ring *ring = table->answers;
	struct pending *const *places = (struct pending *const *)(ring + 1);
	unsigned n = rte_ring_count(ring);

	for (unsigned i = 0; i < n && i < BATCH_SIZE; i += CACHE_LINE / sizeof(*places))
		rte_prefetch0(&places[(ring->cons.head + i) & ring->mask]);
	return n;
}

unsigned misses_take_answers(struct pending_table *table, struct pending **pendings, unsigned max)
{
	unsigned n = ring_take(table->answers, (void **)pendings, max);

	if (!n)
		return 0;
	uint32_t now = pending_clock();

	for (unsigned i = 0; i < n; i++)
		prefetch_entry(pendings[i]);
	for (unsigned i = 0, end; i < n; i = end) {
		uint32_t since = pending_slot(table, pendings[i])->since;
		uint64_t waited = (uint64_t)(now - since) << PENDING_TICK;

		/* Those of a batch were set aside together. */
		for (end = i + 1; end < n && pending_slot(table, pendings[end])->since == since;)
			end++;
		histogram_add_many(&table->waits, ns_between(0, waited), end - i);
	}
	return n;
}

void miss_done(struct pending_table *table, unsigned n)
{
	__atomic_store_n(&table->done, table->done + n, __ATOMIC_RELEASE);
}

unsigned miss_in_flight(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < WORKERS_MAX; i++) {
		const struct pending_table *table = epoch_load(&pending_tables[i]);

		if (table) {
			n -= __atomic_load_n(&table->done, __ATOMIC_ACQUIRE);
			n += __atomic_load_n(&table->sent, __ATOMIC_ACQUIRE);
		}
	}
	return n;
}

unsigned misses_sent(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < WORKERS_MAX; i++) {
		const struct pending_table *table = epoch_load(&pending_tables[i]);

		n += table ? __atomic_load_n(&table->sent, __ATOMIC_ACQUIRE) : 0;
	}
	return n;
}

static void add_histogram(struct histogram *sum, const struct histogram *histogram)
{
	for (unsigned i = 0; i <= HISTOGRAM_STEPS; i++)
		sum->counts[i] += __atomic_load_n(&histogram->counts[i], __ATOMIC_RELAXED);
	sum->sum_ns += __atomic_load_n(&histogram->sum_ns, __ATOMIC_RELAXED);
}

void misses_get_times(struct histogram *waits, struct histogram *translating)
{
	*waits = *translating = (struct histogram){.sum_ns = 0};
	add_histogram(translating, &translations);
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		if (pending_tables[i])
			add_histogram(waits, &pending_tables[i]->waits);
}

void misses_add_port(uint16_t port_id)
{
	struct rte_ring *ring;

	if (rings[port_id])
		return;
	ring = xalloc_aligned(CACHE_LINE, rte_ring_get_memsize(MISS_PORT_RING));
	ring_init(ring, "misses", MISS_PORT_RING, 0);
	epoch_store(&rings[port_id], ring);
}

void misses_del_port(uint16_t port_id)
{
	/* The ring stays: translators may hold it, and what it holds belongs to workers. The next
	 * port of this id takes it over. */
}

void misses_init(void)
{
	miss_wait_init();
}

/* With all workers and translators stopped: frees what still waits. */
void misses_fini(void)
{
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		if (pending_tables[i])
			pending_empty(pending_tables[i]);
	for (unsigned port = 0; port < PORT_IDS; port++) {
		void *miss;

		while (rings[port] && ring_take(rings[port], &miss, 1))
			;
	}
	memset(ready, 0, sizeof(ready));
}

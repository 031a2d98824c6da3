/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/miss.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <rte_prefetch.h>
#include <rte_ring.h>

#include "datapath/miss_priv.h"
#include "datapath/pages.h"
#include "datapath/worker.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	PORT_WORDS = PORT_IDS / 64,
	SPIN_US = 20, /* to wait awake for the next miss … */
	SPIN_FROM = 8, /* … if so many came since the last wait */
	/* Where so many come in a second it is looked for every so often, and nobody has to ring. */
	NAP_FROM = 20000,
	NAP_US = 50,
	NAP_PERIOD_MS = 2, /* over which they are counted */
};

static struct rte_ring *rings[PORT_IDS]; /* main replaces, all read */
/* What ports were charged with and have not got turns for yet, in nanoseconds: the translator's. */
static int64_t debts[PORT_IDS];
static struct pending_table *tables[WORKERS_MAX];

/* One bit for each port whose ring may hold something. */
static alignas(CACHE_LINE) uint64_t ready[PORT_WORDS];
static alignas(CACHE_LINE) unsigned n_sleepers; /* translators asleep or about to be */
static bool rung; /* somebody has begun to wake them */
static struct histogram translations; /* translators write, in turn; main reads */
static int wake_fd = -1;

static struct rte_ring *ring_new(unsigned size)
{
	struct rte_ring *ring = xalloc_aligned(CACHE_LINE, rte_ring_get_memsize(size));

	rte_ring_init(ring, "misses", size, 0);
	return ring;
}

void misses_init(void)
{
	if (wake_fd < 0)
		wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

struct pending_table *pending_table_of(unsigned worker)
{
	struct pending_table *table = tables[worker];

	if (table)
		return table;
	table = xalloc_aligned(CACHE_LINE, sizeof(*table));
	table->by_port = xalloc_aligned(CACHE_LINE, PORT_IDS * sizeof(uint16_t));
	table->entries = pages_map(MISS_PENDING * sizeof(struct pending), false);
	table->more_by_port = xalloc_aligned(CACHE_LINE, PORT_IDS * sizeof(uint16_t));
	for (unsigned i = 0; i < MISS_MORE; i++)
		table->free_more[i] = XNEW(struct waiting);
	/* One place is never used by a ring: this one can hold every entry. */
	table->answers = ring_new(MISS_PENDING * 2);
	for (unsigned i = 0; i < MISS_PENDING; i++) {
		struct pending *pending = &table->entries[i];

		pending->miss.worker = worker;
		table->free[i] = pending;
	}
	epoch_store(&tables[worker], table);
	return table;
}

struct pending *
pending_new(struct pending_table *table, uint32_t hash, uint16_t port, uint32_t recirc)
{
	struct pending **chain = &table->chains[hash % MISS_PENDING];

	if (table->by_port[port] >= MISS_PENDING - table->n)
		return NULL;
	struct pending *pending = table->free[MISS_PENDING - ++table->n];

	table->by_port[port]++;
	pending->hash = hash;
	pending->port = port;
	pending->recirc = recirc;
	pending->n_waiting = 0;
	pending->more = pending->last = NULL;
	pending->miss.port = port;
	pending->miss.drop = NULL;
	pending->miss.program = NULL;
	pending->miss.made.flow = NULL;
	pending->next = *chain;
	*chain = pending;
	return pending;
}

/* Others have it: a plain prefetch would leave it shared, and the store that follows wait as long. */
static inline void prefetch_to_write(const void *line)
{
	asm volatile("prefetchw %0" : : "m"(*(const char *)line));
}

static void prefetch_entry(const struct pending *pending)
{
	rte_prefetch0(&pending->miss.first);
	rte_prefetch0(&pending->next);
	rte_prefetch0(&pending->miss.key);
}

void pending_prefetch(const struct pending_table *table, unsigned n)
{
	for (unsigned i = 1; i <= n && i <= MISS_PENDING - table->n; i++) {
		const struct pending *pending = table->free[MISS_PENDING - table->n - i];

		prefetch_to_write(&pending->miss.key);
		prefetch_to_write(&pending->miss.first);
		prefetch_to_write(&pending->next);
	}
}

void pending_free(struct pending_table *table, struct pending *pending)
{
	struct pending **at = &table->chains[pending->hash % MISS_PENDING];

	while (*at != pending)
		at = &(*at)->next;
	*at = pending->next;
	table->free[MISS_PENDING - table->n--] = pending;
	table->by_port[pending->port]--;
}

/* A block for more packets of the entry. NULL if as many as its port has would not be left. */
static struct waiting *waiting_new(struct pending_table *table, struct pending *pending)
{
	if (table->more_by_port[pending->port] >= MISS_MORE - table->n_more)
		return NULL;
	struct waiting *waiting = table->free_more[MISS_MORE - ++table->n_more];

	table->more_by_port[pending->port]++;
	waiting->n = 0;
	waiting->next = NULL;
	if (pending->last)
		pending->last->next = waiting;
	else
		pending->more = waiting;
	pending->last = waiting;
	return waiting;
}

void waiting_free(struct pending_table *table, uint16_t port, struct waiting *waiting)
{
	table->free_more[MISS_MORE - table->n_more--] = waiting;
	table->more_by_port[port]--;
}

bool pending_wait(struct pending_table *table, struct pending *pending, struct rte_mbuf *pkt)
{
	struct waiting *waiting;

	if (likely(pending->n_waiting < MISS_WAITING)) {
		pending->waiting[pending->n_waiting++] = pkt;
		return true;
	}
	waiting = pending->last;
	if (!waiting || waiting->n == BATCH_SIZE)
		waiting = waiting_new(table, pending);
	if (!waiting)
		return false;
	waiting->pkts[waiting->n++] = pkt;
	return true;
}

unsigned misses_send(struct pending_table *table, struct pending **pendings, unsigned n)
{
	uint16_t port = pendings[0]->port;
	struct rte_ring *ring = epoch_load(&rings[port]);
	uint64_t now = rte_rdtsc();

	for (unsigned i = 0; i < n; i++)
		pendings[i]->sent_at = now;
	n = ring ? rte_ring_mp_enqueue_burst(ring, (void **)pendings, n, NULL) : 0;
	if (!n)
		return 0;
	__atomic_store_n(&table->sent, table->sent + n, __ATOMIC_RELAXED);
	/* Sequentially consistent, as is the sleeper's side in miss_wait(): either it sees the bit
	 * or we see it sleeping. */
	__atomic_fetch_or(&ready[port / 64], 1ULL << (port % 64), __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&n_sleepers, __ATOMIC_SEQ_CST) &&
	    !__atomic_exchange_n(&rung, true, __ATOMIC_SEQ_CST))
		miss_wake();
	return n;
}

void miss_wake(void)
{
	uint64_t one = 1;

	if (wake_fd >= 0 && write(wake_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: they are awake */
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
		if (!ring || rte_ring_mc_dequeue(ring, (void **)&misses[n]))
			continue;
		n++;
		if (!rte_ring_empty(ring))
			__atomic_fetch_or(&ready[port / 64], 1ULL << (port % 64), __ATOMIC_SEQ_CST);
	}
	return n;
}

/* Where misses come fast the next one is worth a moment: falling asleep and waking takes longer. */
static bool spin(void)
{
	static __thread unsigned seen;
	unsigned sent = misses_sent();
	uint64_t end = rte_rdtsc() + rte_get_tsc_hz() / 1000000 * SPIN_US;
	bool busy = sent - seen > SPIN_FROM;

	seen = sent;
	while (busy && rte_rdtsc() < end) {
		if (next_ready(0) >= 0)
			return true;
		rte_pause();
	}
	return false;
}

/* Whether so many come that workers would have to ring again and again, each time for a system call that
 * wakes another core: a microsecond or more, which all packets behind it wait for. */
static bool come_often(void)
{
	static __thread uint64_t since;
	static __thread unsigned seen;
	static __thread bool often;
	uint64_t now = rte_rdtsc(), passed = now - since;

	if (passed < rte_get_tsc_hz() / 1000 * NAP_PERIOD_MS)
		return often;
	unsigned sent = misses_sent();

	often = passed < rte_get_tsc_hz() && (sent - seen) * rte_get_tsc_hz() > passed * NAP_FROM;
	seen = sent;
	since = now;
	return often;
}

/* Sleeps for a moment. No worker ends it; miss_wake() does. */
static void nap(void)
{
	struct pollfd pfd = {.fd = wake_fd, .events = POLLIN};
	struct timespec timeout = {.tv_nsec = NAP_US * 1000};
	uint64_t count;

	epoch_offline();
	int n = ppoll(&pfd, 1, &timeout, NULL);

	epoch_online();
	if (n > 0)
		count = read(wake_fd, &count, sizeof(count));
}

void miss_wait(int timeout_ms)
{
	struct pollfd pfd = {.fd = wake_fd, .events = POLLIN};
	uint64_t count;

	if (spin())
		return;
	if (come_often()) {
		nap();
		return;
	}

	__atomic_fetch_add(&n_sleepers, 1, __ATOMIC_SEQ_CST);
	if (next_ready(0) < 0) {
		epoch_offline();
		poll(&pfd, 1, timeout_ms);
		epoch_online();
	}
	__atomic_fetch_sub(&n_sleepers, 1, __ATOMIC_SEQ_CST);
	/* Fails if nobody woke us, or another translator has read it. */
	count = read(wake_fd, &count, sizeof(count));
	/* Until here it took time to wake, and one system call for it was enough. */
	__atomic_store_n(&rung, false, __ATOMIC_SEQ_CST);
}

void misses_answer(struct miss **misses, unsigned n)
{
	for (unsigned first = 0, end; first < n; first = end) {
		uint16_t worker = misses[first]->worker;

		for (end = first + 1; end < n && misses[end]->worker == worker;)
			end++;
		/* Cannot fail: the ring has room for every entry of the worker. */
		rte_ring_mp_enqueue_bulk(
			tables[worker]->answers, (void **)misses + first, end - first, NULL
		);
		worker_wake(worker);
	}
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

unsigned misses_take_answers(struct pending_table *table, struct pending **pendings, unsigned max)
{
	unsigned n = rte_ring_sc_dequeue_burst(table->answers, (void **)pendings, max, NULL);

	if (!n)
		return 0;
	uint64_t now = rte_rdtsc();

	for (unsigned i = 0; i < n; i++)
		prefetch_entry(pendings[i]);
	for (unsigned i = 0; i < n; i++)
		histogram_add(&table->waits, ns_between(pendings[i]->sent_at, now));
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
		const struct pending_table *table = epoch_load(&tables[i]);

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
		const struct pending_table *table = epoch_load(&tables[i]);

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
		if (tables[i])
			add_histogram(waits, &tables[i]->waits);
}

const void *miss_bytes(const struct miss *miss, uint32_t *length, uint32_t *contiguous)
{
	*length = rte_pktmbuf_pkt_len(miss->first);
	*contiguous = rte_pktmbuf_data_len(miss->first);
	return rte_pktmbuf_mtod(miss->first, const void *);
}

void misses_add_port(uint16_t port_id)
{
	if (!rings[port_id])
		epoch_store(&rings[port_id], ring_new(MISS_PORT_RING));
}

void misses_del_port(uint16_t port_id)
{
	/* The ring stays: translators may hold it, and what it holds belongs to workers. The next
	 * port of this id takes it over. */
}

static void free_more(struct pending_table *table, struct pending *pending)
{
	struct waiting *next;

	for (struct waiting *waiting = pending->more; waiting; waiting = next) {
		next = waiting->next;
		rte_pktmbuf_free_bulk(waiting->pkts, waiting->n);
		waiting_free(table, pending->port, waiting);
	}
}

/* With all workers and translators stopped: frees what still waits. */
void misses_fini(void)
{
	for (unsigned i = 0; i < WORKERS_MAX; i++) {
		struct pending_table *table = tables[i];
		void *miss;

		if (!table)
			continue;
		for (unsigned c = 0; c < MISS_PENDING; c++) {
			while (table->chains[c]) {
				struct pending *pending = table->chains[c];

				rte_pktmbuf_free(pending->miss.first);
				rte_pktmbuf_free_bulk(pending->waiting, pending->n_waiting);
				free_more(table, pending);
				pending_free(table, pending);
			}
		}
		while (!rte_ring_sc_dequeue(table->answers, &miss))
			;
		table->done = table->sent;
	}
	for (unsigned port = 0; port < PORT_IDS; port++) {
		void *miss;

		while (rings[port] && !rte_ring_mc_dequeue(rings[port], &miss))
			;
	}
	memset(ready, 0, sizeof(ready));
}

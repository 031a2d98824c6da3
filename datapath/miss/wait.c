/* SPDX-License-Identifier: Apache-2.0 */

/* How translators wait for misses. One that sleeps is woken by whoever sends a miss, which costs a worker
 * a system call; where misses come often they are looked for every so often instead.  */

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_pause.h>

#include "datapath/miss_priv.h"
#include "lib/epoch.h"
#include "lib/types.h"

enum {
	SPIN_US = 20, /* to wait awake for the next miss … */
	SPIN_FROM = 8, /* … if so many came since the last wait */
	/* Where so many come in a second it is looked for every so often, and nobody has to ring. */
	NAP_FROM = 20000,
	NAP_US = 50,
	NAP_PERIOD_MS = 2, /* over which they are counted */
};

static alignas(CACHE_LINE) unsigned n_sleepers; /* translators asleep or about to be */
static bool rung; /* somebody has begun to wake them */
static int wake_fd = -1;

void miss_wait_init(void)
{
	if (wake_fd < 0)
		wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

void miss_wake(void)
{
	uint64_t one = 1;

	if (wake_fd >= 0 && write(wake_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: they are awake */
}

void miss_wait_end(void)
{
	if (__atomic_load_n(&n_sleepers, __ATOMIC_SEQ_CST) &&
	    !__atomic_exchange_n(&rung, true, __ATOMIC_SEQ_CST))
		miss_wake();
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
		if (misses_are_ready())
			return true;
		rte_pause();
	}
	return false;
}

bool miss_wait_come_often(struct miss_pace *pace, uint64_t now, uint64_t hz, unsigned sent)
{
	uint64_t passed = now - pace->since;

	if (passed < hz / 1000 * NAP_PERIOD_MS)
		return pace->often;
	/* Over a second they are too few, or it was not asked. */
	pace->often = passed < hz && (uint64_t)(sent - pace->seen) * hz > passed * NAP_FROM;
	pace->seen = sent;
	pace->since = now;
	return pace->often;
}

/* Until here it took time to wake, and one system call for it was enough. */
static void take_ring(void)
{
	uint64_t count;

	/* Fails if nobody woke us, or another translator has read it. */
	count = read(wake_fd, &count, sizeof(count));
	__atomic_store_n(&rung, false, __ATOMIC_SEQ_CST);
}

/* Sleeps for a moment. No worker ends it, unless it meant a sleep before; miss_wake() does. */
static void nap(void)
{
	struct pollfd pfd = {.fd = wake_fd, .events = POLLIN};
	struct timespec timeout = {.tv_nsec = NAP_US * 1000};

	epoch_offline();
	int n = ppoll(&pfd, 1, &timeout, NULL);

	epoch_online();
	if (n > 0)
		take_ring();
}

void miss_wait(int timeout_ms)
{
	struct pollfd pfd = {.fd = wake_fd, .events = POLLIN};
	static __thread struct miss_pace pace;

	if (spin())
		return;
	if (miss_wait_come_often(&pace, rte_rdtsc(), rte_get_tsc_hz(), misses_sent())) {
		nap();
		return;
	}

	__atomic_fetch_add(&n_sleepers, 1, __ATOMIC_SEQ_CST);
	if (!misses_are_ready()) {
		epoch_offline();
		poll(&pfd, 1, timeout_ms);
		epoch_online();
	}
	__atomic_fetch_sub(&n_sleepers, 1, __ATOMIC_SEQ_CST);
	take_ring();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* How workers rest: they poll on for a while after the last packet, because the next is likely
 * near, then wait on the descriptors of their queues. Queues without one are looked after by
 * timed sleeps that grow the longer nothing comes.
 *
 * The same set of descriptors tells a worker that is awake which devices of the kernel's have
 * packets, however many of them there are.  */

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_pause.h>
#include <rte_ring.h>

#include "datapath/miss_priv.h"
#include "datapath/punt.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

enum {
	SPIN_US = 50, /* polled on after the last packet */
	FIRST_SLEEP_US = 10,
	WAIT_MS = 1000, /* longest wait on descriptors */
	ASK_EVENTS = 64, /* at a time; the kernel tells them in turn */
	/* A system call that finds nothing costs as much as ten packets: it is made so much more rarely
	 * while it finds nothing. */
	ASK_RARELY = 4,
};

/* Makes the set of descriptors for the plan. */
static void watch(struct worker *worker, const struct plan *plan)
{
	struct epoll_event event = {.events = EPOLLIN};

	if (worker->event_set >= 0)
		close(worker->event_set);
	worker->event_set = epoll_create1(EPOLL_CLOEXEC);
	event.data.ptr = worker;
	epoll_ctl(worker->event_set, EPOLL_CTL_ADD, worker->event_fd, &event);
	for (unsigned i = 0; i < plan->n_rxqs; i++) {
		struct port_rxq *rxq = plan->rxqs[i].rxq;

		rxq->by_edge = false;
		event.data.ptr = rxq;
		if (rxq->wait_fd >= 0)
			epoll_ctl(worker->event_set, EPOLL_CTL_ADD, rxq->wait_fd, &event);
	}
	worker->watched = plan->number;
}

/* A device that was deleted under us says so for ever: it shall not keep the worker awake. */
static void hear_once(struct worker *worker, struct port_rxq *rxq)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = rxq};

	if (rxq->by_edge)
		return;
	rxq->by_edge = true;
	epoll_ctl(worker->event_set, EPOLL_CTL_MOD, rxq->wait_fd, &event);
}

/* Notes which queues have packets, or may have. The plan they are in is still in force. */
static void note(struct worker *worker, const struct epoll_event *events, int n)
{
	for (int i = 0; i < n; i++) {
		struct port_rxq *rxq = events[i].data.ptr;

		if (events[i].data.ptr == worker)
			continue;
		rxq->ready = rxq->woke = true;
		if (!(events[i].events & EPOLLIN))
			hear_once(worker, rxq);
	}
	worker->asked = rte_rdtsc();
}

/* A signal of a queue that is polled all the same (a kick that was on its way) would be told of each time.
 * Returns how many of the others have something. */
static unsigned forget_signals(const struct worker *worker, const struct epoll_event *events, int n)
{
	unsigned found = 0;

	for (int i = 0; i < n; i++) {
		struct port_rxq *rxq = events[i].data.ptr;

		if (events[i].data.ptr == worker)
			continue;
		if (rxq->port->type->rx_by_fd)
			found++;
		else if (rxq->port->type->rx_wait)
			rxq->port->type->rx_wait(rxq, false);
	}
	return found;
}

void worker_ask(struct worker *worker, const struct plan *plan)
{
	struct epoll_event events[ASK_EVENTS] = {0};

	/* The queues named in the set are there as long as the plan is. */
	if (worker->watched != plan->number)
		watch(worker, plan);
	int n = epoll_wait(worker->event_set, events, ASK_EVENTS, 0);
	uint64_t often = worker->hz / 1000000 * WORKER_ASK_US, *step = &worker->ask_step[false];

	note(worker, events, n);
	if (forget_signals(worker, events, n))
		*step = often;
	else if (!worker->idle && *step < often * ASK_RARELY)
		*step *= 2;
}

/* Tells devices to signal (or not to). Returns true when one has packets already. */
static bool arm(const struct worker *worker, const struct plan *plan, bool enable, uint64_t now)
{
	bool some_pause = enable && now < worker->paused_until, there = false;

	for (unsigned i = 0; i < plan->n_rxqs; i++) {
		struct port_rxq *rxq = plan->rxqs[i].rxq;

		/* What a queue that pauses has is no reason to stay awake, if we wake when it may go on: those
		 * that came from another worker pause for longer than we know of. */
		if (some_pause && now < plan->rxqs[i].load->paused_until)
			continue;
		if (rxq->wait_fd >= 0 && rxq->port->type->rx_wait)
			there |= rxq->port->type->rx_wait(rxq, enable);
	}
	return there;
}

static bool has_work(const struct worker *worker, const struct plan *plan)
{
	return epoch_load(&worker->plan) != plan || !rte_ring_empty(worker->handed) ||
		!rte_ring_empty(worker->pending->answers) || (!worker->index && punts_wait()) ||
		__atomic_load_n(&worker->quiet_asked, __ATOMIC_ACQUIRE) != worker->quiet_seen ||
		__atomic_load_n(&worker->state, __ATOMIC_ACQUIRE) != WORKER_RUNNING;
}

static int wait_for_events(int event_set, struct epoll_event *events, int64_t ns)
{
	struct timespec timeout = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
	struct pollfd set = {.fd = event_set, .events = POLLIN};
	int n = epoll_pwait2(event_set, events, ASK_EVENTS, &timeout, nudge_mask());

	if (n >= 0 || errno == EINTR)
		return n;
	/* Kernels before 5.11, and where there is no descriptor for the set: then it is slept anyway. */
	ppoll(&set, 1, &timeout, nudge_mask());
	return epoll_wait(event_set, events, ASK_EVENTS, 0);
}

/* A packet may wait for what stands between waking and looking for it: what woke us is known at once,
 * and nothing else is asked. */
static void sleep_ns(struct worker *worker, const struct plan *plan, int64_t ns)
{
	struct epoll_event events[ASK_EVENTS];
	uint32_t number = plan->number;
	uint64_t count;

	epoch_offline();
	int n = wait_for_events(worker->event_set, events, ns);

	nudge_slept();
	epoch_online();
	for (int i = 0; i < n; i++)
		if (events[i].data.ptr == worker &&
		    read(worker->event_fd, &count, sizeof(count)) < 0)
			break; /* it tells again */
	/* The plan may have gone away while we were offline, and its queues with it. */
	if (epoch_load(&worker->plan)->number == number)
		note(worker, events, n);
}

/* How long to sleep now, or 0. */
static int64_t choose_ns(struct worker *worker, const struct plan *plan, uint64_t idle)
{
	uint64_t us = __atomic_load_n(&worker->max_sleep_us, __ATOMIC_RELAXED);
	uint64_t idle_us = idle * 1000000 / worker->hz;

	if (!us)
		us = WORKER_SLEEP_US;
	if (idle_us < SPIN_US)
		return 0;
	if (plan->can_wait)
		return WAIT_MS * 1000000LL;
	/* A tenth of the time nothing has come, so that a pause is stretched by a tenth at most. */
	if (idle_us / 10 < us)
		us = idle_us / 10;
	if (us < FIRST_SLEEP_US)
		us = FIRST_SLEEP_US;
	return us * 1000;
}

/* What a queue that pauses has is not told of when its pause ends. */
static int64_t until_polled(const struct worker *worker, uint64_t now, int64_t ns)
{
	if (now >= worker->paused_until)
		return ns;
	int64_t left = (int64_t)((worker->paused_until - now) * 1000 / (worker->hz / 1000000));

	return left < ns ? left : ns;
}

void worker_rest(struct worker *worker, const struct plan *plan, unsigned idle_loops)
{
	uint64_t now = rte_rdtsc();
	int64_t ns;

	if (idle_loops == 1)
		worker->idle_since = now;
	ns = until_polled(worker, now, choose_ns(worker, plan, now - worker->idle_since));
	if (!ns) {
		rte_pause();
		return;
	}
	if (worker->event_set < 0 || worker->watched != plan->number)
		watch(worker, plan);
	__atomic_store_n(&worker->asleep, 1, __ATOMIC_RELAXED);
	/* Pairs with worker_wake(): who leaves work after our last look sees us asleep. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!arm(worker, plan, true, now) && !has_work(worker, plan)) {
		worker->now_cpu_ns = worker_cpu_ns();
		sleep_ns(worker, plan, ns);
		COUNTER_ADD(worker->stats.sleeps, 1);
		COUNTER_ADD(worker->stats.sleep_cycles, rte_rdtsc() - now);
		/* The next round reads the clock, and is not taken for one as long as the sleep. */
		worker->now_tsc = 0;
	}
	__atomic_store_n(&worker->asleep, 0, __ATOMIC_RELAXED);
	/* The queues of a plan that was replaced meanwhile may be gone, and the plan with them. */
	if (epoch_load(&worker->plan) == plan)
		arm(worker, plan, false, now);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/plan/nudge.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"

LOG_TOPIC(nudge);

/* Older C libraries have no name for it. */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum {
	NUDGE = SIGURG, /* harmless where nobody handles it */
	/* A call keeps a worker no longer. Kernels pace packets by 1, 4 or 10 ms: if this did too, calls
	 * at such a pace would all be cut equally short, and none look long. */
	EVERY_NS = 3700000,
	LONG_NS = 1500000, /* not worked, in a round: it slept, or had no core */
	WARY_NS = 1000000000,
};

__thread bool nudge_wary;

static __thread timer_t timer;
static __thread bool has_timer;
static __thread sigset_t mask; /* of a sleep */
static __thread int64_t wary_until;
static __thread int64_t known; /* sleeps, at the last look, or when the last of its own had ended */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t n_failed; /* workers count, main reads */

static void handle(int number) {}

/* Without SA_RESTART: what was interrupted does not go on. */
static void set_handler(void)
{
	const struct sigaction action = {.sa_handler = handle};

	sigaction(NUDGE, &action, NULL);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void nudge_begin(void)
{
	const struct itimerspec pace = {
		.it_interval = {.tv_nsec = EVERY_NS},
		.it_value = {.tv_nsec = EVERY_NS},
	};
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = NUDGE,
	};

	pthread_once(&once, set_handler);
	event.sigev_notify_thread_id = gettid();
	has_timer = !timer_create(CLOCK_MONOTONIC, &event, &timer);
	if (has_timer)
		timer_settime(timer, 0, &pace, NULL);
	else
		__atomic_fetch_add(&n_failed, 1, __ATOMIC_RELAXED);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	sigaddset(&mask, NUDGE);
	known = nudge_count_sleeps();
}

void nudge_end(void)
{
	if (has_timer)
		timer_delete(timer);
	has_timer = nudge_wary = false;
}

unsigned nudge_report(void)
{
	static uint32_t n_reported;
	uint32_t n = __atomic_load_n(&n_failed, __ATOMIC_RELAXED);
	unsigned n_new = n - n_reported;

	if (n_new)
		log_warn(
			"workers that have no clock: %u. A guest's side whose interrupts block can "
			"keep them; is a limit on pending signals set (ulimit -i, LimitSIGPENDING)?",
			n_new
		);
	n_reported = n;
	return n_new;
}

const sigset_t *nudge_mask(void)
{
	return has_timer ? &mask : NULL;
}

int64_t nudge_count_sleeps(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_THREAD, &usage))
		return 0;
	return usage.ru_nvcsw - usage.ru_majflt;
}

int64_t nudge_count_faults(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_minflt + usage.ru_majflt;
}

void nudge_slept(void)
{
	known = nudge_count_sleeps();
}

void nudge_look(int64_t took_ns, int64_t worked_ns)
{
	bool is_strange = took_ns - worked_ns > LONG_NS;

	if (is_strange) {
		int64_t now = nudge_count_sleeps();

		if (now > known)
			wary_until = now_ns() + WARY_NS;
		known = now;
	}
	if (is_strange || nudge_wary)
		nudge_wary = now_ns() < wary_until;
}

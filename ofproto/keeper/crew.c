/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/crew.h"

#include <errno.h>
#include <pthread.h>

#include <uv.h>

#include "datapath/miss.h"
#include "datapath/pages.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "ofproto/keeper/again.h"

enum {
	SPIN = 2000, /* looks for a job before a thread goes to sleep: some microseconds */
};

/* Jobs stand in a circle. Numbers of jobs count up for ever; first <= taken <= filled. */
static struct crew_job *jobs;
static unsigned first; /* the keeper's: came back last, or comes back next */
static unsigned filled; /* the keeper's: handed out, or about to be */
static unsigned handed_out; /* the keeper writes, all read */
static unsigned taken; /* all write: jobs before this one have somebody who does them */

static struct member {
	uv_thread_t thread; /* main */
	uv_sem_t bell; /* rung by whoever has cleared 'asleep' */
	bool asleep; /* all write; set by itself only */
} members[CREW_MAX];
static unsigned n_members; /* main: those whose bells were made */
static unsigned size; /* main writes, the keeper reads: those that are there */
static unsigned wanted; /* main writes, the crew reads: those from here on are to end */

static void do_job(struct crew_job *job)
{
	uint64_t since = miss_clock();

	if (!job->program)
		again_make(&job->x, &job->miss->key);
	job->took = miss_clock() - since;
	/* Pairs with crew_take_back(). */
	__atomic_store_n(&job->done, true, __ATOMIC_RELEASE);
}

static bool has_jobs(void)
{
	/* Sequentially consistent, as is wake()'s side: either we see the job or it sees us asleep. */
	return __atomic_load_n(&taken, __ATOMIC_RELAXED) !=
		__atomic_load_n(&handed_out, __ATOMIC_SEQ_CST);
}

/* A job that is the caller's to be done, or NULL. */
static struct crew_job *take_job(void)
{
	unsigned number = __atomic_load_n(&taken, __ATOMIC_RELAXED);

	do
		/* Pairs with crew_hand_out(). */
		if (number == __atomic_load_n(&handed_out, __ATOMIC_ACQUIRE))
			return NULL;
	while (!__atomic_compare_exchange_n(
		&taken, &number, number + 1, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED
	));
	return &jobs[number % CREW_JOBS];
}

/* Takes the member for awake. False: it was. */
static bool take_sleeper(struct member *member)
{
	return __atomic_load_n(&member->asleep, __ATOMIC_SEQ_CST) &&
		__atomic_exchange_n(&member->asleep, false, __ATOMIC_SEQ_CST);
}

static bool wake(struct member *member)
{
	if (!take_sleeper(member))
		return false;
	uv_sem_post(&member->bell);
	return true;
}

/* The crew. */

static bool must_end(unsigned number)
{
	return number >= __atomic_load_n(&wanted, __ATOMIC_SEQ_CST);
}

static void sleep_until_woken(unsigned number)
{
	struct member *self = &members[number];

	for (unsigned i = 0; i < SPIN; i++)
		if (has_jobs() || must_end(number))
			return;
	__atomic_store_n(&self->asleep, true, __ATOMIC_SEQ_CST);
	/* If somebody rings for us already we have to hear it. */
	if ((has_jobs() || must_end(number)) && take_sleeper(self))
		return;
	epoch_offline();
	uv_sem_wait(&self->bell);
	epoch_online();
}

static void run(void *number_)
{
	unsigned number = (unsigned)(uintptr_t)number_;

	pthread_setname_np(pthread_self(), "translator");
	epoch_register();
	while (!must_end(number)) {
		struct crew_job *job = take_job();

		if (job)
			do_job(job);
		epoch_quiesce();
		if (!job)
			sleep_until_woken(number);
	}
	epoch_unregister();
}

/* Main thread. */

static int hire(struct errbuf *err)
{
	struct member *member = &members[size];

	if (size == n_members && uv_sem_init(&member->bell, 0))
		return errbuf_set(err, -ENOMEM, "cannot make a semaphore");
	if (size == n_members)
		n_members++;
	if (!jobs)
		jobs = pages_map(CREW_JOBS * sizeof(*jobs), false);
	__atomic_store_n(&wanted, size + 1, __ATOMIC_SEQ_CST);
	int error = uv_thread_create(&member->thread, run, (void *)(uintptr_t)size);

	if (error)
		return errbuf_set(
			err,
			error,
			"cannot start more than %u translator threads: %s",
			size + 1,
			uv_strerror(error)
		);
	__atomic_store_n(&size, size + 1, __ATOMIC_RELEASE);
	return 0;
}

static void dismiss(unsigned n)
{
	unsigned left = size;

	/* First for the keeper, which may find that it works alone from now on. */
	__atomic_store_n(&size, n, __ATOMIC_RELEASE);
	__atomic_store_n(&wanted, n, __ATOMIC_SEQ_CST);
	epoch_offline();
	while (left > n) {
		wake(&members[--left]);
		uv_thread_join(&members[left].thread);
	}
	epoch_online();
}

int crew_set_size(unsigned n, struct errbuf *err)
{
	int error = 0;

	if (n > CREW_MAX)
		n = CREW_MAX;
	while (size < n && !error)
		error = hire(err);
	if (size > n)
		dismiss(n);
	return error;
}

unsigned crew_size(void)
{
	return __atomic_load_n(&size, __ATOMIC_ACQUIRE);
}

/* The keeper. */

unsigned crew_room(void)
{
	return CREW_JOBS - (filled - first);
}

unsigned crew_under_way(void)
{
	return filled - first;
}

struct crew_job *crew_next(void)
{
	struct crew_job *job = &jobs[filled++ % CREW_JOBS];

	job->done = false;
	job->program = NULL;
	return job;
}

/* The keeper does one itself: others are woken if there are more. */
void crew_hand_out(void)
{
	unsigned n = filled - __atomic_load_n(&taken, __ATOMIC_RELAXED), n_crew = crew_size();

	/* Pairs with take_job() and has_jobs(). */
	__atomic_store_n(&handed_out, filled, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < n_crew && n > 1; i++)
		n -= wake(&members[i]);
}

struct crew_job *crew_take_back(void)
{
	struct crew_job *job = &jobs[first % CREW_JOBS];

	if (__atomic_load_n(&job->done, __ATOMIC_ACQUIRE))
		return job;
	job = take_job();
	if (job)
		do_job(job);
	return NULL;
}

void crew_finish(void)
{
	first++;
}

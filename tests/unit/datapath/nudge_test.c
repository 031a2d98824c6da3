/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/plan/nudge.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

enum {
	PAUSES = 10000,
};

/* A descriptor that blocks who writes to it. */
static int full_eventfd(void)
{
	const uint64_t full = UINT64_MAX - 1;
	int fd = eventfd(0, EFD_CLOEXEC);

	assert_int_equal(write(fd, &full, sizeof(full)), sizeof(full));
	return fd;
}

static void *write_and_look(void *arg)
{
	const int *fd = arg;
	const uint64_t one = 1;
	int *result = arg;

	nudge_begin();
	int error = write(*fd, &one, sizeof(one)) < 0 ? errno : 0;

	/* As after a round in which it was asleep for two milliseconds. */
	nudge_look(2000000, 0);
	result[1] = error;
	result[2] = nudge_wary;
	nudge_end();
	result[3] = nudge_wary;
	return NULL;
}

static void test_nudge_ends_a_call_that_blocks(void **state)
{
	int result[4] = {full_eventfd()};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, write_and_look, result), 0);
	pthread_join(thread, NULL);
	assert_int_equal(result[1], EINTR);
	assert_true(result[2]);
	assert_false(result[3]);
	close(result[0]);
}

/* On a busy machine a pause may be over before the thread has given its core away. */
static bool sleep_once(void)
{
	const struct timespec pause = {.tv_nsec = 1000};
	int64_t before = nudge_count_sleeps();

	for (unsigned i = 0; i < PAUSES && nudge_count_sleeps() <= before; i++)
		nanosleep(&pause, NULL);
	return nudge_count_sleeps() > before;
}

static void *sleep_and_look(void *arg)
{
	int *result = arg;

	nudge_begin();
	result[0] = sleep_once();
	nudge_slept();
	nudge_look(2000000, 0);
	result[1] = nudge_wary;
	/* It worked. */
	sleep_once();
	nudge_look(2000000, 2000000);
	result[2] = nudge_wary;
	/* Sleeps of its own that ended at once hide none that was not. */
	for (unsigned i = 0; i < 10; i++)
		nudge_slept();
	sleep_once();
	nudge_look(2000000, 0);
	result[3] = nudge_wary;
	nudge_end();
	return NULL;
}

static void test_nudge_knows_the_worker_s_own_sleeps(void **state)
{
	int result[4];
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, sleep_and_look, result), 0);
	pthread_join(thread, NULL);
	assert_true(result[0]);
	assert_false(result[1]);
	assert_false(result[2]);
	assert_true(result[3]);
}

static void *begin(void *arg)
{
	nudge_begin();
	nudge_end();
	return NULL;
}

static void test_nudge_tells_who_cannot_be_nudged(void **state)
{
	struct rlimit before, none = {0, 0};
	pthread_t thread;

	assert_int_equal(getrlimit(RLIMIT_SIGPENDING, &before), 0);
	none.rlim_max = before.rlim_max;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(setrlimit(RLIMIT_SIGPENDING, i ? &none : &before), 0);
		assert_int_equal(pthread_create(&thread, NULL, begin, NULL), 0);
		pthread_join(thread, NULL);
		assert_int_equal(nudge_report(), i);
		assert_int_equal(nudge_report(), 0);
	}
	assert_int_equal(setrlimit(RLIMIT_SIGPENDING, &before), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nudge_ends_a_call_that_blocks),
		cmocka_unit_test(test_nudge_knows_the_worker_s_own_sleeps),
		cmocka_unit_test(test_nudge_tells_who_cannot_be_nudged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

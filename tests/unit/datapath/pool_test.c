/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "lib/errbuf.h"
#include "lib/types.h"
#include "tests/unit/datapath/fixture.h"

static void test_small_needs_share_a_pool(void **state)
{
	struct errbuf err;

	errbuf_init(&err);
	struct rte_mempool *first = pool_reserve(8, 0, -1, &err);

	assert_non_null(first);
	for (int i = 0; i < 500; i++)
		assert_ptr_equal(pool_reserve(8, 0, -1, &err), first);
	pool_release(first, 501 * 8);
}

static void test_what_was_given_back_is_used_again(void **state)
{
	struct errbuf err;

	errbuf_init(&err);
	struct rte_mempool *pool = pool_reserve(9000, 0, -1, &err);

	assert_non_null(pool);
	assert_ptr_not_equal(pool_reserve(9000, 0, -1, &err), pool);
	pool_release(pool, 9000);
	assert_ptr_equal(pool_reserve(9000, 0, -1, &err), pool);
}

/* The fixture has 128 MB without hugepages. */
static void test_memory_ends_with_a_sentence(void **state)
{
	struct rte_mempool *pools[64] = {NULL};
	struct errbuf err;
	unsigned n = 0;

	errbuf_init(&err);
	do
		pools[n] = pool_reserve(5000, 0, -1, &err);
	while (pools[n] && ++n < 64);
	assert_in_range(n, 2, 63);
	assert_non_null(strstr(err.text, "dpdk-socket-mem"));
	while (n--)
		pool_release(pools[n], 5000);
	assert_non_null(pool_reserve(5000, 0, -1, &err));
}

static void test_memory_of_unused_pools_is_taken_back(void **state)
{
	struct rte_mempool *pools[64] = {NULL};
	struct errbuf err;
	unsigned n = 0;

	errbuf_init(&err);
	do
		pools[n] = pool_reserve(9000, 2100, -1, &err);
	while (pools[n] && ++n < 64);
	assert_in_range(n, 1, 63);
	/* What a port has stays, and so does what a packet stands in. */
	assert_null(pool_reserve(9000, 0, -1, &err));
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pools[0]);

	pool_release(pools[0], 9000);
	assert_null(pool_reserve(9000, 0, -1, &err));
	rte_pktmbuf_free(packet);
	struct rte_mempool *other = pool_reserve(9000, 0, -1, &err);

	assert_non_null(other);
	pool_release(other, 9000);
	for (unsigned i = 1; i < n; i++)
		pool_release(pools[i], 9000);
}

enum {
	TAKEN = 512, /* at a time */
};

/* A thread that takes packets out of a pool and puts them back, and that loses its core now and then. */
struct user {
	struct rte_mempool *pool;
	bool ends;
};

static void lose_core(int number)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	nanosleep(&pause, NULL);
}

static void take_and_give(struct rte_mempool *pool)
{
	void *taken[TAKEN];

	/* No cache: these are not threads of DPDK's. */
	if (!rte_mempool_get_bulk(pool, taken, TAKEN))
		rte_mempool_put_bulk(pool, taken, TAKEN);
}

static void *use(void *arg)
{
	struct user *user = arg;

	while (!__atomic_load_n(&user->ends, __ATOMIC_RELAXED))
		take_and_give(user->pool);
	return NULL;
}

static int64_t own_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void test_nobody_waits_for_who_lost_its_core(void **state)
{
	const struct sigaction action = {.sa_handler = lose_core};
	struct user user = {0};
	int64_t worst = 0;
	pthread_t thread;
	struct errbuf err;

	errbuf_init(&err);
	user.pool = pool_reserve(5000, 0, -1, &err);
	assert_non_null(user.pool);
	sigaction(SIGUSR1, &action, NULL);
	assert_int_equal(pthread_create(&thread, NULL, use, &user), 0);
	for (unsigned i = 0; i < 40; i++) {
		const struct timespec pause = {.tv_nsec = 1000000};

		nanosleep(&pause, NULL);
		pthread_kill(thread, SIGUSR1);
		int64_t until = own_ns() + 5000000;

		while (own_ns() < until) {
			int64_t before = own_ns();

			take_and_give(user.pool);
			int64_t took = own_ns() - before;

			if (took > worst)
				worst = took;
		}
	}
	__atomic_store_n(&user.ends, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	/* The other slept for 20 ms at a time. */
	assert_in_range(worst, 0, 8000000);
	assert_true(rte_mempool_full(user.pool));
	pool_release(user.pool, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_nobody_waits_for_who_lost_its_core, fixture_start, fixture_stop
		),
		cmocka_unit_test_setup_teardown(
			test_memory_of_unused_pools_is_taken_back, fixture_start, fixture_stop
		),
		cmocka_unit_test_setup_teardown(
			test_small_needs_share_a_pool, fixture_start, fixture_stop
		),
		cmocka_unit_test_setup_teardown(
			test_what_was_given_back_is_used_again, fixture_start, fixture_stop
		),
		cmocka_unit_test_setup_teardown(
			test_memory_ends_with_a_sentence, fixture_start, fixture_stop
		),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

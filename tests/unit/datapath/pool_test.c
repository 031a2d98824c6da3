/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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

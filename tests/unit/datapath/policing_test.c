/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/meter/policing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/ops/set_queue.h"
#include "datapath/port.h"
#include "lib/clock.h"
#include "lib/epoch.h"
#include "lib/types.h"
#include "tests/unit/datapath/fixture.h"

enum {
	SIZE = 114, /* 100 bytes of IP */
	MANY = 1000,
};

static struct port port;

static void limit(const struct policing_queue *queues, unsigned n)
{
	struct policing_config config = {.queues = queues, .n_queues = n};

	policing_set(&port, &config);
}

/* Packets whose queues are given, 0 for those that never chose one. */
static void make(struct rte_mbuf **pkts, const uint32_t *queues, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct op_set_queue args = {.queue = queues[i]};

		pkts[i] = fixture_packet();
		assert_non_null(rte_pktmbuf_append(pkts[i], SIZE));
		if (queues[i])
			assert_int_equal(op_set_queue.run(NULL, &args, &pkts[i], 1), 1);
	}
}

static void assert_left(const uint32_t *queues, unsigned n, uint64_t expected)
{
	struct rte_mbuf *pkts[BATCH_SIZE], *before[BATCH_SIZE];
	unsigned n_left, at = 0;

	make(pkts, queues, n);
	for (unsigned i = 0; i < n; i++)
		before[i] = pkts[i];
	n_left = policing_out(port.policing, pkts, n);
	assert_int_equal(n_left, __builtin_popcountll(expected));
	for (unsigned i = 0; i < n; i++)
		if (expected >> i & 1)
			assert_ptr_equal(pkts[at++], before[i]);
	rte_pktmbuf_free_bulk(pkts, n);
}

static void test_policing_tells_queues_apart(void **state)
{
	const struct policing_queue queues[] = {
		{.number = 0, .committed = {.rate = 1000, .burst = 200}},
		{.number = 7, .committed = {.rate = 1000, .burst = 100}},
	};

	limit(queues, ARRAY_LENGTH(queues));
	/* A queue that is not there is queue 0. */
	assert_left((uint32_t[]){7, 0, 7, 3, 0, 0}, 6, 0xb);
	clock_warp(100);
	assert_left((uint32_t[]){7, 0, 7, 3, 0, 0}, 6, 0x3);
	limit(NULL, 0);
}

static void test_policing_lets_excess_pass_at_its_own_rate(void **state)
{
	const struct policing_queue queues[] = {{
		.committed = {.rate = 1000, .burst = 100},
		.excess = {.rate = 2000, .burst = 300},
	}};

	limit(queues, 1);
	assert_left((uint32_t[]){0, 0, 0, 0, 0, 0}, 6, 0xf);
	assert_left((uint32_t[]){0, 0}, 2, 0);
	/* A packet by the committed rate, two in excess of it. */
	clock_warp(100);
	assert_left((uint32_t[]){0, 0, 0, 0, 0}, 5, 0x7);
	limit(NULL, 0);
}

/* At the rate, no more and no less. */
static void test_policing_lets_pass_what_is_larger_than_the_burst(void **state)
{
	const struct policing_queue queues[] = {{.committed = {.rate = 1000, .burst = 50}}};

	limit(queues, 1);
	assert_left((uint32_t[]){0, 0}, 2, 0x1);
	for (unsigned i = 0; i < 3; i++) {
		clock_warp(60);
		assert_left((uint32_t[]){0}, 1, 0);
		clock_warp(40);
		assert_left((uint32_t[]){0, 0}, 2, 0x1);
	}
	limit(NULL, 0);
}

static void test_policing_keeps_its_state_when_nothing_changes(void **state)
{
	struct policing_queue queues[] = {{.committed = {.rate = 1000, .burst = 100}}};

	limit(queues, 1);
	assert_left((uint32_t[]){0, 0}, 2, 1);
	limit(queues, 1);
	assert_left((uint32_t[]){0}, 1, 0);
	queues[0].committed.burst = 200;
	limit(queues, 1);
	assert_left((uint32_t[]){0, 0, 0}, 3, 3);
	limit(NULL, 0);
	assert_null(port.policing);
}

static void test_policing_without_a_rate_lets_nothing_pass(void **state)
{
	const struct policing_queue queues[] = {{.committed = {.rate = 0, .burst = 100}}};

	limit(queues, 1);
	assert_left((uint32_t[]){0, 0}, 2, 0);
	limit(NULL, 0);
}

/* Some have neighbouring numbers, some numbers that differ in high bits only. */
static uint32_t number_of(unsigned i)
{
	return i % 2 ? i : i << 16;
}

static void test_policing_finds_each_of_many_queues(void **state)
{
	static struct policing_queue queues[MANY];
	struct policing_counts counts;

	for (unsigned i = 0; i < MANY; i++)
		queues[i] = (struct policing_queue){
			.number = number_of(i),
			.committed = {.rate = 1000, .burst = i % 3 ? 100 : 200},
		};
	limit(queues, MANY);
	for (unsigned i = 1; i < MANY; i++)
		assert_left((uint32_t[]){number_of(i), number_of(i)}, 2, i % 3 ? 1 : 3);
	for (unsigned i = 1; i < MANY; i++) {
		policing_get_counts(port.policing, i, &counts);
		assert_int_equal(counts.packets, i % 3 ? 1 : 2);
	}
	/* That of others is queue 0. */
	assert_left((uint32_t[]){1U << 31, 2, 4}, 3, 3);
	limit(NULL, 0);
}

static int start(void **state)
{
	int error = fixture_start(state);

	clock_stop();
	return error;
}

static int stop(void **state)
{
	clock_start();
	return fixture_stop(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policing_tells_queues_apart),
		cmocka_unit_test(test_policing_lets_excess_pass_at_its_own_rate),
		cmocka_unit_test(test_policing_lets_pass_what_is_larger_than_the_burst),
		cmocka_unit_test(test_policing_keeps_its_state_when_nothing_changes),
		cmocka_unit_test(test_policing_finds_each_of_many_queues),
		cmocka_unit_test(test_policing_without_a_rate_lets_nothing_pass),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

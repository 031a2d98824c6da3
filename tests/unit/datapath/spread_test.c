/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/plan/spread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/types.h"

enum {
	NOBODY = SPREAD_NOBODY
};

static void run(struct spread *s, struct spread_queue *queues, unsigned n, unsigned n_workers)
{
	s->queues = queues;
	s->n_queues = n;
	s->n_workers = n_workers;
	spread(s);
}

static void assert_workers(const struct spread *s, const int *expected)
{
	for (unsigned i = 0; i < s->n_queues; i++)
		assert_int_equal(s->queues[i].worker, expected[i]);
}

static void test_spread_deals_the_busiest_first(void **state)
{
	struct spread_queue queues[] = {
		{.load = 10, .pinned = NOBODY, .worker = 0},
		{.load = 40, .pinned = NOBODY, .worker = 0},
		{.load = 30, .pinned = NOBODY, .worker = 0},
		{.load = 20, .pinned = NOBODY, .worker = 0},
	};
	struct spread s = {.mode = SPREAD_CYCLES};

	run(&s, queues, 4, 2);
	assert_workers(&s, (int[]){0, 0, 1, 1});
	assert_true(spread_variance(&s) == 0);
}

static void test_spread_groups_by_load(void **state)
{
	struct spread_queue queues[] = {
		{.load = 90, .pinned = NOBODY, .worker = 0},
		{.load = 30, .pinned = NOBODY, .worker = 0},
		{.load = 30, .pinned = NOBODY, .worker = 0},
		{.load = 30, .pinned = NOBODY, .worker = 0},
	};
	struct spread s = {.mode = SPREAD_GROUP};

	run(&s, queues, 4, 2);
	assert_workers(&s, (int[]){0, 1, 1, 1});
}

static void test_spread_round_robin_looks_at_no_load(void **state)
{
	struct spread_queue queues[] = {
		{.load = 1, .pinned = NOBODY, .worker = 0},
		{.load = 100, .pinned = NOBODY, .worker = 0},
		{.load = 1, .pinned = NOBODY, .worker = 0},
	};
	struct spread s = {.mode = SPREAD_ROUNDROBIN};

	run(&s, queues, 3, 2);
	assert_workers(&s, (int[]){0, 1, 0});
}

/* Who has a busy pinned queue and is not isolated gets little else. */
static void test_spread_counts_what_is_pinned(void **state)
{
	struct spread_queue queues[] = {
		{.load = 40, .pinned = NOBODY, .worker = 0},
		{.load = 90, .pinned = 0, .worker = 1},
		{.load = 30, .pinned = NOBODY, .worker = 0},
		{.load = 10, .pinned = NOBODY, .worker = 0},
	};
	struct spread s = {.mode = SPREAD_GROUP};

	run(&s, queues, 4, 2);
	assert_workers(&s, (int[]){1, 0, 1, 1});
}

static void test_spread_isolates_who_has_pinned_queues(void **state)
{
	struct spread_queue queues[] = {
		{.load = 5, .pinned = 1, .worker = 0},
		{.load = 5, .pinned = NOBODY, .worker = 1},
		{.load = 5, .pinned = 7, .worker = NOBODY}, /* nobody runs there */
	};
	struct spread s = {.mode = SPREAD_CYCLES, .isolate = true, .keep = true};

	run(&s, queues, 3, 2);
	assert_workers(&s, (int[]){1, 0, 0});
	assert_true(spread_is_isolated(&s, 1));
	assert_false(spread_is_isolated(&s, 0));
	s.isolate = false;
	run(&s, queues, 3, 1);
	assert_workers(&s, (int[]){0, 0, 0});
}

static void test_spread_serves_queues_when_all_are_isolated(void **state)
{
	struct spread_queue queues[] = {
		{.pinned = 0, .worker = 0},
		{.pinned = NOBODY, .worker = NOBODY},
	};
	struct spread s = {.mode = SPREAD_CYCLES, .isolate = true, .keep = true};

	run(&s, queues, 2, 1);
	assert_workers(&s, (int[]){0, 0});
}

static void test_spread_keeps_queues_where_they_are(void **state)
{
	struct spread_queue queues[] = {
		{.load = 50, .pinned = NOBODY, .worker = 0},
		{.load = 50, .pinned = NOBODY, .worker = 0},
		{.load = 1, .pinned = NOBODY, .worker = 1},
		{.pinned = NOBODY, .worker = NOBODY},
		{.pinned = NOBODY, .worker = NOBODY},
	};
	struct spread s = {.mode = SPREAD_CYCLES, .keep = true};

	run(&s, queues, 5, 2);
	assert_workers(&s, (int[]){0, 0, 1, 1, 1});
	s.even = true;
	run(&s, queues, 5, 3);
	assert_workers(&s, (int[]){0, 0, 1, 1, 2});
}

static void test_spread_guesses_what_new_queues_will_cost(void **state)
{
	struct spread_queue queues[] = {
		{.load = 60, .pinned = NOBODY, .worker = 0},
		{.load = 50, .pinned = NOBODY, .worker = 1},
		{.pinned = NOBODY, .worker = NOBODY},
		{.pinned = NOBODY, .worker = NOBODY},
	};
	struct spread s = {.mode = SPREAD_GROUP, .keep = true};

	run(&s, queues, 4, 2);
	assert_workers(&s, (int[]){0, 1, 1, 0});
}

static void test_spread_without_workers_gives_to_nobody(void **state)
{
	struct spread_queue queues[] = {{.pinned = NOBODY, .worker = 0}};
	struct spread s = {.mode = SPREAD_CYCLES, .isolate = true, .even = true, .keep = true};

	run(&s, queues, 1, 0);
	assert_workers(&s, (int[]){NOBODY});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spread_deals_the_busiest_first),
		cmocka_unit_test(test_spread_groups_by_load),
		cmocka_unit_test(test_spread_round_robin_looks_at_no_load),
		cmocka_unit_test(test_spread_counts_what_is_pinned),
		cmocka_unit_test(test_spread_isolates_who_has_pinned_queues),
		cmocka_unit_test(test_spread_serves_queues_when_all_are_isolated),
		cmocka_unit_test(test_spread_keeps_queues_where_they_are),
		cmocka_unit_test(test_spread_guesses_what_new_queues_will_cost),
		cmocka_unit_test(test_spread_without_workers_gives_to_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

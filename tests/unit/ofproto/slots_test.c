/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/slots.h"

#include <stdlib.h>

#include "lib/xmalloc.h"
#include "ofproto/tables/rule.h"
#include "tests/unit/unit.h"

enum {
	N = 40,
	STEPS = 20000
};

static struct slots *slots;
static struct rule *rules[N]; /* each with its hash as its cookie */

static int setup(void **state)
{
	slots = slots_new(N);
	/* Few hashes, so that they get into each other's way, also around the end. */
	for (unsigned i = 0; i < N; i++) {
		rules[i] = XNEW(struct rule);
		rules[i]->cookie = ((uint64_t)(i % 3) << 28) + UINT32_C(0x0fffffff) - i % 7;
	}
	return 0;
}

static int teardown(void **state)
{
	free(slots);
	for (unsigned i = 0; i < N; i++)
		free(rules[i]);
	return 0;
}

static uint32_t hash_of(const struct rule *rule)
{
	return (uint32_t)rule->cookie;
}

static unsigned times_found(const struct rule *wanted)
{
	struct rule *rule;
	unsigned n = 0;

	SLOTS_FOREACH_WITH_HASH(rule, hash_of(wanted), slots)
	n += rule == wanted;
	return n;
}

static void test_slots_keep_what_was_put_in_and_no_more(void **state)
{
	bool in[N] = {false};

	srand(1);
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned i = (unsigned)rand() % N;

		if (in[i])
			slots_del(slots, rules[i], hash_of(rules[i]));
		else if (!slots_are_full(slots))
			slots_add(slots, rules[i], hash_of(rules[i]));
		else
			continue;
		in[i] = !in[i];
		for (unsigned j = 0; j < N; j++)
			assert_int_equal(times_found(rules[j]), in[j]);
	}
}

static void test_slots_show_all(void **state)
{
	unsigned n = 0;
	struct rule *rule;

	for (unsigned i = 0; i < N; i++)
		slots_add(slots, rules[i], hash_of(rules[i]));
	slots_del(slots, rules[5], hash_of(rules[5]));
	SLOTS_FOREACH(rule, slots)
	{
		assert_ptr_not_equal(rule, rules[5]);
		n++;
	}
	assert_int_equal(n, N - 1);
}

static void test_slots_replace_in_place(void **state)
{
	slots_add(slots, rules[0], hash_of(rules[0]));
	rules[1]->cookie = rules[0]->cookie;
	slots_replace(slots, rules[0], rules[1], hash_of(rules[1]));
	assert_int_equal(times_found(rules[0]), 0);
	assert_int_equal(times_found(rules[1]), 1);
}

static void test_slots_are_free_again_when_all_have_gone(void **state)
{
	for (unsigned round = 0; round < 100; round++) {
		assert_false(slots_are_full(slots));
		for (unsigned i = 0; i < N; i++)
			slots_add(slots, rules[i], hash_of(rules[i]));
		for (unsigned i = 0; i < N; i++)
			slots_del(slots, rules[i], hash_of(rules[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_slots_keep_what_was_put_in_and_no_more),
		TEST(test_slots_show_all),
		TEST(test_slots_replace_in_place),
		TEST(test_slots_are_free_again_when_all_have_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

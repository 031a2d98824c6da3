/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/tables_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/epoch.h"
#include "lib/flow/match.h"
#include "ofproto/tables/tables.h"
#include "tests/unit/ofproto/world.h"
#include "tests/unit/unit.h"

enum {
	MATCHES = 400 /* of rules in these tests, each with a cookie of its own */
};

static struct tables *tables;
static struct rule *rules[MATCHES];
static unsigned came[MATCHES];

static int setup(void **state)
{
	epoch_register();
	tables = tables_new();
	memset(rules, 0, sizeof(rules));
	memset(came, 0, sizeof(came));
	return 0;
}

static int teardown(void **state)
{
	tables_free(tables);
	epoch_unregister();
	return 0;
}

static void del(unsigned i)
{
	tables_end(tables, rules[i]);
	tables_flip(tables);
	tables_remove(tables, rules[i]);
	rules[i] = NULL;
}

/* Of three masks, in two tables. Takes the place of the one of this number, if there is one. */
static void put(unsigned i)
{
	static const char *const formats[] = {
		"in_port=%u", "ip,nw_src=10.0.%u.0/24", "tcp,tp_dst=%u"};
	struct rule like = {.priority = 7, .cookie = i, .table = i / 3 % 2 ? 9 : 2};
	struct match match;
	struct rule *old;
	char text[64];

	snprintf(text, sizeof(text), formats[i % 3], i / 3);
	match_init(&match, NULL);
	assert_int_equal(match_parse(&match, text, NULL, NULL), 0);
	rules[i] = tables_add(tables, &like, &match.key, &match.mask, world_actions(NULL), &old);
	tables_flip(tables);
	if (old)
		tables_remove(tables, old);
}

/* All of this one's mask and table. */
static void del_all_like(unsigned like)
{
	struct rule *gone[MATCHES];
	unsigned n = 0;

	for (unsigned i = like; i < MATCHES; i += 6)
		if (rules[i]) {
			tables_end(tables, rules[i]);
			gone[n++] = rules[i];
			rules[i] = NULL;
		}
	tables_flip(tables);
	tables_remove_many(tables, gone, n);
}

static bool step(struct tables_walk *walk)
{
	struct rule *rule;
	bool more = tables_walk_next(walk, &rule);

	if (rule)
		came[rule->cookie]++;
	return more;
}

static void finish(struct tables_walk *walk)
{
	while (step(walk))
		continue;
	tables_walk_free(walk);
}

static void step_until(struct tables_walk *walk, unsigned i)
{
	while (!came[i])
		assert_true(step(walk));
}

static void test_tables_walk_comes_to_each_rule_once(void **state)
{
	for (unsigned i = 0; i < MATCHES; i++)
		put(i);
	finish(tables_walk_new(tables, 0, TABLES_N - 1));
	for (unsigned i = 0; i < MATCHES; i++)
		assert_int_equal(came[i], 1);
}

static void test_tables_walk_stays_in_its_tables(void **state)
{
	for (unsigned i = 0; i < MATCHES; i++)
		put(i);
	finish(tables_walk_new(tables, 2, 2));
	for (unsigned i = 0; i < MATCHES; i++)
		assert_int_equal(came[i], rules[i]->table == 2);
}

static void test_tables_walk_goes_on_when_its_next_rule_goes(void **state)
{
	struct tables_walk *walk = tables_walk_new(tables, 0, TABLES_N - 1);

	/* All of one subtable, in this order. */
	for (unsigned i = 0; i < 30; i += 6)
		put(i);
	step_until(walk, 6);
	del(12);
	del(6);
	finish(walk);
	assert_int_equal(came[12], 0);
	for (unsigned i = 0; i < 30; i += 6)
		assert_int_equal(came[i], i != 12);
}

static void test_tables_walk_survives_the_end_of_its_subtable(void **state)
{
	struct tables_walk *walk = tables_walk_new(tables, 0, TABLES_N - 1);

	for (unsigned i = 0; i < 60; i++)
		put(i);
	while (!came[0] && !came[1] && !came[2])
		assert_true(step(walk));
	/* Of each mask: also those that the walk has yet to come to. One by one, and all at once. */
	for (unsigned i = 0; i < 60; i++)
		if (rules[i]->table == 2 && i % 3)
			del(i);
	del_all_like(0);
	finish(walk);
	for (unsigned i = 0; i < 60; i++)
		if (rules[i])
			assert_int_equal(came[i], 1);
}

static void test_tables_walk_comes_to_one_of_two_that_replace_each_other(void **state)
{
	struct tables_walk *walk = tables_walk_new(tables, 0, TABLES_N - 1);

	for (unsigned i = 0; i < 60; i += 6)
		put(i);
	step_until(walk, 12);
	put(6); /* came already */
	put(18); /* the next one */
	put(18);
	put(54);
	finish(walk);
	for (unsigned i = 0; i < 60; i += 6)
		assert_int_equal(came[i], 1);
}

static void test_tables_walk_ends_although_rules_keep_coming(void **state)
{
	struct tables_walk *walk = tables_walk_new(tables, 0, TABLES_N - 1);
	unsigned n = 0;

	put(0);
	put(6);
	for (unsigned i = 12; step(walk); i = i + 6 < MATCHES ? i + 6 : 12) {
		assert_true(n++ < 20);
		put(i);
		if (i > 100)
			del(i - 60);
	}
	tables_walk_free(walk);
	assert_int_equal(came[0], 1);
	assert_int_equal(came[6], 1);
}

static void test_tables_walk_ends_with_the_tables(void **state)
{
	struct tables_walk *walk = tables_walk_new(tables, 0, TABLES_N - 1);

	for (unsigned i = 0; i < 60; i++)
		put(i);
	for (unsigned i = 0; i < 20; i++)
		step(walk);
	tables_free(tables);
	tables = tables_new();
	assert_false(step(walk));
	tables_walk_free(walk);
}

static unsigned random_below(unsigned n)
{
	static uint64_t state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % n);
}

/* Whatever happens, what is there all the while comes once. Two walks do not mind each other. */
static void test_tables_walk_among_changes(void **state)
{
	for (unsigned round = 0; round < 50; round++) {
		bool stays[MATCHES];
		struct tables_walk *walk, *other = tables_walk_new(tables, 0, TABLES_N - 1);
		struct rule *rule;

		memset(came, 0, sizeof(came));
		for (unsigned i = 0; i < MATCHES; i++) {
			if (!rules[i] && random_below(2))
				put(i);
			stays[i] = rules[i];
		}
		walk = tables_walk_new(tables, 0, TABLES_N - 1);
		while (step(walk)) {
			unsigned i = random_below(MATCHES), what = random_below(8);

			if (what == 0 && rules[i]) {
				del(i);
				stays[i] = false;
			} else if (what < 4 && (rules[i] || what == 1)) {
				put(i);
			}
			if (what == 7)
				tables_walk_next(other, &rule);
		}
		tables_walk_free(walk);
		tables_walk_free(other);
		for (unsigned i = 0; i < MATCHES; i++)
			if (stays[i])
				assert_int_equal(came[i], 1);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tables_walk_comes_to_each_rule_once),
		TEST(test_tables_walk_stays_in_its_tables),
		TEST(test_tables_walk_goes_on_when_its_next_rule_goes),
		TEST(test_tables_walk_survives_the_end_of_its_subtable),
		TEST(test_tables_walk_comes_to_one_of_two_that_replace_each_other),
		TEST(test_tables_walk_ends_although_rules_keep_coming),
		TEST(test_tables_walk_ends_with_the_tables),
		TEST(test_tables_walk_among_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

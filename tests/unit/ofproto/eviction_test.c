/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/eviction.h"

#include <stdio.h>

#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "lib/flow/match.h"
#include "ofproto/tables/tables.h"
#include "tests/unit/ofproto/world.h"
#include "tests/unit/unit.h"

enum {
	RULES = 300,
	NETS = 7, /* of different sizes */
};

static struct tables *tables;
static struct eviction_fields by_net, none;

static int setup(void **state)
{
	struct errbuf err;

	epoch_register();
	tables = tables_new();
	by_net.n = 1;
	errbuf_init(&err);
	assert_int_equal(subfield_parse(&by_net.list[0], "NXM_OF_IP_SRC[]", &err), 0);
	return 0;
}

static int teardown(void **state)
{
	tables_free(tables);
	epoch_unregister();
	return 0;
}

static unsigned net_of(unsigned i)
{
	return i % (1 + i % NETS);
}

static void add(unsigned i)
{
	struct rule like = {.priority = i};
	struct match match;
	struct rule *rule;
	char text[64];

	snprintf(
		text,
		sizeof(text),
		"ip,nw_src=10.0.0.%u,nw_dst=10.1.%u.%u",
		net_of(i),
		i / 100,
		i % 100
	);
	match_init(&match, NULL);
	assert_int_equal(match_parse(&match, text, NULL, NULL), 0);
	rule = tables_add(tables, &like, &match.key, &match.mask, world_actions(NULL), NULL);
	rule->importance = i * 7 % 5;
	if (i % 3)
		rule->hard_timeout = (uint16_t)(1 + i * 11 % 17);
}

static void fill(void)
{
	for (unsigned i = 0; i < RULES; i++)
		add(i);
	tables_flip(tables);
}

/* Many chosen at once are those who would have been chosen one by one. */
static void check(const struct eviction_fields *by, bool timed_only, unsigned expected)
{
	struct rule *many[RULES], *one;

	assert_int_equal(eviction_choose(tables, 0, by, timed_only, many, RULES), expected);
	for (unsigned i = 0; i < expected; i++) {
		assert_int_equal(eviction_choose(tables, 0, by, timed_only, &one, 1), 1);
		assert_ptr_equal(many[i], one);
		tables_end(tables, one);
		tables_flip(tables);
	}
	assert_int_equal(eviction_choose(tables, 0, by, timed_only, &one, 1), 0);
}

static void test_eviction_takes_those_who_matter_least(void **state)
{
	fill();
	check(&none, false, RULES);
}

static void test_eviction_takes_from_the_largest_group(void **state)
{
	fill();
	check(&by_net, false, RULES);
}

static void test_eviction_leaves_rules_without_a_timeout(void **state)
{
	fill();
	check(&by_net, true, RULES - RULES / 3);
}

static void test_eviction_takes_no_more_than_are_wanted(void **state)
{
	struct rule *rules[RULES] = {NULL};

	fill();
	assert_int_equal(eviction_choose(tables, 0, &by_net, false, rules, 10), 10);
	assert_non_null(rules[9]);
	assert_null(rules[10]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_eviction_takes_those_who_matter_least, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_eviction_takes_from_the_largest_group, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_eviction_leaves_rules_without_a_timeout, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_eviction_takes_no_more_than_are_wanted, setup, teardown
		),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

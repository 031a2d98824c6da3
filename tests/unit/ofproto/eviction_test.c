/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/eviction.h"

#include <stdio.h>

#include "lib/clock.h"
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

static struct rule *add(unsigned i)
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
	return rule;
}

static void fill(void)
{
	for (unsigned i = 0; i < RULES; i++)
		add(i);
	tables_flip(tables);
}

static const struct eviction_fields *by;
static bool timed_only;

/* Who would go, to who looks at all of the table. */
static struct rule *look_anew(void)
{
	struct eviction *eviction = eviction_new(tables, 0, by, timed_only);
	struct rule *rule = eviction_next(eviction);

	eviction_free(eviction);
	return rule;
}

static void end(struct eviction *eviction, struct rule *rule)
{
	eviction_del(eviction, rule);
	tables_end(tables, rule);
	tables_flip(tables);
}

/* An order that is kept says the same as one that is made anew for each rule. */
static void check(unsigned expected)
{
	struct eviction *eviction = eviction_new(tables, 0, by, timed_only);

	assert_true(eviction_is_by(eviction, by, timed_only));
	for (unsigned i = 0; i < expected; i++) {
		struct rule *rule = eviction_next(eviction);

		assert_non_null(rule);
		assert_ptr_equal(rule, look_anew());
		end(eviction, rule);
	}
	assert_null(eviction_next(eviction));
	eviction_free(eviction);
}

static void test_eviction_takes_those_who_matter_least(void **state)
{
	fill();
	by = &none;
	timed_only = false;
	check(RULES);
}

static void test_eviction_takes_from_the_largest_group(void **state)
{
	fill();
	by = &by_net;
	timed_only = false;
	check(RULES);
}

static void test_eviction_leaves_rules_without_a_timeout(void **state)
{
	fill();
	by = &by_net;
	timed_only = true;
	check(RULES - RULES / 3);
}

/* Rules come, go and are used meanwhile. */
static void test_eviction_follows_changes(void **state)
{
	struct eviction *eviction;
	struct rule *rule;

	fill();
	by = &by_net;
	timed_only = true;
	eviction = eviction_new(tables, 0, by, timed_only);
	for (unsigned i = 0; i < RULES; i++) {
		rule = eviction_next(eviction);
		assert_ptr_equal(rule, look_anew());
		if (i % 2) {
			/* The packet makes it the last of those that are alike. */
			rule->refreshed_ms = clock_ms() + 1000 * (int64_t)i;
			continue;
		}
		end(eviction, rule);
		rule = add(RULES + i);
		tables_flip(tables);
		eviction_add(eviction, rule);
	}
	eviction_free(eviction);
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
		cmocka_unit_test_setup_teardown(test_eviction_follows_changes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

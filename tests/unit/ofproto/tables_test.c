/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/epoch.h"
#include "lib/flow/match.h"
#include "tests/unit/ofproto/world.h"
#include "tests/unit/unit.h"

static struct tables *tables;
static struct key looked;

static int setup(void **state)
{
	epoch_register();
	tables = tables_new();
	return 0;
}

static int teardown(void **state)
{
	tables_free(tables);
	epoch_unregister();
	return 0;
}

static struct match match_of(const char *text)
{
	struct match match;

	match_init(&match, NULL);
	assert_int_equal(match_parse(&match, text, NULL, NULL), 0);
	return match;
}

static struct rule *add(const char *text, uint32_t priority)
{
	struct rule like = {.priority = priority, .cookie = priority};
	struct match match = match_of(text);
	struct rule_actions *actions = world_actions(NULL);

	return tables_add(tables, &like, &match.key, &match.mask, actions, NULL);
}

static struct rule *find_at(const char *text, uint64_t version)
{
	static const struct key nothing;
	struct match match = match_of(text);
	struct tables_lookup lookup = {
		.key = &match.key,
		.known = &nothing,
		.looked = &looked,
		.version = version,
	};

	memset(&looked, 0, sizeof(looked));
	return tables_find(tables, 0, &lookup);
}

static struct rule *find(const char *text)
{
	return find_at(text, tables_version(tables));
}

static void test_tables_find_by_priority(void **state)
{
	struct rule *any = add("", 1), *port = add("in_port=1", 10);
	struct rule *tcp = add("in_port=1,tcp,tp_dst=80", 20);

	tables_flip(tables);
	assert_ptr_equal(find("in_port=1,tcp,tp_dst=80"), tcp);
	assert_ptr_equal(find("in_port=1,tcp,tp_dst=81"), port);
	assert_ptr_equal(find("in_port=2,tcp,tp_dst=80"), any);
	assert_int_equal(tables_count(tables, 0), 3);
	assert_null(tables_find(
		tables,
		1,
		&(struct tables_lookup
		){.key = &looked, .known = &looked, .looked = &looked, .version = 9}
	));
}

static void test_tables_replace_equal_rules(void **state)
{
	struct match match = match_of("ip,nw_dst=10.0.0.0/8");
	struct rule like = {.priority = 5};
	struct rule *old, *first = add("ip,nw_dst=10.0.0.0/8", 5), *second;

	tables_flip(tables);
	second = tables_add(tables, &like, &match.key, &match.mask, world_actions(NULL), &old);
	assert_ptr_equal(old, first);
	/* Until the version flips, everyone sees the old one. */
	assert_ptr_equal(find("ip,nw_dst=10.1.2.3"), first);
	tables_flip(tables);
	assert_ptr_equal(find("ip,nw_dst=10.1.2.3"), second);
	assert_int_equal(tables_count(tables, 0), 1);
	tables_remove(tables, first);
	assert_ptr_equal(find("ip,nw_dst=10.1.2.3"), second);
}

static void test_tables_appear_and_end_by_version(void **state)
{
	struct rule *a = add("in_port=1", 1), *b;
	uint64_t before = tables_version(tables);

	assert_null(find("in_port=1"));
	tables_flip(tables);
	assert_ptr_equal(find("in_port=1"), a);
	assert_null(find_at("in_port=1", before));
	tables_end(tables, a);
	b = add("in_port=1", 2);
	assert_ptr_equal(find("in_port=1"), a);
	tables_flip(tables);
	assert_ptr_equal(find("in_port=1"), b);
	tables_remove(tables, a);
	assert_ptr_equal(find("in_port=1"), b);
}

static void test_tables_keep_rules_of_one_match_apart(void **state)
{
	struct rule *low = add("in_port=1", 1), *high = add("in_port=1", 9);
	struct rule *middle = add("in_port=1", 5);

	tables_flip(tables);
	assert_ptr_equal(find("in_port=1"), high);
	tables_end(tables, high);
	tables_flip(tables);
	tables_remove(tables, high);
	assert_ptr_equal(find("in_port=1"), middle);
	tables_end(tables, low);
	tables_flip(tables);
	tables_remove(tables, low);
	assert_ptr_equal(find("in_port=1"), middle);
	tables_end(tables, middle);
	tables_flip(tables);
	tables_remove(tables, middle);
	assert_null(find("in_port=1"));
}

static void test_tables_note_only_what_mattered(void **state)
{
	add("in_port=1", 10);
	add("dl_dst=02:00:00:00:00:01", 5);
	add("tcp,tp_dst=80", 1);
	tables_flip(tables);
	find("in_port=1,tcp,tp_dst=80");
	assert_int_equal(looked.base.in_port, UINT32_MAX);
	assert_int_equal(looked.base.l4_dst, 0);
	assert_int_equal(looked.base.eth_dst.bytes[0], 0);
	find("in_port=2,dl_dst=02:00:00:00:00:01,tcp,tp_dst=80");
	assert_int_equal(looked.base.eth_dst.bytes[0], 0xff);
	assert_int_equal(looked.base.l4_dst, 0);
	find("in_port=2,tcp,tp_dst=80");
	assert_int_equal(looked.base.l4_dst, 0xffff);
}

static void test_tables_look_no_further_than_needed(void **state)
{
	for (unsigned i = 0; i < 1000; i++) {
		char text[64];

		snprintf(text, sizeof(text), "tcp,nw_dst=10.1.%u.%u,tp_dst=80", i / 250, i % 250);
		add(text, 1);
	}
	tables_flip(tables);
	assert_null(find("arp"));
	assert_int_equal(looked.base.eth_type, 0xffff);
	assert_int_equal(looked.base.ip_dst, 0);
	assert_int_equal(looked.base.l4_dst, 0);
	assert_null(find("tcp,nw_dst=192.0.2.1,tp_dst=80"));
	assert_int_equal(looked.base.ip_dst, be32_from(0xff000000));
	assert_int_equal(looked.base.l4_dst, 0);
	assert_null(find("tcp,nw_dst=10.2.0.1,tp_dst=80"));
	assert_int_equal(looked.base.ip_dst, be32_from(0xffff0000));
	assert_non_null(find("tcp,nw_dst=10.1.0.1,tp_dst=80"));
	assert_int_equal(looked.base.ip_dst, UINT32_MAX);
	assert_int_equal(looked.base.l4_dst, 0xffff);
}

/* What is left when rules go is what would be there without them. */
static void test_tables_look_less_when_rules_go(void **state)
{
	struct rule *rules[200];

	for (unsigned i = 0; i < ARRAY_LENGTH(rules); i++) {
		char text[64];

		snprintf(text, sizeof(text), "ip,nw_src=10.0.%u.0/24", i);
		rules[i] = add(text, 1);
	}
	add("ip,nw_src=192.0.2.0/24", 1);
	tables_flip(tables);
	assert_null(find("ip,nw_src=10.9.0.1"));
	assert_int_equal(looked.base.ip_src, be32_from(0xffff0000));
	for (unsigned i = 0; i < ARRAY_LENGTH(rules); i++)
		tables_end(tables, rules[i]);
	tables_flip(tables);
	for (unsigned i = 0; i < ARRAY_LENGTH(rules); i++)
		tables_remove(tables, rules[i]);
	assert_null(find("ip,nw_src=10.9.0.1"));
	assert_int_equal(looked.base.ip_src, be32_from(0xff000000));
	assert_non_null(find("ip,nw_src=192.0.2.7"));
}

static void test_tables_rules_overlap_flows(void **state)
{
	struct rule *rule = add("in_port=1,ip,nw_dst=10.0.0.0/8", 1);
	struct match in = match_of("in_port=1,ip,nw_dst=10.1.1.1");
	struct match out = match_of("in_port=1,ip,nw_dst=11.1.1.1");
	struct match wide = match_of("in_port=1");

	assert_true(rule_overlaps(rule, &in.key, &in.mask));
	assert_false(rule_overlaps(rule, &out.key, &out.mask));
	assert_true(rule_overlaps(rule, &wide.key, &wide.mask));
}

/* The base block says as much as the whole key, unless the rule looks further. */
static void test_tables_rules_overlap_bases(void **state)
{
	struct rule *rule = add("in_port=1,ip,nw_dst=10.0.0.0/8", 1);
	struct match in = match_of("in_port=7,ip,nw_dst=10.1.1.1");
	struct match out = match_of("in_port=7,ip,nw_dst=11.1.1.1");
	struct match six = match_of("in_port=7,ipv6,ipv6_dst=2001:db8::1");

	assert_true(rule_is_of_base(rule));
	assert_true(rule_overlaps_base(rule, &in.key.base, &in.mask.base, 1));
	assert_false(rule_overlaps_base(rule, &in.key.base, &in.mask.base, 2));
	assert_false(rule_overlaps_base(rule, &out.key.base, &out.mask.base, 1));
	assert_true(rule_is_of_base(add("", 1)));
	rule = add("in_port=1,ipv6,ipv6_dst=2001:db8::2", 1);
	assert_false(rule_is_of_base(rule));
	assert_true(rule_overlaps_base(rule, &six.key.base, &six.mask.base, 1));
	assert_false(rule_overlaps(rule, &six.key, &six.mask));
	assert_false(rule_is_of_base(add("reg3=7", 1)));
}

/* A random table against a plain list. */
static void test_tables_agree_with_a_list(void **state)
{
	static struct rule *rules[500];
	unsigned n = 0;

	srand(7);
	for (unsigned i = 0; i < 500; i++) {
		char text[160];
		unsigned bits = rand() % 33;

		snprintf(
			text,
			sizeof(text),
			"%sip,nw_src=10.%u.0.0/%u%s",
			rand() % 2 ? "in_port=1," : "",
			rand() % 4,
			bits,
			rand() % 2 ? ",nw_tos=32" : ""
		);
		rules[n++] = add(text, rand() % 100);
	}
	tables_flip(tables);
	for (unsigned i = 0; i < 2000; i++) {
		char text[160];
		struct rule *best = NULL, *found;
		struct match packet;

		snprintf(
			text,
			sizeof(text),
			"in_port=%u,ip,nw_src=10.%u.0.%u,nw_tos=%u",
			rand() % 2 + 1,
			rand() % 5,
			rand() % 2,
			rand() % 2 * 32
		);
		packet = match_of(text);
		memset(&packet.mask, 0xff, sizeof(packet.mask));
		for (unsigned r = 0; r < n; r++)
			if (rules[r]->until == RULE_FOREVER &&
			    rule_overlaps(rules[r], &packet.key, &packet.mask) &&
			    (!best || rules[r]->priority > best->priority))
				best = rules[r];
		found = find(text);
		assert_int_equal(!found, !best);
		if (best)
			assert_int_equal(found->priority, best->priority);
	}
}

/* Looks up all packets that 'text' matches; false if they need not all match the same rule. */
static bool find_region(const char *text, unsigned patience, struct rule **rule)
{
	static const struct key nothing;
	struct match match = match_of(text);
	struct key agreed, more;
	struct tables_lookup lookup = {
		.key = &match.key,
		.known = &nothing,
		.agreed = &agreed,
		.patience = &patience,
		.looked = &looked,
		.version = tables_version(tables),
	};

	memset(&looked, 0, sizeof(looked));
	key_get_agreed(&agreed, &match.key, &match.mask);
	*rule = tables_find(tables, 0, &lookup);
	key_apply_mask(&more, &looked, &match.mask);
	return !memcmp(&more, &looked, sizeof(more));
}

static void test_tables_find_for_regions(void **state)
{
	struct rule *tcp = add("tcp", 10), *low, *found;

	low = add("udp,nw_dst=10.0.0.0/8", 5);
	add("udp,nw_dst=10.1.0.0/16", 20);
	tables_flip(tables);
	/* A mask that no rule for such packets has is not looked at. */
	assert_true(find_region("tcp", 99, &found));
	assert_ptr_equal(found, tcp);
	/* Without patience nobody can know. */
	assert_false(find_region("tcp", 0, &found));
	assert_true(find_region("udp,nw_dst=10.2.0.0/16", 99, &found));
	assert_ptr_equal(found, low);
	assert_false(find_region("udp,nw_dst=10.0.0.0/8", 99, &found));
	/* Of lower priority: it does not matter that only some match it. */
	add("tcp,nw_dst=10.0.0.1", 9);
	tables_flip(tables);
	assert_true(find_region("tcp", 99, &found));
	assert_ptr_equal(found, tcp);
	add("tcp,nw_dst=10.0.0.1", 11);
	tables_flip(tables);
	assert_false(find_region("tcp", 99, &found));
}

static void test_tables_prefer_the_older_mask_among_equals(void **state)
{
	struct rule *tcp = add("tcp", 10);

	add("ip,nw_dst=10.0.0.1", 10);
	tables_flip(tables);
	assert_ptr_equal(find("tcp,nw_dst=10.0.0.1"), tcp);
	/* Neither a higher nor a lower priority elsewhere under the masks changes that. */
	add("ip,nw_dst=10.0.0.2", 20);
	tables_flip(tables);
	assert_ptr_equal(find("tcp,nw_dst=10.0.0.1"), tcp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_tables_find_by_priority),
		TEST(test_tables_replace_equal_rules),
		TEST(test_tables_appear_and_end_by_version),
		TEST(test_tables_keep_rules_of_one_match_apart),
		TEST(test_tables_note_only_what_mattered),
		TEST(test_tables_look_no_further_than_needed),
		TEST(test_tables_look_less_when_rules_go),
		TEST(test_tables_rules_overlap_flows),
		TEST(test_tables_rules_overlap_bases),
		TEST(test_tables_agree_with_a_list),
		TEST(test_tables_find_for_regions),
		TEST(test_tables_prefer_the_older_mask_among_equals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

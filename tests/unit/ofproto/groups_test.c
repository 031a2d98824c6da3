/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/groups/groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/flow/match.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/rules.h"
#include "ofproto/rules_batch.h"
#include "ofproto/wire/messages.h"
#include "tests/unit/ofproto/world.h"
#include "tests/unit/unit.h"

enum {
	ADD,
	MODIFY,
	DELETE,
	INSERT_BUCKET,
	REMOVE_BUCKET = 5,
	CHAIN = 33, /* as long as it may be */
	MANY = 20000,
	ROW = 6000,
};

static struct world world;
static struct wire_out buckets;

static int setup(void **state)
{
	world_init_trunks(&world);
	wire_out_init(&buckets, OF13);
	return 0;
}

static int teardown(void **state)
{
	wire_out_fini(&buckets);
	world_fini(&world);
	return 0;
}

static void put_bucket(struct of_bucket *row, const char *actions)
{
	action_list_init(&row->actions);
	assert_int_equal(actions_parse(&row->actions, actions, NULL, NULL), 0);
	of_bucket_encode(&buckets, row);
	of_bucket_fini(row);
}

static void bucket(uint16_t weight, uint32_t watch_port, const char *actions)
{
	struct of_bucket row = {
		.weight = weight, .watch_port = watch_port, .watch_group = UINT32_MAX};

	put_bucket(&row, actions);
}

static void bucket_to(uint32_t watch_group, const char *actions)
{
	struct of_bucket row = {.watch_port = UINT32_MAX, .watch_group = watch_group};

	put_bucket(&row, actions);
}

static const char *next_group(uint32_t id)
{
	static char text[32];

	snprintf(text, sizeof(text), "group:%u", id + 1);
	return text;
}

static unsigned n_groups(void)
{
	unsigned n;

	free(groups_list(world.bridge->groups, &n));
	return n;
}

static enum of_error group(unsigned command, uint32_t id, enum group_type type)
{
	struct of_group_mod mod = {
		.command = command,
		.group_id = id,
		.type = type,
		.buckets = {.data = buckets.data, .n = buckets.n, .version = OF13},
	};
	enum of_error error = groups_mod(world.bridge, &mod);

	buckets.n = 0;
	return error;
}

static enum of_error rule(const char *match, const char *actions)
{
	struct of_flow_mod mod = world_flow_mod(ADD, match, actions);

	return world_send(world.bridge, &mod, OF13);
}

static const char *packet(uint8_t src)
{
	struct key key = world_frame(1, src, 0xb, 0);

	return world_run(&world, &key);
}

static void test_groups_run_every_bucket_on_a_copy(void **state)
{
	bucket(0, UINT32_MAX, "output:2,mod_vlan_vid:5");
	bucket(0, UINT32_MAX, "output:3");
	assert_int_equal(group(ADD, 1, GROUP_ALL), OF_OK);
	assert_int_equal(rule("in_port=1", "group:1"), OF_OK);
	/* A bucket is an action set: the output comes last. */
	assert_string_equal(packet(1), "push_vlan(vid=5,pcp=0),2,pop_vlan,3");
}

static void test_groups_select_by_weight(void **state)
{
	unsigned n2 = 0, n3 = 0;

	bucket(1, UINT32_MAX, "output:2");
	bucket(3, UINT32_MAX, "output:3");
	assert_int_equal(group(ADD, 1, GROUP_SELECT), OF_OK);
	rule("in_port=1", "group:1");
	for (unsigned src = 0; src < 240; src++) {
		const char *to = packet((uint8_t)src);

		n2 += !strcmp(to, "2");
		n3 += !strcmp(to, "3");
	}
	assert_int_equal(n2 + n3, 240);
	assert_in_range(n2, 30, 95);
	/* Flows must tell apart what the choice told apart. */
	assert_int_equal(world.x.mask.base.eth_src.bytes[5], 0xff);
}

static void test_groups_fail_over(void **state)
{
	bucket(0, 99, "output:2");
	bucket(0, 3, "output:3");
	assert_int_equal(group(ADD, 1, GROUP_FAST_FAILOVER), OF_OK);
	rule("in_port=1", "group:1");
	assert_string_equal(packet(1), "3");
	bucket(0, 99, "output:2");
	assert_int_equal(group(MODIFY, 1, GROUP_FAST_FAILOVER), OF_OK);
	assert_string_equal(packet(1), "drop(no_bucket)");
}

static void test_groups_refuse_what_they_must(void **state)
{
	assert_int_equal(group(ADD, 0xfffffff0, GROUP_ALL), OF_GMFC_INVALID_GROUP);
	assert_int_equal(group(ADD, 1, 9), OF_GMFC_BAD_TYPE);
	assert_int_equal(group(9, 1, GROUP_ALL), OF_GMFC_BAD_COMMAND);
	assert_int_equal(group(MODIFY, 1, GROUP_ALL), OF_GMFC_UNKNOWN_GROUP);
	assert_int_equal(group(ADD, 1, GROUP_INDIRECT), OF_GMFC_INVALID_GROUP);
	bucket(5, UINT32_MAX, "output:2");
	assert_int_equal(group(ADD, 1, GROUP_ALL), OF_GMFC_INVALID_GROUP);
	bucket(0, 2, "output:2");
	assert_int_equal(group(ADD, 1, GROUP_ALL), OF_GMFC_WATCH_UNSUPPORTED);
	assert_int_equal(rule("in_port=1", "group:1"), OF_BAC_BAD_OUT_GROUP);
	assert_int_equal(group(ADD, 1, GROUP_ALL), OF_OK);
	assert_int_equal(group(ADD, 1, GROUP_ALL), OF_GMFC_GROUP_EXISTS);
	bucket(0, UINT32_MAX, "group:1");
	assert_int_equal(group(ADD, 2, GROUP_ALL), OF_OK);
	bucket(0, UINT32_MAX, "group:2");
	assert_int_equal(group(MODIFY, 1, GROUP_ALL), OF_GMFC_LOOP);
}

static void test_groups_take_their_rules_with_them(void **state)
{
	group(ADD, 1, GROUP_ALL);
	group(ADD, 2, GROUP_ALL);
	rule("in_port=1", "write_actions(group:1)");
	rule("in_port=2", "group:2");
	group(DELETE, 1, GROUP_ALL);
	assert_null(groups_find(world.bridge->groups, 1));
	assert_string_equal(packet(1), "2,3");
	assert_non_null(groups_find(world.bridge->groups, 2));
	group(DELETE, GROUP_ID_ALL, GROUP_ALL);
	assert_int_equal(n_groups(), 0);
}

/* Each with two buckets that lead to the next one, so that there are 2^32 ways to the last. */
static void add_chain(enum group_type type)
{
	for (uint32_t id = CHAIN; id; id--) {
		for (unsigned i = 0; i < 2; i++) {
			if (type == GROUP_FAST_FAILOVER)
				bucket_to(id + 1, "output:2");
			else
				bucket_to(UINT32_MAX, id < CHAIN ? next_group(id) : "drop");
		}
		assert_int_equal(group(ADD, id, type), OF_OK);
	}
}

static void test_groups_that_multiply_are_bounded(void **state)
{
	add_chain(GROUP_ALL);
	assert_int_equal(rule("in_port=1", "group:1"), OF_OK);
	assert_string_equal(packet(1), "drop(too_many_buckets)");
	/* One more group in front, and the chain is too long. */
	bucket_to(UINT32_MAX, "group:1");
	assert_int_equal(group(ADD, 100, GROUP_ALL), OF_GMFC_LOOP);
	bucket_to(UINT32_MAX, "group:2");
	assert_int_equal(group(ADD, 100, GROUP_ALL), OF_OK);
	bucket_to(UINT32_MAX, "group:1");
	assert_int_equal(group(MODIFY, CHAIN, GROUP_ALL), OF_GMFC_LOOP);
}

static void test_groups_do_not_lead_to_themselves_from_inside(void **state)
{
	bucket_to(UINT32_MAX, "clone(output:2,clone(group:1))");
	assert_int_equal(group(ADD, 1, GROUP_ALL), OF_GMFC_LOOP);
	bucket_to(UINT32_MAX, "clone(group:2)");
	assert_int_equal(group(ADD, 1, GROUP_ALL), OF_OK);
	bucket_to(UINT32_MAX, "clone(group:1)");
	assert_int_equal(group(ADD, 2, GROUP_ALL), OF_GMFC_LOOP);
}

/* Each leads to one that is not there yet, so that nothing is too long when it is made. */
static void test_groups_in_a_long_row_are_bounded(void **state)
{
	for (uint32_t id = 1; id < ROW; id++) {
		bucket_to(UINT32_MAX, next_group(id));
		assert_int_equal(group(ADD, id, GROUP_ALL), OF_OK);
	}
	assert_int_equal(rule("in_port=1", "group:1"), OF_OK);
	assert_string_equal(packet(1), "drop(too_many_buckets)");
}

static void test_groups_that_watch_groups_are_bounded(void **state)
{
	add_chain(GROUP_FAST_FAILOVER);
	assert_int_equal(rule("in_port=1", "group:1"), OF_OK);
	assert_string_equal(packet(1), "drop(too_many_buckets)");
}

static void test_groups_are_many(void **state)
{
	for (uint32_t id = 0; id < MANY; id++)
		assert_int_equal(group(ADD, id * 7919 % MANY, GROUP_ALL), OF_OK);
	assert_int_equal(n_groups(), MANY);
	for (uint32_t id = 0; id < MANY; id += 2)
		assert_int_equal(group(DELETE, id, GROUP_ALL), OF_OK);
	assert_int_equal(n_groups(), MANY / 2);
	assert_null(groups_find(world.bridge->groups, 2));
	assert_non_null(groups_find(world.bridge->groups, 3));
}

static void test_groups_of_a_batch_are_undone(void **state)
{
	bucket(0, UINT32_MAX, "output:2");
	group(ADD, 1, GROUP_ALL);
	rule("in_port=1", "group:1");
	rules_batch_begin(world.bridge);
	groups_batch_begin(world.bridge);
	bucket(0, UINT32_MAX, "output:3");
	group(MODIFY, 1, GROUP_ALL);
	group(ADD, 2, GROUP_ALL);
	assert_int_equal(rule("in_port=2", "group:2"), OF_OK);
	group(DELETE, 1, GROUP_ALL);
	assert_string_equal(packet(1), "2");
	groups_batch_undo(world.bridge);
	rules_batch_undo();
	assert_string_equal(packet(1), "2");
	assert_null(groups_find_newest(world.bridge->groups, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_groups_run_every_bucket_on_a_copy),
		TEST(test_groups_select_by_weight),
		TEST(test_groups_fail_over),
		TEST(test_groups_refuse_what_they_must),
		TEST(test_groups_take_their_rules_with_them),
		TEST(test_groups_of_a_batch_are_undone),
		TEST(test_groups_that_multiply_are_bounded),
		TEST(test_groups_do_not_lead_to_themselves_from_inside),
		TEST(test_groups_in_a_long_row_are_bounded),
		TEST(test_groups_that_watch_groups_are_bounded),
		TEST(test_groups_are_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/rules_batch.h"

#include "lib/clock.h"
#include "lib/flow/match.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/rules.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/messages.h"
#include "tests/unit/ofproto/world.h"
#include "tests/unit/unit.h"

enum {
	ADD,
	MODIFY,
	DELETE = 3
};

static struct world world;

static int setup(void **state)
{
	clock_stop();
	world_init_trunks(&world);
	return 0;
}

static int teardown(void **state)
{
	world_fini(&world);
	return 0;
}

static enum of_error change(unsigned command, const char *match, const char *actions)
{
	struct of_flow_mod mod = world_flow_mod(command, match, actions);

	mod.idle_timeout = 60;
	return world_send(world.bridge, &mod, OF13);
}

static const char *packet(void)
{
	struct key key = world_frame(1, 0xa, 0xb, 0);

	return world_run(&world, &key);
}

static unsigned count(void)
{
	return tables_count(world.bridge->tables, 0);
}

static void test_batch_appears_at_its_end(void **state)
{
	change(ADD, "in_port=1", "output:2");
	rules_batch_begin(world.bridge);
	change(MODIFY, "in_port=1", "output:3");
	change(ADD, "in_port=2", "output:3");
	assert_string_equal(packet(), "2");
	assert_int_equal(count(), 3);
	rules_batch_end();
	assert_string_equal(packet(), "3");
}

static void test_batch_sees_its_own_changes_in_order(void **state)
{
	rules_batch_begin(world.bridge);
	change(ADD, "in_port=1", "output:2");
	change(MODIFY, "in_port=1", "output:3");
	change(DELETE, "in_port=1", "drop");
	change(ADD, "in_port=1", "output:2,output:3");
	rules_batch_end();
	assert_string_equal(packet(), "2,3");
	assert_int_equal(count(), 2);
}

static void test_batch_is_undone(void **state)
{
	change(ADD, "in_port=1", "output:2");
	rules_batch_begin(world.bridge);
	change(MODIFY, "in_port=1", "output:3");
	change(ADD, "in_port=1", "output:2,output:3");
	change(DELETE, "", "drop");
	change(ADD, "in_port=3", "output:3");
	assert_int_equal(count(), 1);
	rules_batch_undo();
	assert_string_equal(packet(), "2");
	assert_int_equal(count(), 2);
	/* Nothing of it comes with a later version. */
	change(ADD, "in_port=2", "output:3");
	assert_string_equal(packet(), "2");
	assert_int_equal(count(), 3);
	/* Its rules no longer time out; the old one does. */
	clock_warp(61000);
	rules_expire();
	assert_int_equal(count(), 1);
}

/* A rule of the cookie by which learned rules of these tests are known. */
static void add_taught(void)
{
	struct of_flow_mod mod = world_flow_mod(ADD, "in_port=1", "output:2");

	mod.table_id = 1;
	mod.cookie = 0x55;
	assert_int_equal(world_send(world.bridge, &mod, OF13), OF_OK);
}

static void add_teacher(const char *match)
{
	change(ADD,
	       match,
	       "learn(table=1,cookie=0x55,delete_learned,NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[])"
	);
}

static unsigned count_taught(void)
{
	return tables_count(world.bridge->tables, 1);
}

static void test_taught_rules_go_with_the_last_teacher(void **state)
{
	add_taught();
	add_teacher("in_port=2");
	add_teacher("in_port=3");
	change(DELETE, "in_port=2", "drop");
	assert_int_equal(count_taught(), 1);
	change(DELETE, "in_port=3", "drop");
	assert_int_equal(count_taught(), 0);
}

static void test_teacher_that_was_undone_takes_nothing_along(void **state)
{
	add_taught();
	rules_batch_begin(world.bridge);
	add_teacher("in_port=2");
	rules_batch_undo();
	change(ADD, "in_port=3", "output:2");
	assert_int_equal(count_taught(), 1);
	/* One that is deleted by what is undone stays one. */
	add_teacher("in_port=2");
	rules_batch_begin(world.bridge);
	change(DELETE, "in_port=2", "drop");
	rules_batch_undo();
	change(ADD, "in_port=3", "output:1");
	assert_int_equal(count_taught(), 1);
	change(DELETE, "in_port=2", "drop");
	assert_int_equal(count_taught(), 0);
}

static void test_teachers_of_a_bridge_that_is_gone_do_not_count(void **state)
{
	add_teacher("in_port=2");
	world_fini(&world);
	world_init_trunks(&world);
	add_taught();
	add_teacher("in_port=2");
	change(DELETE, "in_port=2", "drop");
	assert_int_equal(count_taught(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_batch_appears_at_its_end),
		TEST(test_batch_sees_its_own_changes_in_order),
		TEST(test_batch_is_undone),
		TEST(test_taught_rules_go_with_the_last_teacher),
		TEST(test_teacher_that_was_undone_takes_nothing_along),
		TEST(test_teachers_of_a_bridge_that_is_gone_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

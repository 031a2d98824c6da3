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

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_batch_appears_at_its_end),
		TEST(test_batch_sees_its_own_changes_in_order),
		TEST(test_batch_is_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

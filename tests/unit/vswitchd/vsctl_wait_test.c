/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vswitchd/switch.h"

/* Waiting: for the switch to act, and for conditions.  */

static void test_a_change_waits_for_the_switch(void **state)
{
	const struct outcome *outcome = switch_run("add-br br0 -- list-br");

	assert_true(outcome->waits);
	assert_null(switch_turn());
	switch_apply();
	outcome = switch_turn();
	assert_non_null(outcome);
	assert_int_equal(outcome->exit, 0);
	assert_string_equal(outcome->out, "br0\n");
}

static void test_reading_does_not_wait(void **state)
{
	switch_do("add-br br0");
	assert_false(switch_run("list-br")->waits);
	assert_false(switch_run("--may-exist add-br br0")->waits);
	assert_false(switch_run("--dry-run add-br br1")->waits);
	assert_string_equal(switch_do("list-br"), "br0\n");
}

static void test_no_wait_leaves_next_cfg_alone(void **state)
{
	switch_do("add-br br0");
	assert_string_equal(switch_do("get Open_vSwitch . next_cfg"), "0\n");
	switch_run("add-br br1");
	assert_string_equal(switch_do("get Open_vSwitch . next_cfg"), "1\n");
}

static void test_who_sets_the_count_back_holds_nobody_up(void **state)
{
	switch_run("add-br br0");
	switch_apply();
	assert_non_null(switch_turn());
	assert_true(switch_run("add-br br1")->waits);
	switch_do("set Open_vSwitch . next_cfg=0");
	assert_null(switch_turn());
	switch_apply();
	const struct outcome *outcome = switch_turn();

	assert_non_null(outcome);
	assert_int_equal(outcome->exit, 0);
}

static void test_a_count_that_was_set_back_does_not_hide_what_is_to_be_done(void **state)
{
	switch_do("init -- set Open_vSwitch . next_cfg=7");
	switch_apply();
	switch_do("set Open_vSwitch . next_cfg=0");
	assert_true(switch_run("add-br br0")->waits);
	assert_null(switch_turn());
	switch_apply();
	assert_non_null(switch_turn());
}

static void test_the_count_has_an_end(void **state)
{
	switch_do("init -- set Open_vSwitch . next_cfg=9223372036854775807");
	switch_apply();
	const struct outcome *outcome = switch_run("add-br br0");

	assert_int_equal(outcome->exit, 1);
	assert_non_null(strstr(outcome->err, "next_cfg"));
	assert_string_equal(switch_do("list-br"), "");
	switch_do("set Open_vSwitch . next_cfg=0");
	switch_do("add-br br0");
}

static void test_a_port_that_fails_is_told(void **state)
{
	const struct outcome *outcome;

	switch_run("add-br br0 -- add-port br0 bad1 -- add-port br0 p1");
	switch_apply();
	outcome = switch_turn();
	assert_non_null(outcome);
	assert_int_equal(outcome->exit, 65);
	assert_string_equal(
		outcome->err, "Error detected while setting up 'bad1': no such device\n"
	);
}

static void test_an_option_that_a_port_refuses_is_told_once(void **state)
{
	const struct outcome *outcome;

	switch_do("--no-wait add-br br0 -- add-port br0 p1 -- set Interface p1 type=fake");
	switch_run("add-port br0 bad1 -- set Interface bad1 type=fake options:x=1 "
		   "-- set Interface p1 options:y=1");
	switch_apply();
	outcome = switch_turn();
	assert_non_null(outcome);
	assert_string_equal(
		outcome->err,
		"warning: Interface p1: options: unknown key y\n"
		"Error detected while setting up 'bad1': port: unknown key x\n"
	);
}

static const char *warnings_of(const char *line)
{
	switch_run(line);
	switch_apply();
	const struct outcome *outcome = switch_turn();

	assert_non_null(outcome);
	assert_int_equal(outcome->exit, 0);
	return outcome->err;
}

static void test_a_setting_that_is_refused_is_told_once(void **state)
{
	switch_do("add-br br0");
	assert_string_equal(warnings_of("add-port br0 odd1"), "warning: it is odd\n");
	assert_string_equal(warnings_of("set Interface odd1 external_ids:a=b"), "");
	assert_string_equal(
		warnings_of("add-port br0 odd2 -- set Interface odd2 other_config:nonsense=1"),
		"warning: Interface odd2: other_config: unknown key nonsense\n"
		"warning: it is odd\n"
	);
	assert_string_equal(
		warnings_of("add-port br0 p1 -- set Interface p1 other_config:nonsense=1"),
		"warning: Interface p1: other_config: unknown key nonsense\n"
	);
}

static void test_wait_until_row_and_value(void **state)
{
	const struct outcome *outcome = switch_run("wait-until Bridge br0 fail_mode=secure -- "
						   "get Bridge br0 name");

	assert_true(outcome->waits);
	switch_do("add-br br0");
	assert_null(switch_turn());
	switch_do("set-fail-mode br0 secure");
	outcome = switch_turn();
	assert_non_null(outcome);
	assert_int_equal(outcome->exit, 0);
	assert_string_equal(outcome->out, "br0\n");
}

static void test_wait_until_may_change_things_afterwards(void **state)
{
	const struct outcome *outcome;

	switch_run("--no-wait wait-until Bridge br0 -- add-port br0 p1");
	switch_do("add-br br0");
	outcome = switch_turn();
	assert_non_null(outcome);
	assert_int_equal(outcome->exit, 0);
	assert_string_equal(switch_do("list-ports br0"), "p1\n");
}

static void test_wait_until_refuses_nonsense_at_once(void **state)
{
	switch_do("add-br br0");
	switch_fail("wait-until Bridge br0 name=br1 x=1");
	assert_false(switch_run("wait-until Bridge br0 ports{>=}[]")->waits);
}

static void test_stopping_answers_who_waits(void **state)
{
	assert_true(switch_run("wait-until Bridge nothing")->waits);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, switch_setup, switch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_change_waits_for_the_switch),
		TEST(test_reading_does_not_wait),
		TEST(test_no_wait_leaves_next_cfg_alone),
		TEST(test_who_sets_the_count_back_holds_nobody_up),
		TEST(test_a_count_that_was_set_back_does_not_hide_what_is_to_be_done),
		TEST(test_the_count_has_an_end),
		TEST(test_a_port_that_fails_is_told),
		TEST(test_an_option_that_a_port_refuses_is_told_once),
		TEST(test_a_setting_that_is_refused_is_told_once),
		TEST(test_wait_until_row_and_value),
		TEST(test_wait_until_may_change_things_afterwards),
		TEST(test_wait_until_refuses_nonsense_at_once),
		TEST(test_stopping_answers_who_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/command.h"

#include <errno.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/strbuf.h"
#include "tests/unit/unit.h"

static json_t *echo(struct command_call *call, struct errbuf *err)
{
	json_t *list = json_array();

	for (int i = 0; i < call->argc; i++)
		json_array_append_new(list, json_string(call->argv[i]));
	return list;
}

MGMT_COMMAND(echo, "test/echo", "A [B]", 1, 2, echo, "Says it again.");

static json_t *run(const char *name, int argc, const char *const *argv, struct errbuf *err)
{
	struct command_call call = {.argc = argc, .argv = argv};

	errbuf_init(err);
	return command_run(name, &call, err);
}

static void test_command_run_hands_over_the_arguments(void **state)
{
	static const char *const words[] = {"x", "y"};
	struct errbuf err;
	json_t *answer = run("test/echo", 2, words, &err);
	struct strbuf out = STRBUF_INIT;

	assert_non_null(answer);
	command_render(command_find("test/echo"), answer, &out);
	assert_string_equal(strbuf_text(&out), "x\ny\n");
	strbuf_fini(&out);
	json_decref(answer);
}

static void test_command_run_explains_wrong_calls(void **state)
{
	static const char *const words[] = {"x", "y", "z"};
	struct errbuf err;

	assert_null(run("test/echo", 0, NULL, &err));
	assert_non_null(strstr(err.text, "at least 1"));
	assert_null(run("test/echo", 3, words, &err));
	assert_non_null(strstr(err.text, "at most 2"));
	assert_null(run("test/ecko", 1, words, &err));
	assert_non_null(strstr(err.text, "\"test/ecko\" is not a valid command (use "));
	assert_non_null(strstr(err.text, "did you mean test/echo?"));
}

static void test_command_run_says_what_is_absent(void **state)
{
	static const struct command_absent absent[] = {{"fast/", "nothing is fast yet"}};
	struct errbuf err;

	command_set_absent(absent, 1);
	assert_null(run("fast/show", 0, NULL, &err));
	assert_int_equal(err.error, -ENOENT);
	assert_non_null(strstr(err.text, "\"fast/show\" is not a valid command (use "));
	assert_non_null(strstr(err.text, "): nothing is fast yet"));
	assert_null(run("test/ecko", 1, (const char *const[]){"x"}, &err));
	assert_non_null(strstr(err.text, "did you mean test/echo?"));
	command_set_absent(NULL, 0);
}

static void test_list_commands_names_every_command(void **state)
{
	struct errbuf err;
	json_t *answer = run("list-commands", 0, NULL, &err);
	struct strbuf out = STRBUF_INIT;

	command_render(command_find("list-commands"), answer, &out);
	assert_non_null(strstr(strbuf_text(&out), "\n  test/echo"));
	assert_non_null(strstr(strbuf_text(&out), "\n  vlog/set"));
	strbuf_fini(&out);
	json_decref(answer);
}

static void test_time_commands_hold_and_move_the_clock(void **state)
{
	static const char *const words[] = {"1500"}, *const wrong[] = {"soon"};
	struct errbuf err;

	json_decref(run("time/stop", 0, NULL, &err));
	int64_t then = clock_ms();

	json_decref(run("time/warp", 1, words, &err));
	assert_int_equal(clock_ms(), then + 1500);
	assert_null(run("time/warp", 1, wrong, &err));
	assert_int_equal(clock_ms(), then + 1500);
	json_decref(run("time/start", 0, NULL, &err));
	assert_false(clock_is_stopped());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_run_hands_over_the_arguments),
		cmocka_unit_test(test_command_run_explains_wrong_calls),
		cmocka_unit_test(test_command_run_says_what_is_absent),
		cmocka_unit_test(test_list_commands_names_every_command),
		cmocka_unit_test(test_time_commands_hold_and_move_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/control/control.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/command.h"
#include "lib/errbuf.h"
#include "lib/strbuf.h"
#include "tests/unit/loop.h"

static uv_loop_t loop;
static struct control *control;
static struct command_call *waiting;
static char *dir;
static int fd;

static json_t *cmd_table(struct command_call *call, struct errbuf *err)
{
	return json_pack("[{sssi}{sssi}]", "name", "p1", "n", 1, "name", "port2", "n", 20);
}
MGMT_COMMAND(test_table, "test/table", "", 0, 0, cmd_table, "A table.");

static json_t *cmd_args(struct command_call *call, struct errbuf *err)
{
	if (strcmp(call->argv[0], "fail"))
		return json_sprintf("%d %s", call->argc, call->argv[call->argc - 1]);
	errbuf_set(err, -1, "it failed");
	return NULL;
}
MGMT_COMMAND(test_args, "test/args", "A [B]", 1, 2, cmd_args, "Shows its arguments.");

static json_t *cmd_wait(struct command_call *call, struct errbuf *err)
{
	command_defer(call);
	waiting = call;
	return NULL;
}
MGMT_COMMAND(test_wait, "test/wait", "", 0, 0, cmd_wait, "Answers later.");

static struct {
	int next, last;
	bool ended;
} numbers;

/* Five numbers at a time. */
static bool more_numbers(void *context, json_t *rows)
{
	for (int i = 0; i < 5 && numbers.next <= numbers.last; i++)
		json_array_append_new(rows, json_integer(numbers.next++));
	return numbers.next <= numbers.last;
}

static void end_numbers(void *context)
{
	numbers.ended = true;
}

static json_t *cmd_numbers(struct command_call *call, struct errbuf *err)
{
	numbers.next = 1;
	numbers.last = atoi(call->argv[0]);
	numbers.ended = false;
	command_answer_in_parts(call, more_numbers, end_numbers, NULL);
	return NULL;
}

static void format_numbers(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *row;

	json_array_foreach(answer, i, row)
		strbuf_addf(out, "\"%d\"\n", (int)json_integer_value(row));
}
MGMT_COMMAND_TABLE(
	test_numbers,
	"test/numbers",
	"LAST",
	1,
	1,
	cmd_numbers,
	"Counts.",
	"numbers:\n",
	format_numbers
);

static int setup(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct errbuf err;

	uv_loop_init(&loop);
	dir = loop_mkdir();
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/vswitchd.1.ctl", dir);
	control = control_open(&loop, un.sun_path, &err);
	assert_non_null(control);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	waiting = NULL;
	return 0;
}

static int teardown(void **state)
{
	close(fd);
	control_close(control);
	loop_end(&loop);
	loop_rmdir(dir);
	return 0;
}

static void say(const char *method, const char *params)
{
	char text[500];
	int n = snprintf(
		text, sizeof(text), "{\"id\":0,\"method\":\"%s\",\"params\":%s}", method, params
	);

	assert_int_equal(send(fd, text, n, 0), n);
}

/* The whole next message. */
static json_t *hear(void)
{
	static char text[1 << 16];
	size_t n = 0;
	json_t *message = NULL;

	for (int i = 0; i < 4000 && !message; i++) {
		ssize_t got = recv(fd, text + n, sizeof(text) - n, 0);

		n += got > 0 ? got : 0;
		message = json_loadb(text, n, 0, NULL);
		if (!message)
			loop_for(&loop, 5);
	}
	assert_non_null(message);
	return message;
}

static void check(const char *method, const char *params, const char *member, const char *text)
{
	say(method, params);
	json_t *message = hear();
	const char *answer = json_string_value(json_object_get(message, member));

	assert_non_null(answer);
	assert_string_equal(answer, text);
	json_decref(message);
}

static void test_control_renders_answers_as_text(void **state)
{
	check("test/table", "[]", "result", "name    n\np1      1\nport2  20\n");
	check("test/args", "[\"a\",\"b\"]", "result", "2 b\n");
}

static void test_control_answers_json_when_asked(void **state)
{
	say("set-options", "[\"--format\",\"json\"]");
	json_decref(hear());
	say("test/table", "[]");
	json_t *message = hear();

	assert_int_equal(json_array_size(json_object_get(message, "result")), 2);
	json_decref(message);
	say("test/args", "[\"a\"]");
	message = hear();
	json_t *result = json_object_get(message, "result");

	assert_string_equal(json_string_value(json_object_get(result, "reply")), "1 a");
	assert_string_equal(json_string_value(json_object_get(result, "reply-format")), "plain");
	json_decref(message);
	say("set-options", "[\"--format\",\"text\"]");
	json_decref(hear());
	check("test/args", "[\"a\"]", "result", "1 a\n");
}

static void test_control_set_options_says_what_it_knows(void **state)
{
	check("set-options",
	      "[\"--format\",\"xml\"]",
	      "error",
	      "the format is \"text\" or \"json\", not \"xml\"\n");
	check("set-options",
	      "[\"--colour\"]",
	      "error",
	      "set-options knows --format text|json, not \"--colour\"\n");
}

static void test_control_explains_failures(void **state)
{
	check("test/args", "[\"fail\"]", "error", "it failed\n");
	check("test/args", "[7]", "error", "argument 1 is not a string\n");
	say("test/tabel", "[]");
	json_t *message = hear();
	const char *error = json_string_value(json_object_get(message, "error"));

	assert_non_null(strstr(
		error,
		"\"test/tabel\" is not a valid command (use \"list-commands\" to see a list of "
		"valid commands)"
	));
	assert_non_null(strstr(error, "test/table"));
	json_decref(message);
}

static void test_control_answers_a_deferred_call_later(void **state)
{
	say("test/wait", "[]");
	loop_until(&loop, waiting);
	check("test/args", "[\"a\"]", "result", "1 a\n");
	command_finish(waiting, json_string("done"), NULL);
	json_t *message = hear();

	assert_string_equal(json_string_value(json_object_get(message, "result")), "done\n");
	json_decref(message);
}

/* Parts are made by the loop that commands run on. */
static void end_of_numbers(void)
{
	for (int i = 0; i < 4000 && !numbers.ended; i++) {
		loop_for(&loop, 1);
		uv_run(uv_default_loop(), UV_RUN_NOWAIT);
	}
	assert_true(numbers.ended);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}

static void test_control_puts_an_answer_in_parts_together(void **state)
{
	numbers.ended = false;
	say("test/numbers", "[\"7\"]");
	end_of_numbers();
	json_t *message = hear();

	assert_string_equal(
		json_string_value(json_object_get(message, "result")),
		"numbers:\n\"1\"\n\"2\"\n\"3\"\n\"4\"\n\"5\"\n\"6\"\n\"7\"\n"
	);
	json_decref(message);
	say("set-options", "[\"--format\",\"json\"]");
	json_decref(hear());
	numbers.ended = false;
	say("test/numbers", "[\"11\"]");
	end_of_numbers();
	message = hear();
	assert_int_equal(json_array_size(json_object_get(message, "result")), 11);
	json_decref(message);
	numbers.ended = false;
	say("test/numbers", "[\"0\"]");
	end_of_numbers();
	message = hear();
	assert_int_equal(json_array_size(json_object_get(message, "result")), 0);
	assert_true(json_is_array(json_object_get(message, "result")));
	json_decref(message);
}

static void test_control_makes_no_parts_for_a_client_that_has_left(void **state)
{
	numbers.ended = false;
	say("test/numbers", "[\"2000000000\"]");
	loop_until(&loop, numbers.last == 2000000000);
	shutdown(fd, SHUT_RDWR);
	end_of_numbers();
	assert_true(numbers.next < numbers.last);
}

static void test_control_cancels_the_calls_of_a_client_that_leaves(void **state)
{
	say("test/wait", "[]");
	loop_until(&loop, waiting);
	assert_false(waiting->cancelled);
	shutdown(fd, SHUT_RDWR);
	loop_until(&loop, waiting->cancelled);
	command_finish(waiting, json_string("done"), NULL);
}

static void test_control_exit_answers_and_stops_the_loop(void **state)
{
	say("exit", "[\"--cleanup\"]");
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(control_wants_cleanup(control));
	json_t *message = hear();

	assert_true(json_is_null(json_object_get(message, "error")));
	json_decref(message);
}

static void test_control_add_name_makes_a_link_and_removes_it(void **state)
{
	char path[128];
	struct errbuf err;
	struct stat st;

	snprintf(path, sizeof(path), "%s/ovs-vswitchd.1.ctl", dir);
	assert_int_equal(control_add_name(control, path, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	control_close(control);
	control = NULL;
	assert_int_equal(lstat(path, &st), -1);
}

static bool exists(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return !lstat(path, &st);
}

static void leave_socket(const char *name)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s/%s", dir, name);
	assert_int_equal(bind(s, (struct sockaddr *)&un, sizeof(un)), 0);
	close(s);
}

static void test_control_open_removes_what_killed_daemons_left(void **state)
{
	char path[128];
	struct errbuf err;

	leave_socket("vswitchd.77.ctl");
	leave_socket("vswitchd.x.ctl");
	leave_socket("other.77.ctl");
	snprintf(path, sizeof(path), "%s/vswitchd.2.ctl", dir);
	struct control *second = control_open(&loop, path, &err);

	assert_non_null(second);
	assert_false(exists("vswitchd.77.ctl"));
	assert_true(exists("vswitchd.x.ctl"));
	assert_true(exists("other.77.ctl"));
	/* This one lives. */
	assert_true(exists("vswitchd.1.ctl"));
	control_close(second);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_control_renders_answers_as_text),
		TEST(test_control_answers_json_when_asked),
		TEST(test_control_set_options_says_what_it_knows),
		TEST(test_control_explains_failures),
		TEST(test_control_answers_a_deferred_call_later),
		TEST(test_control_puts_an_answer_in_parts_together),
		TEST(test_control_makes_no_parts_for_a_client_that_has_left),
		TEST(test_control_cancels_the_calls_of_a_client_that_leaves),
		TEST(test_control_exit_answers_and_stops_the_loop),
		TEST(test_control_open_removes_what_killed_daemons_left),
		TEST(test_control_add_name_makes_a_link_and_removes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

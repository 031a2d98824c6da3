/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/command.h"
#include "lib/control/control.h"
#include "lib/daemon.h"
#include "lib/errbuf.h"
#include "tests/unit/loop.h"

static char *dir;
static pid_t daemon_pid;

static json_t *cmd_join(struct command_call *call, struct errbuf *err)
{
	return json_sprintf("%s+%s", call->argv[0], call->argv[1]);
}
MGMT_COMMAND(test_join, "test/join", "A B", 2, 2, cmd_join, "Joins two words.");

static json_t *cmd_large(struct command_call *call, struct errbuf *err)
{
	static char text[3000001];

	memset(text, 'x', sizeof(text) - 1);
	return json_string(text);
}
MGMT_COMMAND(test_large, "test/large", "", 0, 0, cmd_large, "A lot of text.");

static json_t *cmd_never(struct command_call *call, struct errbuf *err)
{
	command_defer(call);
	return NULL;
}
MGMT_COMMAND(test_never, "test/never", "", 0, 0, cmd_never, "Does not answer.");

static const char *file(const char *format)
{
	static char path[160];
	char name[64];

	snprintf(name, sizeof(name), format, (int)daemon_pid);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* The daemon of these tests, in a process of its own. */
static void serve(int ready)
{
	struct errbuf err;
	uv_loop_t loop;
	char byte = 0;

	daemon_pid = getpid();
	uv_loop_init(&loop);
	if (!pidfile_open(file("vswitchd.pid"), &err) ||
	    !control_open(&loop, file("vswitchd.%d.ctl"), &err))
		_exit(1);
	if (write(ready, &byte, 1) == 1)
		uv_run(&loop, UV_RUN_DEFAULT);
	_exit(0);
}

static int setup(void **state)
{
	int fds[2];
	char byte;

	dir = loop_mkdir();
	assert_int_equal(pipe(fds), 0);
	daemon_pid = fork();
	if (!daemon_pid)
		serve(fds[1]);
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	return 0;
}

static int teardown(void **state)
{
	kill(daemon_pid, SIGKILL);
	waitpid(daemon_pid, NULL, 0);
	loop_rmdir(dir);
	return 0;
}

static struct client *open_client(unsigned timeout_ms)
{
	struct errbuf err = {0};
	struct client *client = client_open_target(dir, "vswitchd", timeout_ms, &err);

	assert_string_equal(err.text, "");
	assert_non_null(client);
	return client;
}

static void test_client_call_brings_results_and_errors(void **state)
{
	char *words[] = {"a", "b"};
	struct client *client = open_client(0);
	struct errbuf err;
	json_t *answer;

	assert_int_equal(client_call_strings(client, "test/join", words, 2, &answer, &err), 0);
	assert_string_equal(json_string_value(answer), "a+b\n");
	json_decref(answer);
	assert_int_equal(client_call_strings(client, "test/join", words, 1, &answer, &err), 1);
	assert_non_null(strstr(json_string_value(answer), "requires at least 2"));
	json_decref(answer);
	assert_int_equal(client_call_strings(client, "test/large", words, 0, &answer, &err), 0);
	assert_int_equal(json_string_length(answer), 3000001);
	json_decref(answer);
	client_close(client);
}

static void test_client_call_refuses_words_that_are_not_text(void **state)
{
	char *words[] = {"a", "\xff\xfe"};
	struct client *client = open_client(0);
	struct errbuf err;
	json_t *answer;

	assert_int_equal(
		client_call_strings(client, "test/join", words, 2, &answer, &err), -EINVAL
	);
	assert_non_null(strstr(err.text, "argument 2 is not UTF-8"));
	client_close(client);
}

static void test_client_call_gives_up_at_the_deadline(void **state)
{
	struct client *client = open_client(50);
	struct errbuf err;
	json_t *answer;

	assert_int_equal(
		client_call_strings(client, "test/never", NULL, 0, &answer, &err), -ETIMEDOUT
	);
	client_close(client);
}

static void test_client_call_tells_when_the_daemon_dies(void **state)
{
	struct client *client = open_client(0);
	struct errbuf err;
	json_t *answer;

	kill(daemon_pid, SIGKILL);
	assert_true(client_call_strings(client, "test/never", NULL, 0, &answer, &err) < 0);
	client_close(client);
}

static void refused(const char *rundir, const char *target, const char *why)
{
	struct errbuf err;

	assert_null(client_open_target(rundir, target, 0, &err));
	if (!strstr(err.text, why))
		print_error("wanted: %s\ngot: %s\n", why, err.text);
	assert_non_null(strstr(err.text, why));
}

static void test_client_open_target_says_why_not(void **state)
{
	refused("/nonexistent", "vswitchd", "no vswitchd runs in /nonexistent");
	refused(dir, "other", "no other runs in");
	refused(dir, file("none.ctl"), "is the daemon running");
	kill(daemon_pid, SIGKILL);
	waitpid(daemon_pid, NULL, 0);
	refused(dir, "vswitchd", "left behind by a daemon that is gone");
	refused(dir, file("vswitchd.%d.ctl"), "nobody listens there");
}

static void test_client_rundir_prefers_the_option_then_the_environment(void **state)
{
	unsetenv("WEIR_RUNDIR");
	assert_string_equal(client_rundir(NULL), "/run/weir");
	setenv("WEIR_RUNDIR", "/a", 1);
	assert_string_equal(client_rundir(NULL), "/a");
	assert_string_equal(client_rundir("/b"), "/b");
	unsetenv("WEIR_RUNDIR");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_client_call_brings_results_and_errors),
		TEST(test_client_call_refuses_words_that_are_not_text),
		TEST(test_client_call_gives_up_at_the_deadline),
		TEST(test_client_call_tells_when_the_daemon_dies),
		TEST(test_client_open_target_says_why_not),
		cmocka_unit_test(test_client_rundir_prefers_the_option_then_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

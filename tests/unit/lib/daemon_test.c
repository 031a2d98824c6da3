/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "tests/unit/unit.h"

static char dir[] = "/tmp/weir-daemon-test-XXXXXX";
static char path[64], other[64];

static int setup(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/vswitchd.pid", dir);
	snprintf(other, sizeof(other), "%s/ovs-vswitchd.pid", dir);
	return 0;
}

static int teardown(void **state)
{
	return rmdir(dir);
}

/* What another process finds: the holder's id or a negative errno. */
static int read_elsewhere(const char *name)
{
	int status;
	pid_t child = fork();

	if (!child) {
		struct errbuf err;
		pid_t pid = pidfile_read(name, &err);

		_exit(pid == getppid() ? 0 : pid < 0 ? -pid : 255);
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static void test_pidfile_is_seen_as_held_by_others(void **state)
{
	struct errbuf err;
	struct pidfile *pidfile = pidfile_open(path, &err);

	assert_non_null(pidfile);
	assert_int_equal(pidfile_add_name(pidfile, other, &err), 0);
	assert_int_equal(read_elsewhere(path), 0);
	assert_int_equal(read_elsewhere(other), 0);
	pidfile_close(pidfile);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(other, F_OK), -1);
}

static void test_pidfile_open_refuses_a_second_holder_and_names_the_first(void **state)
{
	struct errbuf err;
	struct pidfile *pidfile = pidfile_open(path, &err);
	pid_t parent = getpid(), child = fork();
	int status;

	if (!child) {
		char pid[16];

		snprintf(pid, sizeof(pid), "%d", (int)parent);
		_exit(pidfile_open(path, &err) || err.error != -EEXIST || !strstr(err.text, pid));
	}
	waitpid(child, &status, 0);
	assert_int_equal(WEXITSTATUS(status), 0);
	pidfile_close(pidfile);
}

static void test_pidfile_of_a_dead_daemon_is_told_apart_and_taken_over(void **state)
{
	struct errbuf err;
	pid_t child = fork();

	if (!child)
		_exit(!pidfile_open(path, &err));
	waitpid(child, NULL, 0);
	assert_int_equal(pidfile_read(path, &err), -ESRCH);
	struct pidfile *pidfile = pidfile_open(path, &err);

	assert_non_null(pidfile);
	pidfile_close(pidfile);
	assert_int_equal(pidfile_read(path, &err), -ENOENT);
}

static void test_pidfile_open_leaves_nothing_of_an_older_content(void **state)
{
	struct errbuf err;
	char text[64] = "", expected[16];
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs("123456789012345\nmore\n", file);
	fclose(file);
	struct pidfile *pidfile = pidfile_open(path, &err);

	/* Closing the file would give up the lock, which does not matter here. */
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	snprintf(expected, sizeof(expected), "%d\n", (int)getpid());
	assert_string_equal(text, expected);
	pidfile_close(pidfile);
}

static void test_pidfile_add_name_leaves_a_living_daemon_alone(void **state)
{
	struct errbuf err;
	int fds[2];
	char byte = 0;

	assert_int_equal(pipe(fds), 0);
	pid_t child = fork();

	if (!child) {
		if (!pidfile_open(other, &err) || write(fds[1], &byte, 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(fds[0], &byte, 1), 1);
	struct pidfile *pidfile = pidfile_open(path, &err);

	assert_int_equal(pidfile_add_name(pidfile, other, &err), -EEXIST);
	assert_non_null(strstr(err.text, "is running under that name"));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(pidfile_add_name(pidfile, other, &err), 0);
	pidfile_close(pidfile);
	close(fds[0]);
	close(fds[1]);
}

/* Runs 'body' as a detached daemon and returns what the process that was started exits with. */
static int detach_and(void (*body)(void))
{
	int status;
	pid_t starter = fork();

	if (!starter) {
		struct errbuf err;

		fclose(stderr);
		if (daemon_detach(&err))
			_exit(99);
		body();
		_exit(0);
	}
	waitpid(starter, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void become_ready(void)
{
	usleep(50000);
	daemon_ready();
}

static void give_up(void)
{
	daemon_failed("no memory");
}

static void die(void)
{
	raise(SIGKILL);
}

static void test_daemon_detach_reports_how_the_start_went(void **state)
{
	assert_int_equal(detach_and(become_ready), 0);
	assert_int_equal(detach_and(give_up), 1);
	assert_int_equal(detach_and(die), 1);
}

static void test_daemon_raise_limits_allows_all_that_is_permitted(void **state)
{
	struct rlimit limit;

	daemon_raise_limits();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(limit.rlim_cur == limit.rlim_max);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pidfile_is_seen_as_held_by_others),
		cmocka_unit_test(test_pidfile_open_refuses_a_second_holder_and_names_the_first),
		cmocka_unit_test(test_pidfile_of_a_dead_daemon_is_told_apart_and_taken_over),
		cmocka_unit_test(test_pidfile_open_leaves_nothing_of_an_older_content),
		cmocka_unit_test(test_pidfile_add_name_leaves_a_living_daemon_alone),
		cmocka_unit_test(test_daemon_raise_limits_allows_all_that_is_permitted),
		cmocka_unit_test(test_daemon_detach_reports_how_the_start_went),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

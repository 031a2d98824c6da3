/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/control/notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void test_notify_tells_the_socket_of_the_environment(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(address);
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	char name[128], text[64] = "";

	/* Any free name, of no file. */
	assert_int_equal(bind(sock, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(sock, (struct sockaddr *)&address, &size), 0);
	snprintf(name, sizeof(name), "@%s", address.sun_path + 1);
	setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(notify_send("READY=1"), 0);
	assert_true(recv(sock, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "READY=1");
	close(sock);
	assert_int_equal(notify_send("READY=1"), -ECONNREFUSED);
}

static void test_notify_has_nobody_to_tell(void **state)
{
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_send("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "relative", 1);
	assert_int_equal(notify_send("READY=1"), -EINVAL);
}

static void test_watchdog_is_meant_for_us_or_not(void **state)
{
	char pid[16];

	unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "15000000", 1);
	assert_int_equal(notify_watchdog_ms(), 15000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_watchdog_ms(), 15000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notify_tells_the_socket_of_the_environment),
		cmocka_unit_test(test_notify_has_nobody_to_tell),
		cmocka_unit_test(test_watchdog_is_meant_for_us_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

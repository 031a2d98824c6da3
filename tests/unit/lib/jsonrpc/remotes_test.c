/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jsonrpc/remotes.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tests/unit/loop.h"

static uv_loop_t loop;
static struct remotes *remotes;
static char *dir;
static char names[3][128]; /* punix:DIR/0 … */
static int n_connected, n_closed;

static void request(void *owner, const char *method, const json_t *params, const json_t *id) {}

static void closed(void *owner, const char *reason)
{
	n_closed++;
}

static const struct jsonrpc_handler handler = {.request = request, .closed = closed};

static void *connected(void *context, struct jsonrpc *conn)
{
	n_connected++;
	return conn;
}

static int setup(void **state)
{
	const struct remote_config config = {.handler = &handler, .connected = connected};

	uv_loop_init(&loop);
	dir = loop_mkdir();
	n_connected = n_closed = 0;
	for (int i = 0; i < 3; i++)
		snprintf(names[i], sizeof(names[i]), "punix:%s/%d", dir, i);
	remotes = remotes_new(&loop, &config);
	return 0;
}

static int teardown(void **state)
{
	remotes_free(remotes);
	loop_end(&loop);
	loop_rmdir(dir);
	return 0;
}

static struct remotes_wanted plain(const char *target)
{
	return (struct remotes_wanted){.target = target, .probe_ms = -1};
}

static const char *state_of(const char *target)
{
	struct remote_status status;

	return remotes_get_status(remotes, target, &status) ? status.state : NULL;
}

static int connect_to(const char *name)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", name + strlen("punix:"));
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	return fd;
}

static void test_remotes_set_opens_closes_and_keeps(void **state)
{
	struct remotes_wanted wanted[] = {plain(names[0]), plain(names[1]), plain(names[1])};

	remotes_set(remotes, wanted, 3);
	assert_string_equal(state_of(names[0]), "LISTENING");
	assert_string_equal(state_of(names[1]), "LISTENING");
	int kept = connect_to(names[1]), lost = connect_to(names[0]);

	loop_until(&loop, n_connected == 2);
	wanted[0] = plain(names[2]);
	remotes_set(remotes, wanted, 2);
	assert_null(state_of(names[0]));
	assert_string_equal(state_of(names[2]), "LISTENING");
	/* The connection of the one that stayed is not disturbed. */
	assert_int_equal(n_closed, 1);
	close(kept);
	close(lost);
}

static void test_remotes_set_changes_the_probe_of_what_is_open(void **state)
{
	struct remotes_wanted wanted = plain(names[0]);

	remotes_set(remotes, &wanted, 1);
	int fd = connect_to(names[0]);

	loop_until(&loop, n_connected == 1);
	loop_for(&loop, 100);
	assert_int_equal(n_closed, 0);
	wanted.probe_ms = 20;
	remotes_set(remotes, &wanted, 1);
	loop_until(&loop, n_closed == 1);
	close(fd);
}

static void test_remotes_tries_again_what_cannot_be_opened(void **state)
{
	struct remotes_wanted wanted[2] = {plain(names[0]), plain(names[1])};
	struct remote_status status;
	char path[128], away[128];

	snprintf(path, sizeof(path), "%s/0", dir);
	snprintf(away, sizeof(away), "%s/away", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	remotes_set(remotes, wanted, 2);
	assert_true(remotes_get_status(remotes, names[0], &status));
	assert_string_equal(status.state, "BACKOFF");
	assert_non_null(strstr(status.last_error, "is not a socket"));
	assert_string_equal(state_of(names[1]), "LISTENING");
	assert_int_equal(rename(path, away), 0);
	loop_until(&loop, !strcmp(state_of(names[0]), "LISTENING"));
}

static void test_remotes_reports_active_ones(void **state)
{
	char active[128];

	snprintf(active, sizeof(active), "unix:%s/0", dir);
	struct remotes_wanted wanted[2] = {plain(names[0]), plain(active)};
	struct remote_status status;

	remotes_set(remotes, wanted, 2);
	loop_until(&loop, !strcmp(state_of(active), "ACTIVE"));
	assert_true(remotes_get_status(remotes, active, &status));
	assert_true(status.connected);
	assert_true(status.connected_ms >= 0);
	assert_int_equal(status.disconnected_ms, -1);
	remotes_get_status(remotes, names[0], &status);
	assert_int_equal(status.n_connections, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_remotes_set_opens_closes_and_keeps),
		TEST(test_remotes_set_changes_the_probe_of_what_is_open),
		TEST(test_remotes_tries_again_what_cannot_be_opened),
		TEST(test_remotes_reports_active_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

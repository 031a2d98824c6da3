/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jsonrpc/jsonrpc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/errbuf.h"
#include "lib/jsonrpc/remote.h"
#include "lib/types.h"
#include "tests/unit/loop.h"

static const struct jsonrpc_limits small = {
	.max_message = 4 << 20,
	.max_depth = 100,
	.max_backlog = 1 << 20,
};

/* The server of every test: what it has heard, and what it does when asked. */
static struct {
	struct remote *remote;
	struct jsonrpc *conn; /* the latest client's */
	int n_connected, n_closed, n_requests, n_notifications, n_replies;
	char reason[200];
	char last[200]; /* the last answer's result or error, as JSON */
} server;

static uv_loop_t loop;
static char *dir;
static int fd; /* a raw client */

static void server_request(void *owner, const char *method, const json_t *params, const json_t *id)
{
	struct jsonrpc *conn = owner;

	if (!id) {
		server.n_notifications++;
		return;
	}
	server.n_requests++;
	if (!strcmp(method, "close"))
		jsonrpc_close(conn, true);
	else if (!strcmp(method, "bye")) {
		jsonrpc_reply(conn, id, json_string("bye"));
		jsonrpc_close(conn, false);
	} else if (!strcmp(method, "fail"))
		jsonrpc_error(conn, id, json_string("no"));
	else
		jsonrpc_reply(conn, id, json_deep_copy(params));
}

static void server_reply(void *owner, const json_t *id, const json_t *result, const json_t *error)
{
	char *text = json_dumps(error ? error : result, JSON_ENCODE_ANY | JSON_COMPACT);

	server.n_replies++;
	snprintf(server.last, sizeof(server.last), "%s%s", error ? "error " : "", text);
	free(text);
}

static void server_closed(void *owner, const char *reason)
{
	server.n_closed++;
	server.conn = NULL;
	snprintf(server.reason, sizeof(server.reason), "%s", reason);
}

static const struct jsonrpc_handler handler = {
	.request = server_request,
	.reply = server_reply,
	.closed = server_closed,
};

static void *server_connected(void *context, struct jsonrpc *conn)
{
	server.n_connected++;
	server.conn = conn;
	return conn;
}

static int raw_connect(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s/s", dir);
	assert_int_equal(connect(s, (struct sockaddr *)&un, sizeof(un)), 0);
	return s;
}

static int setup_with(const struct jsonrpc_limits *limits)
{
	const struct remote_config config = {
		.handler = &handler,
		.limits = limits,
		.connected = server_connected,
	};
	struct errbuf err;
	char name[128];

	memset(&server, 0, sizeof(server));
	uv_loop_init(&loop);
	dir = loop_mkdir();
	snprintf(name, sizeof(name), "punix:%s/s", dir);
	server.remote = remote_open(&loop, name, &config, &err);
	assert_non_null(server.remote);
	fd = raw_connect();
	loop_until(&loop, server.conn);
	return 0;
}

static int setup(void **state)
{
	return setup_with(NULL);
}

static int setup_small(void **state)
{
	return setup_with(&small);
}

static int teardown(void **state)
{
	close(fd);
	remote_close(server.remote);
	assert_int_equal(server.n_closed, server.n_connected);
	loop_end(&loop);
	loop_rmdir(dir);
	return 0;
}

/* Sends all of it, letting the server read meanwhile. */
static void say_n(const char *text, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN)
			return;
		if (sent > 0) {
			text += sent;
			n -= sent;
		}
		uv_run(&loop, UV_RUN_NOWAIT);
	}
}

static void say(const char *text)
{
	say_n(text, strlen(text));
}

/* Waits until what the server has sent contains 'text'. */
static void hear(const char *text)
{
	static char heard[1 << 16];
	size_t n = 0;
	bool found = false;

	for (int i = 0; i < 4000 && !found; i++) {
		ssize_t got = recv(fd, heard + n, sizeof(heard) - 1 - n, 0);

		n += got > 0 ? got : 0;
		heard[n] = '\0';
		found = strstr(heard, text) != NULL;
		if (!found)
			loop_for(&loop, 5);
	}
	if (!found)
		print_error("wanted: %s\nheard: %s\n", text, heard);
	assert_true(found);
}

static void test_jsonrpc_answers_requests(void **state)
{
	say("{\"method\":\"m\",\"params\":[1,\"a\"],\"id\":7}");
	hear("{\"id\":7,\"result\":[1,\"a\"],\"error\":null}");
	say("{\"method\":\"fail\",\"params\":[],\"id\":\"x\"}");
	hear("{\"id\":\"x\",\"result\":null,\"error\":\"no\"}");
}

static void test_jsonrpc_answers_many_requests_in_one_read(void **state)
{
	for (int i = 0; i < 50; i++)
		say("{\"method\":\"a\",\"params\":[],\"id\":1} {\"method\":\"b\",\"params\":[],\"id\":2}"
		);
	hear("\"id\":2");
	assert_int_equal(server.n_requests, 100);
}

static void test_jsonrpc_assembles_a_message_from_single_bytes(void **state)
{
	const char *text = "{\"method\":\"m\",\"params\":[\"\\\"}\"],\"id\":1}";

	for (const char *p = text; *p; p++)
		say_n(p, 1);
	hear("{\"id\":1,\"result\":[\"\\\"}\"],\"error\":null}");
}

static void test_jsonrpc_takes_notifications(void **state)
{
	say("{\"method\":\"n\",\"params\":[],\"id\":null}{\"method\":\"n\",\"params\":[]}");
	loop_until(&loop, server.n_notifications == 2);
}

static void test_jsonrpc_answers_echo_itself(void **state)
{
	say("{\"method\":\"echo\",\"params\":[\"x\"],\"id\":\"echo\"}");
	hear("{\"id\":\"echo\",\"result\":[\"x\"],\"error\":null}");
	assert_int_equal(server.n_requests, 0);
}

static void test_jsonrpc_call_brings_the_reply(void **state)
{
	jsonrpc_call(server.conn, "ask", json_array(), json_integer(5));
	hear("{\"id\":5,\"method\":\"ask\",\"params\":[]}");
	say("{\"id\":5,\"result\":{\"a\":1},\"error\":null}");
	loop_until(&loop, server.n_replies == 1);
	assert_string_equal(server.last, "{\"a\":1}");
	say("{\"id\":6,\"result\":null,\"error\":\"bad\"}");
	loop_until(&loop, server.n_replies == 2);
	assert_string_equal(server.last, "error \"bad\"");
}

static void test_jsonrpc_probes_a_silent_peer(void **state)
{
	remote_set_probe(server.remote, 40);
	hear("\"method\":\"echo\"");
	say("{\"id\":\"echo\",\"result\":[],\"error\":null}");
	assert_int_equal(server.n_closed, 0);
	loop_until(&loop, server.n_closed == 1);
	assert_non_null(strstr(server.reason, "probe"));
	assert_int_equal(server.n_replies, 0);
}

static void refused(const char *text, const char *why)
{
	int before = server.n_closed;

	say(text);
	hear(why);
	loop_until(&loop, server.n_closed == before + 1);
	close(fd);
	fd = raw_connect();
	loop_until(&loop, server.conn);
}

static void test_jsonrpc_closes_on_what_is_not_jsonrpc(void **state)
{
	refused("hello\n", "malformed JSON");
	refused("{\"a\":}", "malformed JSON");
	refused("{\"a\":\"\xff\"}", "malformed JSON");
	refused("[]", "not an object");
	refused("{}", "neither a request nor an answer");
	refused("{\"method\":1,\"params\":[],\"id\":1}", "\\\"method\\\" that is a string");
	refused("{\"method\":\"m\",\"params\":{},\"id\":1}", "\\\"params\\\" that are an array");
	refused("{\"method\":\"m\",\"id\":1}", "\\\"params\\\" that are an array");
	refused("{\"id\":null,\"result\":1,\"error\":null}", "neither a request nor an answer");
	assert_int_equal(server.n_requests, 0);
	/* Everybody else is served. */
	test_jsonrpc_answers_requests(state);
}

/* The request's handler says what is wrong with them; the connection goes on. */
static void test_jsonrpc_takes_integers_of_any_size(void **state)
{
	say("{\"method\":\"m\",\"params\":[9223372036854775808,7,\"\\\"9223372036854775808\"],\"id\":1}"
	);
	hear("\"result\":[9.2233720368547758e18,7,\"\\\"9223372036854775808\"]");
	say("{\"method\":\"m\",\"params\":[9223372036854775807,-9223372036854775808],\"id\":2}");
	hear("\"result\":[9223372036854775807,-9223372036854775808]");
	say("{\"method\":\"m\",\"params\":[-9223372036854775809,1e2,[100000000000000000000]],\"id\":3}"
	);
	hear("\"result\":[-9.2233720368547758e18,100.0,[1e20]]");
	assert_int_equal(server.n_closed, 0);
}

static void test_jsonrpc_refuses_requests_with_numbers_beyond_a_real(void **state)
{
	static const char *const numbers[] = {"1e999", "-1e999", "1.5E+400", "[{\"a\":1e309},2]"};
	static char digits[400];

	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
		say("{\"method\":\"m\",\"params\":[\"1e999\",");
		say(numbers[i]);
		say("],\"id\":4}");
		hear("{\"id\":4,\"result\":null,"
		     "\"error\":\"syntax error: a number is beyond what 64 bits hold\"}");
	}
	memset(digits, '9', sizeof(digits) - 1);
	say("{\"method\":\"m\",\"params\":[");
	say(digits);
	say("],\"id\":5}");
	hear("{\"id\":5,\"result\":null,\"error\":\"syntax error");
	assert_int_equal(server.n_requests, 0);
	/* The least ones are 0, as everywhere. */
	say("{\"method\":\"m\",\"params\":[1e-999,1e308],\"id\":6}");
	hear("\"result\":[0.0,1e308]");
	assert_int_equal(server.n_closed, 0);
	/* Of others nobody could be answered. */
	refused("{\"method\":\"m\",\"params\":[],\"id\":1e999}", "a number is beyond");
	refused("{\"id\":1,\"result\":1e999,\"error\":null}", "a number is beyond");
}

static void test_jsonrpc_refuses_deep_nesting(void **state)
{
	static char deep[10001];

	memset(deep, '[', 10000);
	refused(deep, "nested more than 512 levels");
}

static void test_jsonrpc_takes_a_large_string(void **state)
{
	const char *head = "{\"method\":\"n\",\"params\":[\"", *tail = "\"],\"id\":null}";
	size_t n = 60 << 20;
	char *text = malloc(n);

	memset(text, 'x', n);
	say(head);
	say_n(text, n);
	say(tail);
	loop_until(&loop, server.n_notifications == 1);
	free(text);
}

static void test_jsonrpc_refuses_a_larger_message_than_it_may(void **state)
{
	size_t n = 5 << 20;
	char *text = malloc(n);

	memset(text, 'x', n);
	say("{\"method\":\"");
	say_n(text, n);
	loop_until(&loop, server.n_closed == 1);
	assert_non_null(strstr(server.reason, "longer than 4194304 bytes"));
	free(text);
}

static void test_jsonrpc_keeps_half_a_message_and_serves_others(void **state)
{
	int half = fd;

	say("{\"method\":\"m\",\"par");
	fd = raw_connect();
	loop_until(&loop, server.n_connected == 2);
	test_jsonrpc_answers_requests(state);
	assert_int_equal(server.n_closed, 0);
	close(half);
	loop_until(&loop, server.n_closed == 1);
}

static void test_jsonrpc_answers_a_client_that_only_shuts_down_writing(void **state)
{
	say("{\"method\":\"m\",\"params\":[],\"id\":1}");
	shutdown(fd, SHUT_WR);
	hear("{\"id\":1,\"result\":[],\"error\":null}");
	loop_until(&loop, server.n_closed == 1);
}

static void test_jsonrpc_cuts_off_who_does_not_read(void **state)
{
	static char text[100001];
	int i;

	memset(text, 'x', 100000);
	for (i = 0; i < 1000 && !server.n_closed; i++) {
		jsonrpc_notify(server.conn, "update", json_pack("[s]", text));
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(server.n_closed, 1);
	assert_string_equal(server.reason, "the peer does not read what it is sent");
	assert_true(i < 20);
}

static void test_jsonrpc_lets_requests_wait_while_answers_are_not_read(void **state)
{
	static char request[20001], answers[1 << 20];
	int n = snprintf(request, sizeof(request), "{\"method\":\"m\",\"params\":[\"");
	size_t got = 0, sent = 0, n_request = sizeof(request) - 1;

	memset(request + n, 'x', n_request - n - 10);
	memcpy(request + n_request - 10, "\"],\"id\":1}", 10);
	/* It sends until the server has stopped reading … */
	for (int idle = 0; idle < 20 && sent < 200 * n_request;) {
		ssize_t more =
			send(fd, request + sent % n_request, n_request - sent % n_request, 0);

		idle = more > 0 ? 0 : idle + 1;
		sent += more > 0 ? more : 0;
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(server.n_closed, 0);
	assert_true(sent < 200 * n_request);
	assert_true(jsonrpc_backlog(server.conn) <= small.max_backlog);
	/* … and is served to the end once it reads. */
	while (sent < 200 * n_request || got < 200 * n_request) {
		ssize_t more = recv(fd, answers, sizeof(answers), 0);

		got += more > 0 ? more : 0;
		if (sent < 200 * n_request) {
			more =
				send(fd, request + sent % n_request, n_request - sent % n_request, 0
				);
			sent += more > 0 ? more : 0;
		}
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(server.n_requests, 200);
}

static void test_jsonrpc_sends_one_message_of_any_size(void **state)
{
	static char text[3000001], heard[1 << 16];
	size_t n = 0;

	memset(text, 'x', 3000000);
	jsonrpc_notify(server.conn, "update", json_pack("[s]", text));
	while (n < 3000000) {
		ssize_t got = recv(fd, heard, sizeof(heard), 0);

		n += got > 0 ? got : 0;
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(server.n_closed, 0);
}

static void test_jsonrpc_close_within_a_request_drops_what_follows(void **state)
{
	say("{\"method\":\"close\",\"params\":[],\"id\":1}{\"method\":\"m\",\"params\":[],\"id\":2}"
	);
	loop_until(&loop, server.n_closed == 1);
	assert_int_equal(server.n_requests, 1);
}

static void test_jsonrpc_close_later_sends_what_is_queued(void **state)
{
	say("{\"method\":\"bye\",\"params\":[],\"id\":1}{\"method\":\"m\",\"params\":[],\"id\":2}");
	hear("\"result\":\"bye\"");
	loop_until(&loop, server.n_closed == 1);
	assert_int_equal(server.n_requests, 1);
}

#define TEST(f)	      cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_SMALL(f) cmocka_unit_test_setup_teardown(f, setup_small, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_jsonrpc_answers_requests),
		TEST(test_jsonrpc_answers_many_requests_in_one_read),
		TEST(test_jsonrpc_assembles_a_message_from_single_bytes),
		TEST(test_jsonrpc_takes_notifications),
		TEST(test_jsonrpc_answers_echo_itself),
		TEST(test_jsonrpc_call_brings_the_reply),
		TEST(test_jsonrpc_probes_a_silent_peer),
		TEST(test_jsonrpc_closes_on_what_is_not_jsonrpc),
		TEST(test_jsonrpc_takes_integers_of_any_size),
		TEST(test_jsonrpc_refuses_requests_with_numbers_beyond_a_real),
		TEST(test_jsonrpc_refuses_deep_nesting),
		TEST(test_jsonrpc_takes_a_large_string),
		TEST_SMALL(test_jsonrpc_refuses_a_larger_message_than_it_may),
		TEST(test_jsonrpc_keeps_half_a_message_and_serves_others),
		TEST(test_jsonrpc_answers_a_client_that_only_shuts_down_writing),
		TEST_SMALL(test_jsonrpc_cuts_off_who_does_not_read),
		TEST_SMALL(test_jsonrpc_lets_requests_wait_while_answers_are_not_read),
		TEST_SMALL(test_jsonrpc_sends_one_message_of_any_size),
		TEST(test_jsonrpc_close_within_a_request_drops_what_follows),
		TEST(test_jsonrpc_close_later_sends_what_is_queued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

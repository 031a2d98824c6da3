/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stream/endpoint.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/errbuf.h"
#include "lib/stream/resolver.h"
#include "lib/stream/stream.h"
#include "tests/unit/loop.h"

/* Everything one side of a test has seen. */
struct side {
	struct endpoint *endpoint;
	struct stream *stream; /* the latest */
	int n_up, n_closed, n_drained, n_idle;
	size_t n_bytes;
	char text[256]; /* the first bytes */
	char reason[200];
	bool echo, deaf;
};

static uv_loop_t loop;
static struct side server, client;
static char *dir;
static char name[160];

static void side_data(void *owner, const char *bytes, size_t n)
{
	struct side *side = owner;

	for (size_t i = 0; i < n && side->n_bytes + i < sizeof(side->text) - 1; i++)
		side->text[side->n_bytes + i] = bytes[i];
	side->n_bytes += n;
	if (side->echo)
		stream_send(side->stream, bytes, n);
}

static void side_drained(void *owner)
{
	((struct side *)owner)->n_drained++;
}

static void side_idle(void *owner)
{
	((struct side *)owner)->n_idle++;
}

static void side_closed(void *owner, const char *reason)
{
	struct side *side = owner;

	side->n_closed++;
	side->stream = NULL;
	snprintf(side->reason, sizeof(side->reason), "%s", reason);
}

static const struct stream_handler handler = {
	.data = side_data,
	.drained = side_drained,
	.idle = side_idle,
	.closed = side_closed,
};

static void side_up(void *context, struct stream *stream)
{
	struct side *side = context;

	side->n_up++;
	side->stream = stream;
	stream_set_handler(stream, &handler, side);
	if (side->deaf)
		stream_pause(stream);
}

static void side_open(struct side *side, const char *address)
{
	const struct endpoint_config config = {.connected = side_up, .context = side};
	struct errbuf err = {0};

	side->endpoint = endpoint_open(&loop, address, &config, &err);
	assert_string_equal(err.text, "");
	assert_non_null(side->endpoint);
}

static void open_refused(const char *address, const char *because)
{
	const struct endpoint_config config = {.connected = side_up, .context = &server};
	struct errbuf err;

	assert_null(endpoint_open(&loop, address, &config, &err));
	assert_non_null(strstr(err.text, because));
}

static const char *in_dir(const char *scheme)
{
	snprintf(name, sizeof(name), "%s%s/s", scheme, dir);
	return name;
}

static int setup(void **state)
{
	memset(&server, 0, sizeof(server));
	memset(&client, 0, sizeof(client));
	uv_loop_init(&loop);
	dir = loop_mkdir();
	return 0;
}

static int teardown(void **state)
{
	endpoint_close(client.endpoint);
	endpoint_close(server.endpoint);
	loop_end(&loop);
	loop_rmdir(dir);
	return 0;
}

static void connect_both(void)
{
	side_open(&server, in_dir("punix:"));
	side_open(&client, in_dir("unix:"));
	loop_until(&loop, server.stream && client.stream);
}

static void test_endpoint_carries_bytes_over_unix(void **state)
{
	server.echo = true;
	connect_both();
	stream_send(client.stream, "hello", 5);
	loop_until(&loop, client.n_bytes == 5);
	assert_string_equal(client.text, "hello");
	assert_int_equal(stream_backlog(client.stream), 0);
	assert_memory_equal(stream_peer(server.stream), "unix:", 5);
}

static void carry_over_tcp(const char *listen, const char *connect)
{
	struct endpoint_status status;

	server.echo = true;
	side_open(&server, listen);
	endpoint_get_status(server.endpoint, &status);
	assert_int_not_equal(status.bound_port, 0);
	snprintf(name, sizeof(name), connect, status.bound_port);
	side_open(&client, name);
	loop_until(&loop, server.stream && client.stream);
	stream_send(client.stream, "hello", 5);
	loop_until(&loop, client.n_bytes == 5);
	assert_string_equal(stream_peer(client.stream), name);
}

static void test_endpoint_carries_bytes_over_ipv4(void **state)
{
	carry_over_tcp("ptcp:0:127.0.0.1", "tcp:127.0.0.1:%u");
}

static void test_endpoint_carries_bytes_over_ipv6(void **state)
{
	carry_over_tcp("ptcp:0:[::1]", "tcp:[::1]:%u");
}

static void test_endpoint_connects_by_name(void **state)
{
	struct endpoint_status status;

	server.echo = true;
	side_open(&server, "ptcp:0:127.0.0.1");
	endpoint_get_status(server.endpoint, &status);
	snprintf(name, sizeof(name), "tcp:localhost:%u", status.bound_port);
	side_open(&client, name);
	/* It may be that its other address is tried first. */
	loop_until(&loop, server.stream && client.stream);
	assert_non_null(strstr(stream_peer(client.stream), "tcp:127.0.0.1:"));
	stream_close(client.stream, "once more");
	loop_until(&loop, client.stream);
	assert_int_equal(client.n_up, 2);
}

/* Longer than a part of a name can be: nobody is asked. */
#define NO_NAME "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.test"

static void test_endpoint_says_that_a_name_is_unknown(void **state)
{
	struct endpoint_status status = {0};

	side_open(&client, "tcp:" NO_NAME ":1");
	loop_until(
		&loop,
		(endpoint_get_status(client.endpoint, &status), status.state == ENDPOINT_BACKOFF)
	);
	assert_non_null(strstr(status.last_error, "no address is known for " NO_NAME));
}

static void never_found(void *context, const struct addrinfo *found, const char *reason)
{
	fail();
}

static void test_resolver_refuses_what_cannot_be_asked(void **state)
{
	struct errbuf err = {0};
	char host[2000];

	memset(host, 'x', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	assert_null(resolver_start(&loop, host, never_found, NULL, &err));
	assert_non_null(strstr(err.text, "xxx cannot be looked up: "));
	assert_false(resolvers_are_busy());
}

static void test_endpoint_closes_while_it_looks_up(void **state)
{
	side_open(&client, "tcp:localhost:1");
	side_open(&server, "tcp:" NO_NAME ":1");
	/* Far enough that it has begun, if it is quick. */
	uv_run(&loop, UV_RUN_NOWAIT);
	endpoint_close(client.endpoint);
	endpoint_close(server.endpoint);
	client.endpoint = server.endpoint = NULL;
	loop_until(&loop, !resolvers_are_busy());
	assert_int_equal(client.n_up, 0);
}

/* How many of the process's sockets send with this DSCP. */
static int n_with_dscp(int dscp)
{
	int n = 0;

	for (int fd = 3; fd < 100; fd++) {
		int tos = 0;
		socklen_t size = sizeof(tos);

		n += !getsockopt(fd, IPPROTO_IP, IP_TOS, &tos, &size) && tos == dscp << 2;
	}
	return n;
}

static void test_endpoint_marks_what_it_sends(void **state)
{
	struct endpoint_status status;
	char address[64];

	side_open(&server, "ptcp:0:127.0.0.1");
	endpoint_get_status(server.endpoint, &status);
	snprintf(address, sizeof(address), "tcp:127.0.0.1:%u", status.bound_port);
	side_open(&client, address);
	endpoint_set_dscp(client.endpoint, 46);
	loop_until(&loop, client.n_up && server.n_up);
	assert_int_equal(n_with_dscp(46), 1);
	endpoint_set_dscp(client.endpoint, 12);
	assert_int_equal(n_with_dscp(46), 0);
	assert_int_equal(n_with_dscp(12), 1);
}

static void test_endpoint_makes_a_socket_for_owner_and_group(void **state)
{
	struct stat st;

	side_open(&server, in_dir("punix:"));
	assert_int_equal(stat(name + 6, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	endpoint_close(server.endpoint);
	server.endpoint = NULL;
	assert_int_equal(stat(name + 6, &st), -1);
}

static void test_endpoint_replaces_a_socket_nobody_serves(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s/s", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	close(fd);
	connect_both();
}

static void test_endpoint_leaves_a_served_socket_alone(void **state)
{
	connect_both();
	open_refused(in_dir("punix:"), "another process serves this socket");
	stream_send(client.stream, "x", 1);
	loop_until(&loop, server.n_bytes == 1);
}

static void test_endpoint_says_why_it_cannot_listen(void **state)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/file", dir);
	fclose(fopen(path, "w"));
	snprintf(name, sizeof(name), "punix:%s", path);
	open_refused(name, "is not a socket");
	snprintf(name, sizeof(name), "punix:%s/none/s", dir);
	open_refused(name, "create the directory first");
	open_refused("ptcp:6640:192.0.2.77", "no interface of this machine");
	open_refused("pssl:0", "TLS is not available");
}

static void test_endpoint_backs_off_and_connects_when_it_can(void **state)
{
	struct endpoint_status status;

	side_open(&client, in_dir("unix:"));
	endpoint_set_max_backoff(client.endpoint, 20);
	loop_until(&loop, (endpoint_get_status(client.endpoint, &status), status.last_error));
	assert_string_equal(status.last_error, "No such file or directory");
	assert_int_equal(client.n_up, 0);
	side_open(&server, in_dir("punix:"));
	loop_until(&loop, client.stream && server.stream);
	endpoint_get_status(client.endpoint, &status);
	assert_int_equal(status.state, ENDPOINT_ACTIVE);
	assert_null(status.last_error);
	stream_close(server.stream, "test");
	loop_until(&loop, client.n_up == 2);
	assert_int_equal(client.n_closed, 1);
	assert_string_equal(client.reason, "closed by the peer");
}

static void test_endpoint_closes_a_silent_peer_after_a_probe(void **state)
{
	connect_both();
	endpoint_set_probe(server.endpoint, 30);
	loop_until(&loop, server.n_closed == 1);
	assert_int_equal(server.n_idle, 1);
	assert_non_null(strstr(server.reason, "does not answer a probe"));
}

static void test_endpoint_keeps_a_peer_that_talks(void **state)
{
	connect_both();
	endpoint_set_probe(server.endpoint, 100);
	for (int i = 0; i < 20; i++) {
		stream_send(client.stream, "x", 1);
		loop_for(&loop, 20);
	}
	assert_int_equal(server.n_closed, 0);
}

static void test_stream_send_queues_what_a_deaf_peer_does_not_read(void **state)
{
	static char block[1 << 20];

	server.deaf = true;
	connect_both();
	for (int i = 0; i < 8; i++)
		stream_send(client.stream, block, sizeof(block));
	loop_for(&loop, 20);
	assert_true(stream_backlog(client.stream) > sizeof(block));
	assert_int_equal(client.n_drained, 0);
	stream_resume(server.stream);
	loop_until(&loop, server.n_bytes == 8 * sizeof(block));
	loop_until(&loop, client.n_drained == 1);
	assert_int_equal(stream_backlog(client.stream), 0);
}

static void test_stream_finish_sends_what_is_queued(void **state)
{
	static char block[4 << 20];

	connect_both();
	stream_send(client.stream, block, sizeof(block));
	stream_finish(client.stream, "done");
	loop_until(&loop, client.n_closed == 1);
	assert_string_equal(client.reason, "done");
	loop_until(&loop, server.n_closed == 1);
	assert_int_equal(server.n_bytes, sizeof(block));
}

static void test_stream_send_to_a_closed_peer_fails_from_the_loop(void **state)
{
	connect_both();
	stream_close(server.stream, "test");
	for (int i = 0; i < 3; i++)
		stream_send(client.stream, "x", 1);
	assert_int_equal(client.n_closed, 0);
	loop_until(&loop, client.n_closed == 1);
}

static int raw_connect(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s/s", dir);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	return fd;
}

static void test_endpoint_refuses_more_clients_than_it_may_have(void **state)
{
	struct endpoint_config config = {
		.connected = side_up, .context = &server, .max_streams = 2};
	struct errbuf err;
	char byte;
	int fds[3];

	server.endpoint = endpoint_open(&loop, in_dir("punix:"), &config, &err);
	for (int i = 0; i < 3; i++)
		fds[i] = raw_connect();
	loop_until(&loop, read(fds[2], &byte, 1) == 0);
	assert_int_equal(server.n_up, 2);
	close(fds[0]);
	loop_until(&loop, server.n_closed == 1);
	close(fds[2]);
	fds[2] = raw_connect();
	loop_until(&loop, server.n_up == 3);
	close(fds[1]);
	close(fds[2]);
}

static void test_endpoint_serves_many_clients_at_once(void **state)
{
	enum {
		N = 400
	};
	int fds[N];

	side_open(&server, in_dir("punix:"));
	for (int i = 0; i < N; i++) {
		fds[i] = raw_connect();
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	loop_until(&loop, server.n_up == N);
	for (int i = 0; i < N; i++)
		close(fds[i]);
	loop_until(&loop, server.n_closed == N);
}

static void test_endpoint_waits_when_descriptors_run_out(void **state)
{
	struct rlimit limit, few;
	struct rusage before, after;

	side_open(&server, in_dir("punix:"));
	uv_run(&loop, UV_RUN_NOWAIT);
	int fd = raw_connect();

	getrlimit(RLIMIT_NOFILE, &limit);
	few = limit;
	few.rlim_cur = fd + 1;
	setrlimit(RLIMIT_NOFILE, &few);
	getrusage(RUSAGE_SELF, &before);
	loop_for(&loop, 300);
	getrusage(RUSAGE_SELF, &after);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(server.n_up, 0);
	/* It must sleep, not spin: 300 ms of spinning would show as that much processor time. */
	long used_us = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 +
		after.ru_utime.tv_usec - before.ru_utime.tv_usec +
		(after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1000000 +
		after.ru_stime.tv_usec - before.ru_stime.tv_usec;

	assert_true(used_us < 200000);
	loop_until(&loop, server.n_up == 1);
	close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_endpoint_carries_bytes_over_unix),
		TEST(test_endpoint_carries_bytes_over_ipv4),
		TEST(test_endpoint_carries_bytes_over_ipv6),
		TEST(test_endpoint_connects_by_name),
		TEST(test_endpoint_says_that_a_name_is_unknown),
		TEST(test_resolver_refuses_what_cannot_be_asked),
		TEST(test_endpoint_closes_while_it_looks_up),
		TEST(test_endpoint_marks_what_it_sends),
		TEST(test_endpoint_makes_a_socket_for_owner_and_group),
		TEST(test_endpoint_replaces_a_socket_nobody_serves),
		TEST(test_endpoint_leaves_a_served_socket_alone),
		TEST(test_endpoint_says_why_it_cannot_listen),
		TEST(test_endpoint_backs_off_and_connects_when_it_can),
		TEST(test_endpoint_closes_a_silent_peer_after_a_probe),
		TEST(test_endpoint_keeps_a_peer_that_talks),
		TEST(test_stream_send_queues_what_a_deaf_peer_does_not_read),
		TEST(test_stream_finish_sends_what_is_queued),
		TEST(test_stream_send_to_a_closed_peer_fails_from_the_loop),
		TEST(test_endpoint_refuses_more_clients_than_it_may_have),
		TEST(test_endpoint_serves_many_clients_at_once),
		TEST(test_endpoint_waits_when_descriptors_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

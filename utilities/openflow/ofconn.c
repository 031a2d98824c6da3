/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/ofconn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/stream/address.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/messages.h"

enum {
	DEFAULT_PORT = 6653,
	HELLO_BITMAP = 1, /* an element of hello */
	BUFFER_SIZE = 2 * WIRE_MAX_SIZE,
};

struct ofconn {
	int fd;
	uint8_t version;
	uint32_t xid;
	int64_t deadline_ms; /* 0: none */
	size_t start, end; /* of what was received in 'buffer' */
	uint8_t buffer[BUFFER_SIZE];
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* The address that a target means. */
static void
resolve(const char *target, const char *suffix, const char *rundir, char *name, size_t size)
{
	snprintf(name, size, "%s", target);
	if (address_is_name(target))
		return;
	snprintf(name, size, "unix:%s", target);
	if (strchr(target, '/'))
		return;
	snprintf(name, size, "unix:%s/%s.%s", rundir, target, suffix);
}

static int open_socket(const char *name, struct errbuf *err)
{
	struct address address;
	int fd, error = address_parse(name, DEFAULT_PORT, &address, err);

	if (error)
		return error;
	if (address.passive || address.tls)
		return errbuf_set(err, -EINVAL, "%s: use tcp: or unix:", name);
	fd = socket(address.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errbuf_set(err, -errno, "%s: %s", name, strerror(errno));
	if (connect(fd, &address.sa, address.length)) {
		error = -errno;
		close(fd);
		return errbuf_set(
			err,
			error,
			"%s: %s; is the switch running, and is that its name?",
			name,
			strerror(-error)
		);
	}
	return fd;
}

static int wait_for(struct ofconn *conn, short events, struct errbuf *err)
{
	struct pollfd pollfd = {.fd = conn->fd, .events = events};
	int64_t left = conn->deadline_ms ? conn->deadline_ms - now_ms() : -1;
	int n;

	if (conn->deadline_ms && left <= 0)
		return errbuf_set(err, -ETIMEDOUT, "the switch did not answer in time");
	do {
		n = poll(&pollfd, 1, (int)left);
	} while (n < 0 && errno == EINTR);
	if (!n)
		return errbuf_set(err, -ETIMEDOUT, "the switch did not answer in time");
	return n < 0 ? errbuf_set(err, -errno, "poll: %s", strerror(errno)) : 0;
}

int ofconn_send(struct ofconn *conn, struct wire_out *out, struct errbuf *err)
{
	size_t sent = 0;

	while (sent < out->n) {
		ssize_t n;
		int error = wait_for(conn, POLLOUT, err);

		if (error)
			return error;
		n = send(conn->fd, out->data + sent, out->n - sent, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return errbuf_set(err, -errno, "sending failed: %s", strerror(errno));
		sent += n > 0 ? (size_t)n : 0;
	}
	out->n = 0;
	return 0;
}

/* Reads until there is a whole message at 'start'. */
static int fill(struct ofconn *conn, struct errbuf *err)
{
	for (;;) {
		size_t have = conn->end - conn->start;
		ssize_t n;
		int error;

		if (have >= MESSAGE_HEAD_SIZE) {
			size_t length = message_length(conn->buffer + conn->start);

			if (length < MESSAGE_HEAD_SIZE)
				return errbuf_set(err, -EPROTO, "the peer does not speak OpenFlow");
			if (have >= length)
				return 0;
		}
		if (conn->start) {
			memmove(conn->buffer, conn->buffer + conn->start, have);
			conn->start = 0;
			conn->end = have;
		}
		error = wait_for(conn, POLLIN, err);
		if (error)
			return error;
		n = recv(conn->fd, conn->buffer + conn->end, BUFFER_SIZE - conn->end, 0);
		if (!n)
			return errbuf_set(err, -ECONNRESET, "the switch closed the connection");
		if (n < 0 && errno != EINTR)
			return errbuf_set(err, -errno, "receiving failed: %s", strerror(errno));
		conn->end += n > 0 ? (size_t)n : 0;
	}
}

static int answer_echo(struct ofconn *conn, const uint8_t *data, size_t n, struct errbuf *err)
{
	struct wire_out out;
	int error;

	wire_out_init(&out, conn->version);
	wire_put(&out, data, n);
	out.data[1] = 3;
	error = ofconn_send(conn, &out, err);
	wire_out_fini(&out);
	return error;
}

int ofconn_receive(struct ofconn *conn, const uint8_t **data, size_t *n, struct errbuf *err)
{
	for (;;) {
		int error = fill(conn, err);

		if (error)
			return error;
		*data = conn->buffer + conn->start;
		*n = message_length(*data);
		conn->start += *n;
		if ((*data)[1] != 2)
			return 0;
		error = answer_echo(conn, *data, *n, err);
		if (error)
			return error;
	}
}

static uint8_t highest(uint32_t versions)
{
	return versions ? (uint8_t)(31 - __builtin_clz(versions)) : 0;
}

/* The versions that the peer's hello offers. */
static uint32_t offered(const uint8_t *data, size_t n)
{
	struct wire_in list = wire_in(data + MESSAGE_HEAD_SIZE, n - MESSAGE_HEAD_SIZE, data[0]);
	struct wire_in body;
	uint16_t type;

	while (wire_property(&list, &type, &body))
		if (type == HELLO_BITMAP)
			return wire_u32(&body);
	return data[0] < 31 ? (1U << (data[0] + 1)) - 1 : 0;
}

static int greet(struct ofconn *conn, uint32_t versions, struct errbuf *err)
{
	struct wire_out out;
	const uint8_t *data;
	uint32_t common;
	size_t n, start;
	int error;

	conn->version = highest(versions);
	wire_out_init(&out, conn->version);
	start = message_begin(&out, &of_hello_type, ofconn_xid(conn));
	if (conn->version >= OF13) {
		wire_put_u16(&out, HELLO_BITMAP);
		wire_put_u16(&out, 8);
		wire_put_u32(&out, versions);
	}
	message_end(&out, start);
	error = ofconn_send(conn, &out, err);
	wire_out_fini(&out);
	if (!error)
		error = ofconn_receive(conn, &data, &n, err);
	if (error)
		return error;
	if (data[1] != 0)
		return errbuf_set(err, -EPROTO, "the peer did not say hello");
	common = offered(data, n) & versions;
	if (!common)
		return errbuf_set(
			err,
			-EPROTO,
			"the switch does not speak a version that was asked for (it offers up to %s); "
			"try -O",
			message_version_name(data[0])
		);
	conn->version = highest(common);
	return 0;
}

struct ofconn *ofconn_open(
	const char *target,
	const char *suffix,
	const char *rundir,
	uint32_t versions,
	unsigned timeout_ms,
	struct errbuf *err
)
{
	struct ofconn *conn = XNEW(struct ofconn);
	char name[256];

	resolve(target, suffix, rundir, name, sizeof(name));
	conn->deadline_ms = timeout_ms ? now_ms() + timeout_ms : 0;
	conn->fd = open_socket(name, err);
	if (conn->fd < 0 || greet(conn, versions, err)) {
		ofconn_close(conn);
		return NULL;
	}
	return conn;
}

void ofconn_close(struct ofconn *conn)
{
	if (!conn)
		return;
	if (conn->fd >= 0)
		close(conn->fd);
	free(conn);
}

uint8_t ofconn_version(const struct ofconn *conn)
{
	return conn->version;
}

uint32_t ofconn_xid(struct ofconn *conn)
{
	return ++conn->xid;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/openflow/ofconn.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/errbuf.h"
#include "lib/near.h"
#include "lib/stream/address.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/messages.h"
#include "utilities/socket.h"

enum {
	DEFAULT_PORT = 6653,
	TYPE_HELLO = 0, /* OpenFlow's numbers */
	TYPE_ERROR = 1,
	TYPE_ECHO_REQUEST = 2,
	TYPE_ECHO_REPLY = 3,
	HELLO_BITMAP = 1, /* an element of hello */
	CHUNK = 2 * WIRE_MAX_SIZE,
};

struct ofconn {
	struct socket *socket;
	uint8_t version;
	uint32_t xid;
	int64_t deadline_ms; /* 0: none */
	size_t start, end, size; /* of what was received in 'buffer' */
	uint8_t *buffer;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* The address that a target means. */
static void resolve(const struct ofconn_target *target, char *name, size_t size)
{
	if (address_is_name(target->name))
		snprintf(name, size, "%s", target->name);
	else if (strchr(target->name, '/'))
		snprintf(name, size, "unix:%s", target->name);
	else
		snprintf(name, size, "unix:%s/%s.%s", target->rundir, target->name, target->suffix);
}

static int left_ms(const struct ofconn *conn)
{
	int64_t left;

	if (!conn->deadline_ms)
		return -1;
	left = conn->deadline_ms - now_ms();
	return left > 0 ? (int)left : 0;
}

static int wait_for(struct ofconn *conn, int send, struct errbuf *err)
{
	int ready = socket_wait(conn->socket, send, left_ms(conn));

	if (!ready)
		return errbuf_set(err, -ETIMEDOUT, "the switch did not answer in time");
	return ready < 0 ? errbuf_set(err, ready, "poll: %s", strerror(-ready)) : 0;
}

/* Reads what there is, without waiting. */
static int read_some(struct ofconn *conn, struct errbuf *err)
{
	ssize_t n;

	if (conn->start) {
		memmove(conn->buffer, conn->buffer + conn->start, conn->end - conn->start);
		conn->end -= conn->start;
		conn->start = 0;
	}
	if (conn->size - conn->end < CHUNK) {
		conn->size = (conn->end + CHUNK) * 2;
		conn->buffer = xrealloc(conn->buffer, conn->size);
	}
	n = socket_receive(conn->socket, conn->buffer + conn->end, conn->size - conn->end);
	if (n == -ECONNRESET)
		return errbuf_set(err, -ECONNRESET, "the switch closed the connection");
	if (n < 0)
		return errbuf_set(err, (int)n, "receiving failed: %s", strerror((int)-n));
	conn->end += (size_t)n;
	return 0;
}

int ofconn_send(struct ofconn *conn, struct wire_out *out, struct errbuf *err)
{
	size_t sent = 0;

	while (sent < out->n) {
		ssize_t n = socket_send(conn->socket, out->data + sent, out->n - sent);
		int error = 0;

		if (n < 0)
			return errbuf_set(err, (int)n, "sending failed: %s", strerror((int)-n));
		sent += (size_t)n;
		if (n)
			continue;
		/* A switch that waits until its answers are read must not wait for ever. */
		error = wait_for(conn, 1, err);
		if (!error)
			error = read_some(conn, err);
		if (error)
			return error;
	}
	out->n = 0;
	return 0;
}

/* Reads until there is a whole message at 'start'. */
static int fill(struct ofconn *conn, struct errbuf *err)
{
	for (;;) {
		size_t have = conn->end - conn->start;
		int error;

		if (have >= MESSAGE_HEAD_SIZE) {
			size_t length = message_length(conn->buffer + conn->start);

			if (length < MESSAGE_HEAD_SIZE)
				return errbuf_set(err, -EPROTO, "the peer does not speak OpenFlow");
			if (have >= length)
				return 0;
		}
		error = wait_for(conn, 0, err);
		if (!error)
			error = read_some(conn, err);
		if (error)
			return error;
	}
}

static int answer_echo(struct ofconn *conn, const uint8_t *data, size_t n, struct errbuf *err)
{
	struct wire_out out;
	int error;

	wire_out_init(&out, conn->version);
	wire_put(&out, data, n);
	out.data[1] = TYPE_ECHO_REPLY;
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
		if ((*data)[1] != TYPE_ECHO_REQUEST)
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

static int send_hello(struct ofconn *conn, uint32_t versions, struct errbuf *err)
{
	struct wire_out out;
	size_t start;
	int error;

	conn->version = highest(versions);
	wire_out_init(&out, conn->version);
	start = message_begin(&out, &of_hello_type, ofconn_xid(conn));
	/* Without a bitmap all older versions are offered too. */
	if (versions & ~(2U << OF10)) {
		wire_put_u16(&out, HELLO_BITMAP);
		wire_put_u16(&out, 8);
		wire_put_u32(&out, versions);
	}
	message_end(&out, start);
	error = ofconn_send(conn, &out, err);
	wire_out_fini(&out);
	return error;
}

static int greet(struct ofconn *conn, uint32_t versions, struct errbuf *err)
{
	const uint8_t *data;
	uint32_t common;
	size_t n;
	int error = send_hello(conn, versions, err);

	if (!error)
		error = ofconn_receive(conn, &data, &n, err);
	if (error)
		return error;
	if (data[1] != TYPE_HELLO && data[1] != TYPE_ERROR)
		return errbuf_set(err, -EPROTO, "the peer did not say hello");
	common = data[1] == TYPE_HELLO ? offered(data, n) & versions : 0;
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

void ofconn_switches(
	const char *rundir,
	const char *suffix,
	void (*add)(void *context, const char *name),
	void *context
)
{
	DIR *directory = opendir(rundir);
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		char *dot = strrchr(entry->d_name, '.');

		if (!dot || strcmp(dot + 1, suffix) != 0)
			continue;
		*dot = '\0';
		add(context, entry->d_name);
	}
	if (directory)
		closedir(directory);
}

/* The nearest of names that do not last. */
struct nearest {
	struct near near;
	char name[NAME_MAX + 1];
};

static void add_near(void *context, const char *name)
{
	struct nearest *nearest = context;

	near_add(&nearest->near, name);
	if (nearest->near.best != name)
		return;
	snprintf(nearest->name, sizeof(nearest->name), "%s", name);
	nearest->near.best = nearest->name;
}

/* Says more about what 'err' says. */
static void explain(const struct ofconn_target *target, const char *name, struct errbuf *err)
{
	const struct errbuf why = *err;
	bool forbidden = why.error == -EACCES || why.error == -EPERM;
	const char *what = "is the switch running, and is that its name?";
	struct nearest nearest;

	if (why.error == -EINVAL)
		return;
	if (forbidden)
		what = "run as root, or as a user who may write to that socket";
	near_init(&nearest.near, target->name);
	if (why.error == -ENOENT)
		ofconn_switches(target->rundir, target->suffix, add_near, &nearest);
	if (near_best(&nearest.near))
		errbuf_set(
			err,
			why.error,
			"%.80s: %.120s: did you mean %s?",
			name,
			why.text,
			near_best(&nearest.near)
		);
	else
		errbuf_set(err, why.error, "%.80s: %.120s; %s", name, why.text, what);
}

struct ofconn *ofconn_open(
	const struct ofconn_target *target,
	uint32_t versions,
	unsigned timeout_ms,
	struct errbuf *err
)
{
	struct ofconn *conn = XNEW(struct ofconn);
	char name[ADDRESS_TEXT_SIZE];

	resolve(target, name, sizeof(name));
	conn->deadline_ms = timeout_ms ? now_ms() + timeout_ms : 0;
	conn->socket = socket_open(name, DEFAULT_PORT, target->tls, left_ms(conn), err);
	if (!conn->socket)
		explain(target, name, err);
	else if (!greet(conn, versions, err))
		return conn;
	ofconn_close(conn);
	return NULL;
}

void ofconn_close(struct ofconn *conn)
{
	if (!conn)
		return;
	socket_close(conn->socket);
	free(conn->buffer);
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

void ofconn_wait_forever(struct ofconn *conn)
{
	conn->deadline_ms = 0;
}

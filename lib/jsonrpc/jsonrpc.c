/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jsonrpc/jsonrpc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/control/coverage.h"
#include "lib/control/memory.h"
#include "lib/errbuf.h"
#include "lib/jsonrpc/plain.h"
#include "lib/jsonrpc/scan.h"
#include "lib/jsonrpc/widen.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/stream/stream.h"
#include "lib/xmalloc.h"

LOG_TOPIC(jsonrpc);

#define MB (1024 * 1024)

enum {
	KEEP_SIZE = 65536, /* an input buffer that grew beyond this is given back */
	TOTAL_INPUT = 256 * MB,
	TOTAL_BACKLOG = 512 * MB,
	/* When the total is exceeded, connections with less than this are not to blame. */
	FAIR_SHARE = MB / 4
};

const struct jsonrpc_limits jsonrpc_default_limits = {
	.max_message = 64 * MB,
	.max_depth = 512,
	.max_backlog = 32 * MB,
};

struct jsonrpc {
	struct stream *stream;
	const struct jsonrpc_handler *handler;
	void *owner;
	struct jsonrpc_limits limits;
	struct scan scan;
	struct strbuf input; /* the message so far */
	size_t counted_input, counted_backlog; /* this connection's part of 'totals' */
	bool paused;
	bool busy; /* a handler runs: freed afterwards */
	bool closed;
	bool refused; /* it sent what is not JSON-RPC: nothing more is taken from it */
};

static struct {
	size_t input, backlog, connections;
	uint64_t received, sent; /* messages */
} totals;

static void count(struct jsonrpc *conn)
{
	size_t backlog = conn->closed ? 0 : stream_backlog(conn->stream);
	size_t input = conn->closed ? 0 : conn->input.length;

	totals.backlog += backlog - conn->counted_backlog;
	totals.input += input - conn->counted_input;
	conn->counted_backlog = backlog;
	conn->counted_input = input;
}

static void release(struct jsonrpc *conn)
{
	strbuf_fini(&conn->input);
	free(conn);
}

static void stream_closed(void *owner, const char *reason)
{
	struct jsonrpc *conn = owner;

	conn->closed = true;
	count(conn);
	totals.connections--;
	if (conn->handler)
		conn->handler->closed(conn->owner, reason);
	if (!conn->busy)
		release(conn);
}

static void stream_drained(void *owner)
{
	struct jsonrpc *conn = owner;

	count(conn);
	if (conn->paused) {
		conn->paused = false;
		stream_resume(conn->stream);
	}
}

static void cut_off(struct jsonrpc *conn)
{
	log_warn(
		"%s: does not read what it is sent, cut off with %zu bytes queued",
		jsonrpc_peer(conn),
		stream_backlog(conn->stream)
	);
	stream_fail(conn->stream, "the peer does not read what it is sent");
}

void jsonrpc_send_text(struct jsonrpc *conn, const char *text, size_t length)
{
	size_t backlog;

	if (conn->closed)
		return;
	backlog = stream_backlog(conn->stream);
	if (backlog > conn->limits.max_backlog ||
	    (backlog > FAIR_SHARE && totals.backlog > TOTAL_BACKLOG)) {
		cut_off(conn);
		return;
	}
	stream_send(conn->stream, text, length);
	totals.sent++;
	count(conn);
	if (!conn->paused && conn->counted_backlog > conn->limits.max_backlog / 2) {
		conn->paused = true;
		stream_pause(conn->stream);
	}
}

static int add_text(const char *text, size_t n, void *buf)
{
	strbuf_add_n(buf, text, n);
	return 0;
}

static void send_message(struct jsonrpc *conn, json_t *take_message)
{
	struct strbuf text = STRBUF_INIT;

	if (!conn->closed &&
	    !json_dump_callback(take_message, add_text, &text, JSON_COMPACT | JSON_ENCODE_ANY))
		jsonrpc_send_text(conn, text.text, text.length);
	strbuf_fini(&text);
	json_decref(take_message);
}

static bool is_plain(const char *string, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (string[i] < ' ' || string[i] > '~' || string[i] == '"' || string[i] == '\\')
			return false;
	return true;
}

/* Most values are simple. */
static bool add_value(struct strbuf *text, const json_t *value)
{
	if (json_is_null(value)) {
		strbuf_add(text, "null");
		return true;
	}
	if (json_is_string(value)) {
		const char *string = json_string_value(value);
		size_t n = json_string_length(value);

		if (is_plain(string, n)) {
			strbuf_add_char(text, '"');
			strbuf_add_n(text, string, n);
			strbuf_add_char(text, '"');
			return true;
		}
	}
	return !json_dump_callback(value, add_text, text, JSON_COMPACT | JSON_ENCODE_ANY);
}

static bool add_member(struct strbuf *text, const char *name, const json_t *value)
{
	strbuf_add(text, name);
	return add_value(text, value);
}

/* Most answers are short, and made faster without an object. */
static void
send_answer(struct jsonrpc *conn, const json_t *id, json_t *take_result, json_t *take_error)
{
	struct strbuf text = STRBUF_INIT;

	if (!conn->closed && add_member(&text, "{\"id\":", id ? id : json_null()) &&
	    add_member(&text, ",\"result\":", take_result) &&
	    add_member(&text, ",\"error\":", take_error)) {
		strbuf_add_char(&text, '}');
		jsonrpc_send_text(conn, text.text, text.length);
	}
	strbuf_fini(&text);
	json_decref(take_result);
	json_decref(take_error);
}

void jsonrpc_reply(struct jsonrpc *conn, const json_t *id, json_t *take_result)
{
	send_answer(conn, id, take_result, json_null());
}

void jsonrpc_error(struct jsonrpc *conn, const json_t *id, json_t *take_error)
{
	send_answer(conn, id, json_null(), take_error);
}

static void
send_request(struct jsonrpc *conn, const char *method, json_t *take_params, json_t *take_id)
{
	json_t *message = json_object();

	json_object_set_new(message, "id", take_id);
	json_object_set_new(message, "method", json_string(method));
	json_object_set_new(message, "params", take_params);
	send_message(conn, message);
}

void jsonrpc_notify(struct jsonrpc *conn, const char *method, json_t *take_params)
{
	send_request(conn, method, take_params, json_null());
}

void jsonrpc_call(struct jsonrpc *conn, const char *method, json_t *take_params, json_t *take_id)
{
	send_request(conn, method, take_params, take_id);
}

static void stream_idle(void *owner)
{
	struct jsonrpc *conn = owner;

	jsonrpc_call(conn, "echo", json_array(), json_string("echo"));
}

/* What it sent is not what we speak: tell it why, in case a person is typing, and close. */
static void refuse(struct jsonrpc *conn, const char *why)
{
	conn->refused = true;
	log_warn("%s: closing the connection: %s", jsonrpc_peer(conn), why);
	jsonrpc_error(conn, NULL, json_string(why));
	if (!conn->closed)
		stream_finish(conn->stream, why);
}

/* Missing and null are the same thing in JSON-RPC. */
static const json_t *member(const json_t *message, const char *name)
{
	const json_t *value = json_object_get(message, name);

	return value && json_typeof(value) != JSON_NULL ? value : NULL;
}

static bool is_echo_id(const json_t *id)
{
	return json_is_string(id) && !strcmp(json_string_value(id), "echo");
}

static void dispatch_reply(struct jsonrpc *conn, const json_t *message, const json_t *id)
{
	const json_t *result = json_object_get(message, "result");
	const json_t *error = member(message, "error");

	if (!id || (!result && !error)) {
		refuse(conn, "the message is neither a request nor an answer");
		return;
	}
	if (is_echo_id(id))
		return;
	if (conn->handler->reply)
		conn->handler->reply(conn->owner, id, error ? NULL : result, error);
}

static void
dispatch_request(struct jsonrpc *conn, const json_t *message, const char *method, const json_t *id)
{
	const json_t *params = json_object_get(message, "params");

	if (!json_is_array(params))
		refuse(conn, "a request needs \"params\" that are an array");
	else if (id && !strcmp(method, "echo"))
		jsonrpc_reply(conn, id, json_incref((json_t *)params));
	else
		conn->handler->request(conn->owner, method, params, id);
}

static void dispatch(struct jsonrpc *conn, const json_t *message)
{
	const json_t *id = member(message, "id");
	const json_t *method = member(message, "method");

	totals.received++;
	if (!json_is_object(message))
		refuse(conn, "the message is not an object");
	else if (!method)
		dispatch_reply(conn, message, id);
	else if (!json_is_string(method))
		refuse(conn, "a request needs a \"method\" that is a string");
	else
		dispatch_request(conn, message, json_string_value(method), id);
}

/* Whoever asked hears of it; of other messages there is nobody who could. */
static void refuse_number(struct jsonrpc *conn, const json_t *message)
{
	static const char why[] = "syntax error: a number is beyond what 64 bits hold";
	const json_t *id = member(message, "id");

	if (!id || !json_is_string(member(message, "method"))) {
		refuse(conn, why);
		return;
	}
	totals.received++;
	jsonrpc_error(conn, id, json_string(why));
}

/* Returns whether the message was a plain request, for who wants it like that. */
static bool take_plain(struct jsonrpc *conn, const char *text, size_t n)
{
	struct plain_request *request = conn->handler->plain ? plain_request_new(text, n) : NULL;

	if (!request)
		return false;
	if (!strcmp(request->method, "echo")) {
		free(request);
		return false;
	}
	totals.received++;
	conn->handler->plain(conn->owner, request);
	return true;
}

/* 'beyond': with numbers that no real is large enough for. */
static json_t *load(const char *text, size_t n, bool *beyond, json_error_t *error)
{
	json_t *message = json_loadb(text, n, 0, error);
	struct strbuf wide = STRBUF_INIT;

	*beyond = false;
	if (message || json_error_code(error) != json_error_numeric_overflow)
		return message;
	*beyond = widen_numbers(text, n, &wide);
	message = json_loadb(wide.text, wide.length, 0, error);
	strbuf_fini(&wide);
	return message;
}

static void take_message(struct jsonrpc *conn, const char *text, size_t n)
{
	json_error_t error;
	bool beyond;

	if (take_plain(conn, text, n))
		return;
	json_t *message = load(text, n, &beyond, &error);

	if (message && beyond) {
		refuse_number(conn, message);
	} else if (message) {
		dispatch(conn, message);
	} else {
		struct errbuf err;

		errbuf_set(&err, -EBADMSG, "malformed JSON: %s", error.text);
		refuse(conn, err.text);
	}
	json_decref(message);
}

/* A message has ended: it is in 'bytes' as a whole, or its beginning is in 'input'. */
static void complete(struct jsonrpc *conn, const char *bytes, size_t n)
{
	struct strbuf text = conn->input;

	if (!text.length) {
		take_message(conn, bytes, n);
		return;
	}
	strbuf_add_n(&text, bytes, n);
	/* The handler may close the connection. */
	strbuf_init(&conn->input);
	take_message(conn, text.text, text.length);
	if (text.size > KEEP_SIZE || conn->closed) {
		strbuf_fini(&text);
	} else {
		strbuf_clear(&text);
		conn->input = text;
	}
}

static void keep(struct jsonrpc *conn, const char *bytes, size_t n)
{
	strbuf_add_n(&conn->input, bytes, n);
	count(conn);
	if (totals.input > TOTAL_INPUT && conn->input.length > FAIR_SHARE)
		refuse(conn, "there are too many unfinished messages; try again later");
}

static void consume(struct jsonrpc *conn, const char *bytes, size_t n)
{
	struct errbuf err;
	size_t used;

	while (!conn->closed && !conn->refused) {
		size_t blanks = scan_blanks(&conn->scan, bytes, n);

		bytes += blanks;
		n -= blanks;
		if (!n)
			return;
		int result = scan_feed(&conn->scan, bytes, n, &used, &err);

		if (result < 0)
			refuse(conn, err.text);
		else if (result)
			complete(conn, bytes, used);
		else
			keep(conn, bytes, used);
		bytes += used;
		n -= used;
	}
}

static void stream_data(void *owner, const char *bytes, size_t n)
{
	struct jsonrpc *conn = owner;

	conn->busy = true;
	consume(conn, bytes, n);
	conn->busy = false;
	if (conn->closed)
		release(conn);
	else
		count(conn);
}

static const struct stream_handler stream_handler = {
	.data = stream_data,
	.drained = stream_drained,
	.idle = stream_idle,
	.closed = stream_closed,
};

struct jsonrpc *jsonrpc_new(struct stream *stream, const struct jsonrpc_limits *limits)
{
	struct jsonrpc *conn = XNEW(struct jsonrpc);

	conn->stream = stream;
	conn->limits = limits ? *limits : jsonrpc_default_limits;
	scan_init(&conn->scan, conn->limits.max_message, conn->limits.max_depth);
	totals.connections++;
	stream_set_handler(stream, &stream_handler, conn);
	return conn;
}

void jsonrpc_set_handler(struct jsonrpc *conn, const struct jsonrpc_handler *handler, void *owner)
{
	conn->handler = handler;
	conn->owner = owner;
}

void jsonrpc_close(struct jsonrpc *conn, bool now)
{
	if (conn->closed)
		return;
	conn->refused = true;
	if (now)
		stream_close(conn->stream, "closed by this side");
	else
		stream_finish(conn->stream, "closed by this side");
}

size_t jsonrpc_backlog(const struct jsonrpc *conn)
{
	return stream_backlog(conn->stream);
}

const char *jsonrpc_peer(const struct jsonrpc *conn)
{
	return stream_peer(conn->stream);
}

static void report_memory(json_t *usage)
{
	json_object_set_new(usage, "jsonrpc-connections", json_integer(totals.connections));
	json_object_set_new(usage, "jsonrpc-input-bytes", json_integer(totals.input));
	json_object_set_new(usage, "jsonrpc-backlog-bytes", json_integer(totals.backlog));
}
MEMORY_REPORTER(jsonrpc, report_memory);

static void report_coverage(json_t *counts)
{
	coverage_add(counts, "jsonrpc_received", totals.received);
	coverage_add(counts, "jsonrpc_sent", totals.sent);
}
COVERAGE_REPORTER(jsonrpc, report_coverage);

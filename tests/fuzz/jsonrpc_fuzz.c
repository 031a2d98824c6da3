/* SPDX-License-Identifier: Apache-2.0 */

/* Bytes from outside, as the JSON-RPC sockets see them. The first byte says in which pieces the
 * others arrive.  */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <jansson.h>
#include <uv.h>

#include "lib/errbuf.h"
#include "lib/jsonrpc/jsonrpc.h"
#include "lib/jsonrpc/plain.h"
#include "lib/jsonrpc/scan.h"
#include "lib/log.h"
#include "lib/stream/address.h"
#include "lib/stream/stream_priv.h"

enum {
	MAX_LENGTH = 4096,
	MAX_DEPTH = 32,
	MAX_MESSAGES = 64
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "violated: %s\n", what);
	abort();
}

/* Where messages end when the bytes arrive in pieces of 'step'; how many there are, or -1. */
static int cut(const char *bytes, size_t n, size_t step, size_t *ends)
{
	struct scan scan;
	struct errbuf err;
	size_t at = 0, used;
	int messages = 0;

	scan_init(&scan, MAX_LENGTH, MAX_DEPTH);
	while (at < n && messages < MAX_MESSAGES) {
		size_t piece = n - at < step ? n - at : step;
		size_t blanks = scan_blanks(&scan, bytes + at, piece);

		at += blanks;
		piece -= blanks;
		if (!piece)
			continue;
		int result = scan_feed(&scan, bytes + at, piece, &used, &err);

		if (result < 0)
			return -1;
		check(used > 0 && used <= piece, "it takes some of what it was given");
		at += used;
		if (result)
			ends[messages++] = at;
	}
	return messages;
}

static void check_scan(const char *bytes, size_t n, size_t step)
{
	size_t whole[MAX_MESSAGES], pieces[MAX_MESSAGES];
	int messages = cut(bytes, n, n, whole);
	json_t *json = json_loadb(bytes, n, 0, NULL);

	check(messages == cut(bytes, n, step, pieces), "pieces make no difference");
	for (int i = 0; i < messages; i++)
		check(whole[i] == pieces[i], "messages end where they end");
	/* What the parser takes as a whole is one message, unless it is too large or too deep. */
	if (json && n <= MAX_LENGTH && messages != -1)
		check(messages == 1, "what is JSON is one message");
	json_decref(json);
}

static bool is_string(const json_t *json, const char *text)
{
	return json_is_string(json) && !strcmp(json_string_value(json), text);
}

/* What is read without the parser is what it would have read. */
static void check_plain(const char *bytes, size_t n)
{
	struct plain_request *request = plain_request_new(bytes, n);

	if (!request)
		return;
	json_t *json = json_loadb(bytes, n, 0, NULL), *params = json_object_get(json, "params");

	check(json_is_object(json), "a plain request is an object");
	check(json_integer_value(json_object_get(json, "id")) == request->id, "of that id");
	check(is_string(json_object_get(json, "method"), request->method), "and that method");
	check((int)json_array_size(params) == request->argc, "with so many words");
	for (int i = 0; i < request->argc; i++)
		check(is_string(json_array_get(params, (size_t)i), request->argv[i]), "these");
	json_decref(json);
	free(request);
}

static void request(void *owner, const char *method, const json_t *params, const json_t *id)
{
	struct jsonrpc **conn = owner;

	check(json_is_array(params), "parameters are an array");
	if (method[0] == 'c')
		jsonrpc_close(*conn, method[1] == 'n');
	else if (id)
		jsonrpc_reply(*conn, id, json_deep_copy(params));
}

static void reply(void *owner, const json_t *id, const json_t *result, const json_t *error)
{
	check(id && (!result || !error), "a reply has an id and one outcome");
}

static void closed(void *owner, const char *reason)
{
	struct jsonrpc **conn = owner;

	*conn = NULL;
}

static const struct jsonrpc_handler handler = {
	.request = request,
	.reply = reply,
	.closed = closed,
};

static const struct jsonrpc_limits limits = {
	.max_message = MAX_LENGTH,
	.max_depth = MAX_DEPTH,
	.max_backlog = 65536,
};

static struct jsonrpc *current;

static void up(void *context, struct stream *stream)
{
	current = jsonrpc_new(stream, &limits);
	jsonrpc_set_handler(current, &handler, &current);
}

static void ended(void *context, struct stream *stream, bool was_up, const char *reason)
{
	*(bool *)context = true;
}

static void check_connection(uv_loop_t *loop, const char *bytes, size_t n, size_t step)
{
	static const struct stream_watcher watcher = {.up = up, .ended = ended};
	const struct address address = {.sa.sa_family = AF_UNIX};
	char answers[4096];
	bool gone = false;
	int fds[2];

	check(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), "socketpair");
	stream_start(stream_new(loop, fds[0], &address, NULL, &watcher, &gone));
	for (size_t at = 0; at < n && !gone; at += step) {
		size_t piece = n - at < step ? n - at : step;

		if (send(fds[1], bytes + at, piece, MSG_NOSIGNAL) < 0)
			break;
		uv_run(loop, UV_RUN_NOWAIT);
		while (recv(fds[1], answers, sizeof(answers), 0) > 0)
			continue;
	}
	close(fds[1]);
	for (int i = 0; i < 10000 && !gone; i++)
		uv_run(loop, UV_RUN_NOWAIT);
	check(gone && !current, "a connection ends when its peer is gone");
	uv_run(loop, UV_RUN_NOWAIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uv_loop_t loop;

	if (!loop.data) {
		uv_loop_init(&loop);
		loop.data = &loop;
		log_set("off", NULL);
	}
	if (size < 2)
		return 0;
	size_t step = data[0] % 64 + 1;

	check_scan((const char *)data + 1, size - 1, step);
	check_plain((const char *)data + 1, size - 1);
	/* With single bytes this is slow, and check_scan() has seen to those. */
	check_connection(&loop, (const char *)data + 1, size - 1, step < 16 ? 16 : step);
	return 0;
}

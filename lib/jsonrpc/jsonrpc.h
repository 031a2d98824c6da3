/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JSON-RPC 1.0 over a byte stream, as OVSDB (RFC 7047) and the control socket speak it.
 *
 * A connection wraps an accepted or connected libuv stream. Text is parsed as it arrives, with
 * bounds on message size and nesting; what is to be sent queues up to a bounded backlog, after
 * which the connection is cut off. A message that is not JSON-RPC closes the connection with a log
 * line. Callbacks run on the main thread's loop and may close the connection they are given.  */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct jsonrpc;
struct uv_stream_s;

struct jsonrpc_handler {
	/* A request or, with 'id' NULL, a notification. 'params' is always an array. All borrowed. */
	void (*request)(void *owner, const char *method, const json_t *params, const json_t *id);
	/* An answer to jsonrpc_call(); exactly one of 'result' and 'error' is not null. May be NULL. */
	void (*reply)(void *owner, const json_t *id, const json_t *result, const json_t *error);
	/* The connection ended, by whomever, for 'reason'. It is freed after this returns. Also
	 * called for jsonrpc_close(). */
	void (*closed)(void *owner, const char *reason);
};

struct jsonrpc_limits {
	size_t max_message; /* bytes of one incoming message */
	size_t max_depth; /* of nested arrays and objects */
	size_t max_backlog; /* bytes queued to a client that does not read */
};

extern const struct jsonrpc_limits jsonrpc_default_limits;

/* Main thread. */

void jsonrpc_reply(struct jsonrpc *conn, const json_t *id, json_t *take_result);
/* 'take_error' becomes the "error" member; "result" is null. */
void jsonrpc_error(struct jsonrpc *conn, const json_t *id, json_t *take_error);
void jsonrpc_notify(struct jsonrpc *conn, const char *method, json_t *take_params);
/* Sends a request; its reply arrives in handler.reply with the same id. */
void jsonrpc_call(struct jsonrpc *conn, const char *method, json_t *take_params, json_t *take_id);
/* Queues text that is already a serialized message (one update for many monitors). */
void jsonrpc_send_text(struct jsonrpc *conn, const char *text, size_t length);

/* Closes after what is queued has been sent ('now' false) or at once. */
void jsonrpc_close(struct jsonrpc *conn, bool now);

size_t jsonrpc_backlog(const struct jsonrpc *conn);
/* For logs and status columns: "unix", "tcp:192.0.2.1:4711", "ssl:…". */
const char *jsonrpc_peer(const struct jsonrpc *conn);
/* Milliseconds (clock_ms) of the last byte received. */
long long jsonrpc_last_received(const struct jsonrpc *conn);

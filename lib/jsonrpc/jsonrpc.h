/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JSON-RPC 1.0 over a byte stream, as OVSDB (RFC 7047) and the control socket speak it.
 *
 * Text is cut into messages as it arrives, with bounds on size and nesting. What is to be sent
 * queues up to a bounded backlog; at half of it the peer's requests wait, beyond it the connection
 * is cut off. What is not JSON-RPC closes the connection with a log line, after telling the peer.
 * "echo" requests are answered here, and idle peers are probed with them.
 *
 * Callbacks run on the main thread's loop and may close the connection they are given. Sending
 * never calls back.  */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct jsonrpc;
struct plain_request;
struct stream;

struct jsonrpc_handler {
	/* A request or, with 'id' NULL, a notification. 'params' is always an array. All borrowed. */
	void (*request)(void *owner, const char *method, const json_t *params, const json_t *id);
	/* The same for a request that is plain (plain.h). May be NULL: then it comes like others. */
	void (*plain)(void *owner, struct plain_request *take_request);
	/* An answer to jsonrpc_call(): 'error' is NULL, or it failed and 'result' is NULL. May be
	 * NULL. */
	void (*reply)(void *owner, const json_t *id, const json_t *result, const json_t *error);
	/* The connection ended, by whomever, for 'reason'. It is gone after this returns. Also
	 * called, before it returns, by jsonrpc_close(conn, true). */
	void (*closed)(void *owner, const char *reason);
};

struct jsonrpc_limits {
	size_t max_message; /* bytes of one incoming message */
	size_t max_depth; /* of nested arrays and objects */
	/* Bytes queued to a client that does not read. One message may go beyond it, so that a
	 * large answer always fits. */
	size_t max_backlog;
};

/* 64 MB messages, 512 levels, 32 MB backlog. All connections together may hold 256 MB of
 * unfinished messages and 512 MB of backlog; beyond that, whoever holds more than 256 kB of it and
 * wants more is cut off. */
extern const struct jsonrpc_limits jsonrpc_default_limits;

/* Main thread. */

/* Takes over a stream that is up. 'limits' NULL: the defaults. */
struct jsonrpc *jsonrpc_new(struct stream *stream, const struct jsonrpc_limits *limits);
/* Before the loop runs again. */
void jsonrpc_set_handler(struct jsonrpc *conn, const struct jsonrpc_handler *handler, void *owner);

void jsonrpc_reply(struct jsonrpc *conn, const json_t *id, json_t *take_result);
/* 'take_error' becomes the "error" member; "result" is null. */
void jsonrpc_error(struct jsonrpc *conn, const json_t *id, json_t *take_error);
void jsonrpc_notify(struct jsonrpc *conn, const char *method, json_t *take_params);
/* Sends a request; its reply arrives in handler.reply with the same id (any but "echo"). */
void jsonrpc_call(struct jsonrpc *conn, const char *method, json_t *take_params, json_t *take_id);
/* Queues text that is already a serialized message (one update for many monitors). */
void jsonrpc_send_text(struct jsonrpc *conn, const char *text, size_t length);

/* Closes after what is queued has been sent ('now' false) or at once. */
void jsonrpc_close(struct jsonrpc *conn, bool now);

size_t jsonrpc_backlog(const struct jsonrpc *conn);
/* For logs and status columns: "unix:4711" (its process), "tcp:192.0.2.1:4711", "ssl:…". */
const char *jsonrpc_peer(const struct jsonrpc *conn);

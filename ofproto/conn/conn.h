/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Connections: one controller (or ofctl) that speaks OpenFlow with one bridge.
 *
 * Bytes become messages here, messages go to their rooms (ofproto/messages/), and what the rooms
 * answer goes out. A peer that does not read is not read from either, so that what waits for it
 * stays bounded.  */

#include <stdbool.h>
#include <stdint.h>

#include <urcu/list.h>

#include "lib/registry.h"
#include "ofproto/conn/answer.h"
#include "ofproto/conn/async.h"
#include "ofproto/wire/error.h"
#include "ofproto/wire/message.h"
#include "ofproto/wire/wire.h"

struct bridge;
struct controller;
struct stream;
union message_body;

enum conn_role {
	CONN_ROLE_NOCHANGE,
	CONN_ROLE_EQUAL,
	CONN_ROLE_PRIMARY,
	CONN_ROLE_SECONDARY
};

enum conn_packet_in {
	CONN_PACKET_IN_STANDARD, /* the version's own */
	CONN_PACKET_IN_NXM,
	CONN_PACKET_IN2,
};

struct conn {
	struct cds_list_head in_bridge;
	struct bridge *bridge;
	struct stream *stream;
	struct controller *controller; /* whose connection it is; NULL: a guest's */
	uint8_t version; /* 0 until the hellos are exchanged */
	bool flow_mod_table_id; /* Nicira's: the table is in the command's upper byte */
	enum conn_role role;
	struct cds_list_head bundles; /* ofproto/conn/bundles.c */
	/* ofproto/conn/monitors.c */
	struct cds_list_head monitors;
	struct message_parts updates; /* being written, if: */
	bool updating;
	uint32_t abbreviated; /* xid of a message of the peer's that was told of in short */
	int64_t paused_ms; /* when the peer was told that it is told no more; 0: it is told */
	int64_t untold_ms; /* since when changes were not told, if paused */
	struct answer answer;
	enum conn_packet_in packet_in_format;
	bool nicira_flows; /* OpenFlow 1.0's rules are told in Nicira's format */
	struct async_config async;
	struct packet_queue *packets; /* that wait until its rate allows them; or NULL */
	unsigned n_unread; /* packets sent since the peer had read all */
	uint16_t controller_id; /* which of a switch's controllers it says it is */
	bool configured; /* has said how much of packets it wants */
	uint16_t config_flags, miss_send_len;
	uint8_t *in;
	size_t n_in, in_size;
	struct wire_out out;
};

/* Handles a message that came in; answers with conn_reply(). An error goes back to the peer. */
typedef enum of_error
message_fn(struct conn *conn, const struct message_head *head, const union message_body *body);

struct message_room {
	unsigned id; /* enum message_id */
	message_fn *handle;
	bool changes; /* refused from a controller in the secondary role */
	bool bundled; /* may be part of a bundle */
	/* What cannot be undone waits in a bundle until all else is in force: before that this says
	 * whether it will be refused. NULL: what handle() does can be undone. */
	message_fn *check;
	/* Tells others of the change, once it is in force; or NULL. */
	message_fn *tell;
};

REGISTRY_DECLARE(message_room, const struct message_room);

#define MESSAGE_ROOM(message, message_id, ...)                                                     \
	static const struct message_room message_room_##message = {                                \
		.id = message_id, .handle = handle_##message, __VA_ARGS__};                        \
	REGISTRY_ADD(message_room, message_room_##message)

/* Main thread. */

/* Takes over the stream; the connection frees itself when the stream ends. 'controller' is NULL for a
 * guest on the bridge's own socket. */
void conn_open(struct bridge *bridge, struct stream *stream, struct controller *controller);
void conn_close(struct conn *conn, const char *reason);
/* Looks, about twice a second, at what the bridge's connections have left undone. */
void conns_poll(const struct bridge *bridge);
/* Its turn has come: the connection goes on with its answer, and with messages that waited for it. */
void conn_continue(struct conn *conn);
/* Sends what conn_reply() was given; needed outside of rooms only. */
void conn_flush(struct conn *conn);
/* Whose message is being handled, or NULL. */
const struct conn *conn_at_work(uint32_t *xid);
/* Bytes that the peer has not read yet. */
size_t conn_backlog(const struct conn *conn);
/* NULL if nobody handles the message. */
const struct message_room *message_room_find(unsigned id);

void conn_reply(
	struct conn *conn,
	const struct message_head *to,
	const struct message_type *type,
	const void *body
);

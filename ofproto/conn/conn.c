/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/conn.h"

#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/stream/stream.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/bundles.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/conn/monitors.h"
#include "ofproto/conn/packet_queue.h"
#include "ofproto/conn/snoop.h"
#include "ofproto/wire/messages.h"

LOG_TOPIC(openflow);

enum {
	BACKLOG_MAX = 16 << 20, /* then the peer is not read from until it has read */
	ANSWER_BACKLOG_MAX = 256 << 10, /* then an answer in parts is not gone on with */
	MISS_SEND_LEN = 128,
};

static const uint8_t versions[] = {OF10, OF13, OF14, OF15};

void conn_flush(struct conn *conn)
{
	if (conn->out.n)
		stream_send(conn->stream, conn->out.data, conn->out.n);
	if (conn->controller)
		snoop_show(conn->bridge, conn->out.data, conn->out.n);
	conn->out.n = 0;
}

void conn_reply(
	struct conn *conn,
	const struct message_head *to,
	const struct message_type *type,
	const void *body
)
{
	message_encode(&conn->out, type, to->xid, body);
}

/* Hello. */

static uint32_t our_versions(const struct conn *conn)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < ARRAY_LENGTH(versions); i++)
		bits |= 1U << versions[i];
	return conn->bridge->versions ? bits & conn->bridge->versions : bits;
}

static void send_hello(struct conn *conn)
{
	struct wire_out bitmap;
	struct of_hello hello;
	struct message_head head = {.xid = 1};
	uint32_t ours = our_versions(conn);

	wire_out_init(&bitmap, OF15);
	wire_put_u16(&bitmap, 1);
	wire_put_u16(&bitmap, 8);
	wire_put_u32(&bitmap, ours);
	hello.elements = (struct wire_bytes){.data = bitmap.data, .n = bitmap.n, .version = OF15};
	conn->out.version = (uint8_t)(ours ? 31 - __builtin_clz(ours) : OF15);
	conn_reply(conn, &head, &of_hello_type, &hello);
	wire_out_fini(&bitmap);
	conn_flush(conn);
}

/* The versions that the peer says it speaks: all up to the hello's own, unless a bitmap follows. */
static uint32_t peer_versions(const uint8_t *data, size_t n)
{
	struct wire_in list = wire_in(data + MESSAGE_HEAD_SIZE, n - MESSAGE_HEAD_SIZE, data[0]);
	struct wire_in body;
	uint16_t type;

	while (wire_property(&list, &type, &body))
		if (type == 1 && wire_left(&body) >= 4)
			return wire_u32(&body);
	return data[0] >= 31 ? UINT32_MAX : (2U << data[0]) - 1;
}

static void handle_hello(struct conn *conn, const uint8_t *data, size_t n)
{
	uint32_t common = peer_versions(data, n) & our_versions(conn);

	if (data[1] || !common) {
		conn->out.version = data[0] && data[0] < OF15 ? data[0] : OF15;
		error_encode(&conn->out, conn->out.version, OF_HFC_INCOMPATIBLE, data, n);
		conn_flush(conn);
		stream_finish(conn->stream, "the peer speaks no version of OpenFlow that we do");
		return;
	}
	conn->version = 31 - __builtin_clz(common);
	conn->out.version = conn->version;
	if (conn->controller)
		controllers_changed(conn->bridge);
}

/* Messages. */

static struct {
	const struct conn *conn;
	uint32_t xid;
} work;

const struct conn *conn_at_work(uint32_t *xid)
{
	*xid = work.xid;
	return work.conn;
}

const struct message_room *message_room_find(unsigned id)
{
	static const struct message_room *rooms[MESSAGES];
	static bool filled;

	if (!filled)
		REGISTRY_FOREACH(message_room, room)
			rooms[room->id] = room;
	filled = true;
	return rooms[id];
}

static enum of_error
dispatch(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct message_room *room = message_room_find(head->type->id);

	if (!room)
		return OF_BRC_BAD_TYPE;
	if (room->changes && conn->role == CONN_ROLE_SECONDARY)
		return OF_BRC_IS_SLAVE;
	work.conn = conn;
	work.xid = head->xid;
	enum of_error error = room->handle(conn, head, body);

	if (!error && room->tell)
		room->tell(conn, head, body);
	work.conn = NULL;
	return error;
}

static void handle_message(struct conn *conn, const uint8_t *data, size_t n)
{
	static union message_body body; /* one at a time, and large */
	struct message_head head;
	enum of_error error;

	if (!conn->version) {
		handle_hello(conn, data, n);
		return;
	}
	if (data[0] != conn->version && data[1]) {
		error_encode(&conn->out, conn->version, OF_BRC_BAD_VERSION, data, n);
		return;
	}
	memset(&body, 0, sizeof(body));
	error = message_decode(data, n, bridge_tlv_map(conn->bridge), &head, &body);
	if (!error)
		error = dispatch(conn, &head, &body);
	if (error)
		error_encode(&conn->out, conn->version, error, data, n);
	message_fini(&head, &body);
}

/* Whether its messages have to wait. */
static bool is_held_up(const struct conn *conn)
{
	return conn->answer.type || stream_backlog(conn->stream) >= BACKLOG_MAX;
}

/* Handles the messages that are whole, as long as the peer reads and is not being answered in parts.
 * Returns how many bytes they were. */
static size_t handle_input(struct conn *conn, const uint8_t *bytes, size_t n_bytes)
{
	size_t at = 0;

	/* What one read brings is one change for the keeper. */
	bridge_changes_begin();
	while (n_bytes - at >= MESSAGE_HEAD_SIZE && !is_held_up(conn)) {
		size_t n = message_length(bytes + at);

		if (n < MESSAGE_HEAD_SIZE) {
			stream_fail(conn->stream, "a message claims to be shorter than its header");
			break;
		}
		if (n > n_bytes - at)
			break;
		if (conn->controller)
			snoop_show(conn->bridge, bytes + at, n);
		handle_message(conn, bytes + at, n);
		at += n;
		conn_flush(conn);
	}
	bridge_changes_end();
	return at;
}

static void keep_input(struct conn *conn, const void *bytes, size_t n)
{
	if (conn->n_in + n > conn->in_size) {
		conn->in_size = (conn->n_in + n) * 2;
		conn->in = xrealloc(conn->in, conn->in_size);
	}
	memcpy(conn->in + conn->n_in, bytes, n);
	conn->n_in += n;
}

static void handle_kept_input(struct conn *conn)
{
	size_t done;

	if (!conn->n_in)
		return;
	done = handle_input(conn, conn->in, conn->n_in);
	memmove(conn->in, conn->in + done, conn->n_in - done);
	conn->n_in -= done;
}

/* How much the message that has come in part still lacks; of its header if that is not whole. */
static size_t input_lacks(const struct conn *conn)
{
	size_t n = conn->n_in < MESSAGE_HEAD_SIZE ? MESSAGE_HEAD_SIZE : message_length(conn->in);

	return n > conn->n_in ? n - conn->n_in : 0;
}

/* Reads on, or waits: for its turn, or until the peer has read what it was sent. */
static void settle(struct conn *conn)
{
	if (!is_held_up(conn)) {
		stream_resume(conn->stream);
		return;
	}
	stream_pause(conn->stream);
	if (stream_backlog(conn->stream) < ANSWER_BACKLOG_MAX)
		answer_wait(conn);
}

static void on_data(void *conn_, const char *bytes_, size_t n)
{
	struct conn *conn = conn_;
	const uint8_t *bytes = (const uint8_t *)bytes_;
	size_t lacks;

	/* Only a message that comes in parts is copied. */
	while (conn->n_in && n && (lacks = input_lacks(conn))) {
		lacks = lacks < n ? lacks : n;
		keep_input(conn, bytes, lacks);
		bytes += lacks;
		n -= lacks;
	}
	if (conn->n_in)
		handle_kept_input(conn);
	if (!conn->n_in) {
		size_t done = handle_input(conn, bytes, n);

		bytes += done;
		n -= done;
	}
	if (n)
		keep_input(conn, bytes, n);
	settle(conn);
}

static void on_drained(void *conn_)
{
	struct conn *conn = conn_;

	if (conn->answer.type || conn->n_in || conn->paused_ms)
		answer_wait(conn);
	else
		stream_resume(conn->stream);
}

void conn_continue(struct conn *conn)
{
	answer_continue(conn);
	conn_flush(conn);
	if (!conn->answer.type && conn->paused_ms && !stream_backlog(conn->stream)) {
		monitors_resume(conn);
		conn_flush(conn);
	}
	handle_kept_input(conn);
	settle(conn);
}

static void on_idle(void *conn_)
{
	struct conn *conn = conn_;
	struct message_head head = {.xid = 0};
	struct of_echo_request echo = {0};

	if (!conn->version)
		return;
	conn_reply(conn, &head, &of_echo_request_type, &echo);
	conn_flush(conn);
}

static void on_closed(void *conn_, const char *reason)
{
	struct conn *conn = conn_;

	log_dbg("%s: connection closed: %s", stream_peer(conn->stream), reason);
	cds_list_del(&conn->in_bridge);
	answer_forget(conn);
	bundles_free(conn);
	monitors_free(conn);
	packet_queue_free(conn->packets);
	if (conn->controller)
		controllers_changed(conn->bridge);
	wire_out_fini(&conn->out);
	free(conn->in);
	free(conn);
}

static const struct stream_handler handler = {
	.data = on_data,
	.drained = on_drained,
	.idle = on_idle,
	.closed = on_closed,
};

void conn_open(struct bridge *bridge, struct stream *stream, struct controller *controller)
{
	struct conn *conn = XNEW(struct conn);

	conn->bridge = bridge;
	conn->stream = stream;
	conn->controller = controller;
	conn->role = CONN_ROLE_EQUAL;
	conn->miss_send_len = MISS_SEND_LEN;
	async_init(&conn->async, controller && controller->quiet);
	CDS_INIT_LIST_HEAD(&conn->bundles);
	CDS_INIT_LIST_HEAD(&conn->monitors);
	answer_init(&conn->answer);
	wire_out_init(&conn->out, OF15);
	cds_list_add_tail(&conn->in_bridge, &bridge->conns);
	stream_set_handler(stream, &handler, conn);
	send_hello(conn);
}

void conn_close(struct conn *conn, const char *reason)
{
	stream_close(conn->stream, reason);
}

void conns_poll(const struct bridge *bridge)
{
	bundles_poll(bridge);
}

size_t conn_backlog(const struct conn *conn)
{
	return stream_backlog(conn->stream);
}

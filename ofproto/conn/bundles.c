/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/bundles.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/groups/groups.h"
#include "ofproto/meters/meters.h"
#include "ofproto/rules_batch.h"
#include "ofproto/tables/limits.h"
#include "ofproto/wire/messages.h"

enum {
	PATIENCE_MS = 10000,
};

struct bundle {
	struct cds_list_head in_conn;
	uint32_t id;
	uint16_t flags;
	bool closed;
	int64_t used_ms; /* when something was last said about it */
	uint8_t *bytes; /* messages, one after the other */
	size_t n, size;
};

static int64_t patience_ms = PATIENCE_MS;

/* For a message about it. */
static struct bundle *find(struct conn *conn, uint32_t id)
{
	struct bundle *bundle;

	cds_list_for_each_entry(bundle, &conn->bundles, in_conn) {
		if (bundle->id != id)
			continue;
		bundle->used_ms = clock_ms();
		return bundle;
	}
	return NULL;
}

static void bundle_free(struct bundle *bundle)
{
	cds_list_del(&bundle->in_conn);
	free(bundle->bytes);
	free(bundle);
}

/* A controller that is wrong about a bundle shall not go on with it. */
static enum of_error give_up(struct bundle *bundle, enum of_error error)
{
	bundle_free(bundle);
	return error;
}

void bundles_free(struct conn *conn)
{
	struct bundle *bundle, *next;

	cds_list_for_each_entry_safe(bundle, next, &conn->bundles, in_conn)
		bundle_free(bundle);
}

void bundles_set_patience(int64_t ms)
{
	patience_ms = ms;
}

/* The error is about the message that opened it, as far as that is remembered. */
static void tell_timeout(struct conn *conn, const struct bundle *bundle)
{
	const struct of_bundle_control open = {.bundle_id = bundle->id, .flags = bundle->flags};
	struct wire_out about;

	wire_out_init(&about, conn->version);
	message_encode(&about, &of_bundle_control_type, 0, &open);
	error_encode(&conn->out, conn->version, OF_BFC_TIMEOUT, about.data, about.n);
	wire_out_fini(&about);
	conn_flush(conn);
}

void bundles_poll(const struct bridge *bridge)
{
	int64_t now = clock_ms();
	struct bundle *bundle, *next;
	struct conn *conn;

	cds_list_for_each_entry(conn, &bridge->conns, in_bridge)
		cds_list_for_each_entry_safe(bundle, next, &conn->bundles, in_conn) {
			if (now - bundle->used_ms < patience_ms)
				continue;
			tell_timeout(conn, bundle);
			bundle_free(bundle);
		}
}

enum of_error bundle_open(struct conn *conn, uint32_t id, uint16_t flags)
{
	struct bundle *bundle;
	unsigned n = 0;

	if (flags & ~(BUNDLE_ATOMIC | BUNDLE_ORDERED))
		return OF_BFC_BAD_FLAGS;
	bundle = find(conn, id);
	if (bundle)
		return give_up(bundle, OF_BFC_BUNDLE_EXIST);
	cds_list_for_each_entry(bundle, &conn->bundles, in_conn)
		n++;
	if (n >= BUNDLES_MAX)
		return OF_BFC_OUT_OF_BUNDLES;
	bundle = XNEW(struct bundle);
	bundle->id = id;
	bundle->flags = flags;
	bundle->used_ms = clock_ms();
	cds_list_add_tail(&bundle->in_conn, &conn->bundles);
	return OF_OK;
}

enum of_error bundle_close(struct conn *conn, uint32_t id, uint16_t flags)
{
	struct bundle *bundle = find(conn, id);

	if (!bundle)
		return OF_BFC_BAD_ID;
	if (bundle->closed)
		return give_up(bundle, OF_BFC_BUNDLE_CLOSED);
	if (bundle->flags != flags)
		return give_up(bundle, OF_BFC_BAD_FLAGS);
	bundle->closed = true;
	return OF_OK;
}

enum of_error bundle_discard(struct conn *conn, uint32_t id)
{
	struct bundle *bundle = find(conn, id);

	if (!bundle)
		return OF_BFC_BAD_ID;
	bundle_free(bundle);
	return OF_OK;
}

/* Whether the message is one that bundles may have, and well formed. */
static enum of_error check(const struct conn *conn, const uint8_t *data, size_t n)
{
	union message_body *body = XNEW(union message_body);
	struct message_head head;
	enum of_error error = message_decode(data, n, bridge_tlv_map(conn->bridge), &head, body);

	if (!error) {
		const struct message_room *room = message_room_find(head.type->id);

		if (!room || !room->bundled)
			error = OF_BFC_MSG_UNSUP;
	}
	message_fini(&head, body);
	free(body);
	return error;
}

static enum of_error
check_message(const struct conn *conn, uint32_t xid, const struct wire_bytes *message)
{
	struct wire_in in = wire_in(message->data, message->n, conn->version);

	if (message->n < MESSAGE_HEAD_SIZE)
		return OF_BFC_MSG_BAD_LEN;
	size_t n = message_length(message->data);

	if (n < MESSAGE_HEAD_SIZE || n > message->n)
		return OF_BFC_MSG_BAD_LEN;
	if (wire_u8(&in) != conn->version)
		return OF_BFC_MSG_UNSUP;
	wire_skip(&in, 3);
	if (wire_u32(&in) != xid)
		return OF_BFC_MSG_BAD_XID;
	return check(conn, message->data, n);
}

static size_t bytes_of(const struct conn *conn)
{
	struct bundle *bundle;
	size_t n = 0;

	cds_list_for_each_entry(bundle, &conn->bundles, in_conn)
		n += bundle->n;
	return n;
}

enum of_error bundle_add(
	struct conn *conn,
	uint32_t id,
	uint16_t flags,
	uint32_t xid,
	const struct wire_bytes *message
)
{
	struct bundle *bundle = find(conn, id);
	enum of_error error;
	size_t n;

	if (bundle && bundle->closed)
		return give_up(bundle, OF_BFC_BUNDLE_CLOSED);
	if (bundle && bundle->flags != flags)
		return give_up(bundle, OF_BFC_BAD_FLAGS);
	error = check_message(conn, xid, message);
	if (!error && !bundle)
		error = bundle_open(conn, id, flags);
	if (error)
		return error;
	bundle = find(conn, id);
	/* What follows the message, properties, is no part of it. */
	n = message_length(message->data);
	if (bytes_of(conn) + n > BUNDLE_BYTES_MAX)
		return OF_BFC_MSG_TOO_MANY;
	if (bundle->n + n > bundle->size) {
		bundle->size = (bundle->n + n) * 2;
		bundle->bytes = xrealloc(bundle->bytes, bundle->size);
	}
	memcpy(bundle->bytes + bundle->n, message->data, n);
	bundle->n += n;
	return OF_OK;
}

/* Where the messages stand of which something is left to do when the others are in force. */
struct later {
	size_t *at;
	unsigned n, size;
};

static void do_later(struct later *later, size_t at)
{
	if (later->n == later->size) {
		later->size = later->size * 2 + 16;
		later->at = xrealloc(later->at, later->size * sizeof(later->at[0]));
	}
	later->at[later->n++] = at;
}

/* Does the message at 'at', as far as it can be undone. */
static enum of_error
run(struct conn *conn, const struct bundle *bundle, size_t at, struct later *later)
{
	const uint8_t *data = bundle->bytes + at;
	union message_body *body = XNEW(union message_body);
	struct message_head head;
	enum of_error error = message_decode(
		data, message_length(data), bridge_tlv_map(conn->bridge), &head, body
	);

	if (!error) {
		const struct message_room *room = message_room_find(head.type->id);

		error = room->check ? room->check(conn, &head, body)
				    : room->handle(conn, &head, body);
		if (room->check || room->tell)
			do_later(later, at);
	}
	message_fini(&head, body);
	free(body);
	if (error)
		error_encode(&conn->out, conn->version, error, data, message_length(data));
	return error;
}

static void finish(struct conn *conn, const struct bundle *bundle, const struct later *later)
{
	union message_body *body = XNEW(union message_body);

	for (unsigned i = 0; i < later->n; i++) {
		const uint8_t *data = bundle->bytes + later->at[i];
		struct message_head head;

		memset(body, 0, sizeof(*body));
		message_decode(
			data, message_length(data), bridge_tlv_map(conn->bridge), &head, body
		);
		const struct message_room *room = message_room_find(head.type->id);

		/* It has been checked. */
		if (room->check)
			room->handle(conn, &head, body);
		if (room->tell)
			room->tell(conn, &head, body);
		message_fini(&head, body);
	}
	free(body);
}

enum of_error bundle_commit(struct conn *conn, uint32_t id, uint16_t flags)
{
	struct bundle *bundle = find(conn, id);
	enum of_error error = OF_OK;
	struct later later = {0};

	if (!bundle)
		return OF_BFC_BAD_ID;
	if (bundle->flags != flags)
		return give_up(bundle, OF_BFC_BAD_FLAGS);
	struct limits *limits = limits_copy(conn->bridge->limits);

	bridge_changes_begin();
	rules_batch_begin(conn->bridge);
	groups_batch_begin(conn->bridge);
	meters_batch_begin(conn->bridge);
	for (size_t at = 0; !error && at < bundle->n; at += message_length(bundle->bytes + at))
		error = run(conn, bundle, at, &later);
	if (error) {
		groups_batch_undo(conn->bridge);
		rules_batch_undo();
		meters_batch_undo(conn->bridge);
		limits_go_back(conn->bridge->limits, limits);
	} else {
		limits_free(limits);
		groups_batch_end(conn->bridge);
		rules_batch_end();
		meters_batch_end(conn->bridge);
		finish(conn, bundle, &later);
	}
	bridge_changes_end();
	free(later.at);
	bundle_free(bundle);
	return error ? OF_BFC_MSG_FAILED : OF_OK;
}

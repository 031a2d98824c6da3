/* SPDX-License-Identifier: Apache-2.0 */

/* Bundles: collecting messages, and doing all of them at once.  */

#include "ofproto/conn/bundles.h"
#include "ofproto/conn/conn.h"
#include "ofproto/wire/messages.h"

/* Types of bundle_control; each request's reply is the next number. */
enum {
	OPEN = 0,
	CLOSE = 2,
	COMMIT = 4,
	DISCARD = 6,
};

static enum of_error control(struct conn *conn, const struct of_bundle_control *request)
{
	switch (request->type) {
	case OPEN:
		return bundle_open(conn, request->bundle_id, request->flags);
	case CLOSE:
		return bundle_close(conn, request->bundle_id, request->flags);
	case COMMIT:
		return bundle_commit(conn, request->bundle_id, request->flags);
	case DISCARD:
		return bundle_discard(conn, request->bundle_id);
	default:
		return OF_BFC_BAD_TYPE;
	}
}

static enum of_error
handle_control(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct of_bundle_control *request = &body->bundle_control;
	enum of_error error = control(conn, request);
	struct of_bundle_control reply = {
		.bundle_id = request->bundle_id,
		.type = request->type + 1,
		.flags = request->flags,
	};

	if (!error)
		conn_reply(conn, head, &of_bundle_control_type, &reply);
	return error;
}

static enum of_error
handle_add(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct of_bundle_add *add = &body->bundle_add;

	return bundle_add(conn, add->bundle_id, add->flags, head->xid, &add->message);
}

MESSAGE_ROOM(control, MESSAGE_BUNDLE_CONTROL, .changes = true);
MESSAGE_ROOM(add, MESSAGE_BUNDLE_ADD, .changes = true);

/* SPDX-License-Identifier: Apache-2.0 */

/* Roles: which of several controllers may change the switch.  */

#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/wire/messages.h"

/* A controller that becomes primary makes the others secondary. */
static void set_role(struct conn *conn, enum conn_role role)
{
	struct conn *other;

	if (role == CONN_ROLE_PRIMARY)
		cds_list_for_each_entry(other, &conn->bridge->conns, in_bridge)
			if (other->role == CONN_ROLE_PRIMARY)
				other->role = CONN_ROLE_SECONDARY;
	conn->role = role;
}

static enum of_error
handle_role(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct of_role_request *request = &body->role_request;
	struct of_role_reply reply = {0};

	if (request->role > CONN_ROLE_SECONDARY)
		return OF_RRFC_BAD_ROLE;
	if (request->role == CONN_ROLE_PRIMARY || request->role == CONN_ROLE_SECONDARY) {
		struct bridge *bridge = conn->bridge;

		if (bridge->has_generation &&
		    (int64_t)(request->generation_id - bridge->generation) < 0)
			return OF_RRFC_STALE;
		bridge->has_generation = true;
		bridge->generation = request->generation_id;
	}
	if (request->role != CONN_ROLE_NOCHANGE)
		set_role(conn, (enum conn_role)request->role);
	reply.role = conn->role;
	reply.generation_id = conn->bridge->has_generation ? conn->bridge->generation : UINT64_MAX;
	conn_reply(conn, head, &of_role_reply_type, &reply);
	return OF_OK;
}

/* Nicira's numbers: other (equal), master, slave. */
static enum of_error
handle_nx_role(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct of_nx_role_reply reply = {.role = body->nx_role_request.role};

	if (reply.role > 2)
		return OF_RRFC_BAD_ROLE;
	set_role(conn, (enum conn_role)(reply.role + 1));
	conn_reply(conn, head, &of_nx_role_reply_type, &reply);
	return OF_OK;
}

MESSAGE_ROOM(role, MESSAGE_ROLE_REQUEST);
MESSAGE_ROOM(nx_role, MESSAGE_NX_ROLE_REQUEST);

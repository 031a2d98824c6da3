/* SPDX-License-Identifier: Apache-2.0 */

/* Roles: which of several controllers may change the switch.  */

#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/wire/messages.h"

enum {
	ROLE_TAKEN = 0, /* reason of role_status: another controller has become primary */
};

static uint64_t generation_of(const struct bridge *bridge)
{
	return bridge->has_generation ? bridge->generation : UINT64_MAX;
}

/* It is told first: in its new role it may not want to hear of it. */
static void demote(struct conn *conn)
{
	const struct of_role_status status = {
		.role = CONN_ROLE_SECONDARY,
		.reason = ROLE_TAKEN,
		.generation_id = generation_of(conn->bridge),
	};

	if (async_wants(conn, ASYNC_ROLE_STATUS, ROLE_TAKEN) &&
	    message_has_version(&of_role_status_type, conn->version))
		async_send(conn, &of_role_status_type, &status);
	conn->role = CONN_ROLE_SECONDARY;
}

/* A controller that becomes primary makes the other one secondary. */
static void set_role(struct conn *conn, enum conn_role role)
{
	struct conn *other;

	if (role == CONN_ROLE_PRIMARY)
		cds_list_for_each_entry(other, &conn->bridge->conns, in_bridge)
			if (other != conn && other->role == CONN_ROLE_PRIMARY)
				demote(other);
	conn->role = role;
	controllers_changed(conn->bridge);
}

/* Whoever asks for a role with an older generation has been overtaken. */
static enum of_error take_generation(struct bridge *bridge, uint64_t generation)
{
	if (bridge->has_generation && (int64_t)(generation - bridge->generation) < 0)
		return OF_RRFC_STALE;
	bridge->has_generation = true;
	bridge->generation = generation;
	return OF_OK;
}

static enum of_error
handle_role(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct of_role_request *request = &body->role_request;
	struct of_role_reply reply = {.short_id = request->short_id};
	enum of_error error = OF_OK;

	if (request->role > CONN_ROLE_SECONDARY)
		return OF_RRFC_BAD_ROLE;
	if (request->role == CONN_ROLE_PRIMARY || request->role == CONN_ROLE_SECONDARY)
		error = take_generation(conn->bridge, request->generation_id);
	if (error)
		return error;
	if (request->role != CONN_ROLE_NOCHANGE)
		set_role(conn, (enum conn_role)request->role);
	reply.role = conn->role;
	reply.generation_id = generation_of(conn->bridge);
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

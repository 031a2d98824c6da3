/* SPDX-License-Identifier: Apache-2.0 */

/* Messages that keep a connection going: echo, barrier, configuration, Nicira's switches.  */

#include "ofproto/bridge_changes.h"
#include "ofproto/conn/conn.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/wire/messages.h"

enum {
	FLOW_FORMAT_OPENFLOW = 0,
	FLOW_FORMAT_NICIRA = 2,
	CONFIG_FLAGS = 7, /* fragments, and packets whose time is over */
};

static enum of_error
handle_hello(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return OF_OK;
}

static enum of_error
handle_echo(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct of_echo_reply reply = {.data = body->echo_request.data};

	conn_reply(conn, head, &of_echo_reply_type, &reply);
	return OF_OK;
}

static enum of_error
handle_nothing(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return OF_OK;
}

/* Whoever asked for a barrier may count on the packets that come now. */
static enum of_error
handle_barrier(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct of_barrier_reply reply = {0};

	bridge_changes_flush();
	keeper_sync();
	/* And has heard of what ended before. */
	keeper_catch_up();
	conn_reply(conn, head, &of_barrier_reply_type, &reply);
	return OF_OK;
}

static enum of_error handle_get_config(
	struct conn *conn, const struct message_head *head, const union message_body *body
)
{
	struct of_get_config_reply reply = {
		.flags = conn->config_flags,
		.miss_send_len = conn->miss_send_len,
	};

	conn_reply(conn, head, &of_get_config_reply_type, &reply);
	return OF_OK;
}

static enum of_error
check_set_config(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return body->set_config.flags & ~CONFIG_FLAGS ? OF_SCFC_BAD_FLAGS : OF_OK;
}

static enum of_error handle_set_config(
	struct conn *conn, const struct message_head *head, const union message_body *body
)
{
	if (check_set_config(conn, head, body))
		return conn->version == OF10 ? OF_OK : OF_SCFC_BAD_FLAGS;
	conn->configured = body->set_config.miss_send_len;
	conn->config_flags = body->set_config.flags;
	conn->miss_send_len = body->set_config.miss_send_len;
	return OF_OK;
}

static enum of_error
handle_table_id(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	conn->flow_mod_table_id = body->flow_mod_table_id.enable;
	return OF_OK;
}

/* Both formats are understood in any case; it matters for what is sent. */
static enum of_error handle_flow_format(
	struct conn *conn, const struct message_head *head, const union message_body *body
)
{
	uint32_t format = body->set_flow_format.format;

	if (format != FLOW_FORMAT_OPENFLOW && format != FLOW_FORMAT_NICIRA)
		return OF_BRC_EPERM;
	conn->nicira_flows = format == FLOW_FORMAT_NICIRA;
	return OF_OK;
}

static enum of_error handle_packet_in_format(
	struct conn *conn, const struct message_head *head, const union message_body *body
)
{
	if (body->set_packet_in_format.format > CONN_PACKET_IN2)
		return OF_BRC_EPERM;
	conn->packet_in_format = (enum conn_packet_in)body->set_packet_in_format.format;
	return OF_OK;
}

static enum of_error handle_controller_id(
	struct conn *conn, const struct message_head *head, const union message_body *body
)
{
	conn->controller_id = body->set_controller_id.controller_id;
	return OF_OK;
}

MESSAGE_ROOM(hello, MESSAGE_HELLO);
MESSAGE_ROOM(echo, MESSAGE_ECHO_REQUEST);
MESSAGE_ROOM(barrier, MESSAGE_BARRIER_REQUEST);
MESSAGE_ROOM(get_config, MESSAGE_GET_CONFIG_REQUEST);
MESSAGE_ROOM(set_config, MESSAGE_SET_CONFIG, .bundled = true, .check = check_set_config);
MESSAGE_ROOM(table_id, MESSAGE_FLOW_MOD_TABLE_ID);

static const struct message_room message_room_echo_reply = {
	.id = MESSAGE_ECHO_REPLY,
	.handle = handle_nothing,
};
REGISTRY_ADD(message_room, message_room_echo_reply);
MESSAGE_ROOM(flow_format, MESSAGE_SET_FLOW_FORMAT);
MESSAGE_ROOM(packet_in_format, MESSAGE_SET_PACKET_IN_FORMAT);
MESSAGE_ROOM(controller_id, MESSAGE_SET_CONTROLLER_ID);

/* SPDX-License-Identifier: Apache-2.0 */

/* Packets that a controller sends.  */

#include <stdlib.h>
#include <string.h>

#include "lib/flow/match.h"
#include "lib/flow/names.h"
#include "lib/xmalloc.h"
#include "ofproto/actions/room.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/meters/meters.h"
#include "ofproto/targets.h"
#include "ofproto/wire/messages.h"

enum {
	NO_BUFFER = 0xffffffff,
	ETHERNET_SIZE = 14,
};

/* OpenFlow 1.5 says it in a match. */
static uint32_t in_port_of(const struct conn *conn, const struct of_packet_out *out)
{
	return conn->version >= OF15 ? out->match.key.base.in_port : out->in_port;
}

/* Whether the match says nothing about the packet's headers. */
static bool is_of_pipeline(const struct match *match)
{
	struct key headers = match->mask;

	headers.base.in_port = 0;
	headers.base.tun_id = 0;
	headers.base.tun_src = headers.base.tun_dst = 0;
	return !memcmp(&headers.base, &(struct key_base){0}, sizeof(headers.base)) &&
		!memcmp(&headers.ipv6, &(struct key_ipv6){0}, sizeof(headers.ipv6));
}

static bool can_come_from(uint32_t port)
{
	return port < PORT_MAX || port == PORT_LOCAL || port == PORT_CONTROLLER || port == PORT_ANY;
}

static enum of_error
check_packet_out(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct of_packet_out *out = &body->packet_out;
	struct match match;
	struct action_check check = {
		.match = &match,
		.tlv = bridge_tlv_map(conn->bridge),
		.version = conn->version,
		.max_ports = PORT_MAX,
	};

	match_init(&match, NULL);
	if (out->buffer_id != NO_BUFFER)
		return OF_BRC_BUFFER_UNKNOWN;
	if (!can_come_from(in_port_of(conn, out)))
		return OF_BRC_BAD_PORT;
	if (conn->version >= OF15 && !is_of_pipeline(&out->match))
		return OF_BRC_PIPELINE_FIELDS_ONLY;
	if (out->data.n < ETHERNET_SIZE)
		return conn->version < OF12 ? OF_BRC_BAD_LEN : OF_BRC_BAD_PACKET;
	if (targets_lack_group(&out->actions, conn->bridge->groups))
		return OF_BAC_BAD_OUT_GROUP;
	if (meters_lack(conn->bridge->meters, &out->actions))
		return conn->version < OF15 ? OF_MMFC_UNKNOWN_METER : OF_BAC_BAD_METER;
	return actions_check(&out->actions, &check);
}

static enum of_error handle_packet_out(
	struct conn *conn, const struct message_head *head, const union message_body *body
)
{
	const struct of_packet_out *out = &body->packet_out;
	enum of_error error = check_packet_out(conn, head, body);

	if (error)
		return error;
	struct rule_actions *actions = rule_actions_new(&out->actions, &error);

	if (!actions)
		return error;
	struct packet_out *packet = packet_out_new(out->data.data, out->data.n);

	packet->bridge = conn->bridge->index;
	packet->in_port = in_port_of(conn, out);
	packet->actions = actions;
	/* It must meet the rules as they are now. */
	bridge_changes_flush();
	keeper_send_packet(packet);
	return OF_OK;
}

static const struct message_room message_room_packet_out = {
	.id = MESSAGE_PACKET_OUT,
	.handle = handle_packet_out,
	.changes = true,
	.bundled = true,
	.check = check_packet_out,
};
REGISTRY_ADD(message_room, message_room_packet_out);

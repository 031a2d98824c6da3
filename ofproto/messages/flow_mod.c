/* SPDX-License-Identifier: Apache-2.0 */

/* Changes to rules.  */

#include "ofproto/conn/conn.h"
#include "ofproto/rules.h"
#include "ofproto/wire/messages.h"

static enum of_error
handle_flow_mod(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct of_flow_mod mod;

	if (conn->version != OF10 || !conn->flow_mod_table_id)
		return rules_mod(conn->bridge, &body->flow_mod, conn->version);
	/* Before 1.1 the command has two bytes, of which Nicira gave one to the table. */
	mod = body->flow_mod;
	mod.table_id = mod.command >> 8;
	mod.command &= 0xff;
	return rules_mod(conn->bridge, &mod, conn->version);
}

static const struct message_room message_room_flow_mod = {
	.id = MESSAGE_FLOW_MOD,
	.handle = handle_flow_mod,
	.changes = true,
	.bundled = true,
};
REGISTRY_ADD(message_room, message_room_flow_mod);
static const struct message_room message_room_nx_flow_mod = {
	.id = MESSAGE_NX_FLOW_MOD,
	.handle = handle_flow_mod,
	.changes = true,
	.bundled = true,
};
REGISTRY_ADD(message_room, message_room_nx_flow_mod);

/* SPDX-License-Identifier: Apache-2.0 */

/* Messages about which tunnel options the fields tun_metadata0…63 stand for.  */

#include "lib/flow/tlv.h"
#include "ofproto/bindings.h"
#include "ofproto/conn/conn.h"
#include "ofproto/wire/messages.h"

static enum of_error
handle_mod(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return bindings_mod(conn->bridge, &body->tlv_table_mod);
}

static enum of_error
handle_request(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct of_tlv_table_reply reply = {
		.max_space = BINDINGS_SPACE,
		.max_fields = TLV_FIELDS,
	};
	struct wire_out maps;

	wire_out_init(&maps, conn->version);
	bindings_put(conn->bridge, &maps);
	reply.maps = (struct wire_bytes){maps.data, (uint32_t)maps.n, maps.version};
	conn_reply(conn, head, &of_tlv_table_reply_type, &reply);
	wire_out_fini(&maps);
	return OF_OK;
}

static const struct message_room message_room_tlv_table_mod = {
	.id = MESSAGE_TLV_TABLE_MOD,
	.handle = handle_mod,
	.changes = true,
};
REGISTRY_ADD(message_room, message_room_tlv_table_mod);

static const struct message_room message_room_tlv_table_request = {
	.id = MESSAGE_TLV_TABLE_REQUEST,
	.handle = handle_request,
};
REGISTRY_ADD(message_room, message_room_tlv_table_request);

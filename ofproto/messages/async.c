/* SPDX-License-Identifier: Apache-2.0 */

/* Which asynchronous messages a controller wants, in the four forms in which it may say so.  */

#include "ofproto/conn/async.h"

#include <string.h>

#include "ofproto/conn/conn.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/wire/messages.h"

enum {
	PROPERTY_SIZE = 8, /* with its head */
	LAST_PROPERTY = 15, /* of OpenFlow 1.5 */
	OLD_PACKET_INS = 0x7, /* reasons before OpenFlow 1.4 */
	OLD_FLOW_REMOVEDS = 0xf,
};

/* Properties come in pairs, the secondary role's first. */
static void put_properties(const struct async_config *config, struct wire_out *out)
{
	for (unsigned type = 0; type < 2 * ASYNC_KINDS; type++) {
		wire_put_u16(out, (uint16_t)type);
		wire_put_u16(out, PROPERTY_SIZE);
		wire_put_u32(out, config->reasons[type / 2][!(type & 1)]);
	}
}

static enum of_error
handle_get(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct async_config *config = &conn->async;
	struct of_get_async_reply reply = {
		.packet_in_master = config->reasons[ASYNC_PACKET_IN][0] & OLD_PACKET_INS,
		.packet_in_slave = config->reasons[ASYNC_PACKET_IN][1] & OLD_PACKET_INS,
		.port_status_master = config->reasons[ASYNC_PORT_STATUS][0],
		.port_status_slave = config->reasons[ASYNC_PORT_STATUS][1],
		.flow_removed_master = config->reasons[ASYNC_FLOW_REMOVED][0] & OLD_FLOW_REMOVEDS,
		.flow_removed_slave = config->reasons[ASYNC_FLOW_REMOVED][1] & OLD_FLOW_REMOVEDS,
	};
	struct wire_out properties;

	wire_out_init(&properties, conn->version);
	put_properties(config, &properties);
	reply.properties = (struct wire_bytes){
		.data = properties.data,
		.n = (uint32_t)properties.n,
		.version = conn->version,
	};
	conn_reply(conn, head, &of_get_async_reply_type, &reply);
	wire_out_fini(&properties);
	return OF_OK;
}

static enum of_error read_property(struct async_config *config, uint16_t type, struct wire_in *in)
{
	uint32_t reasons;

	if (type > LAST_PROPERTY)
		return OF_BPC_BAD_TYPE;
	if (wire_left(in) != PROPERTY_SIZE - 4)
		return OF_BPC_BAD_LEN;
	reasons = wire_u32(in);
	if (type >= 2 * ASYNC_KINDS)
		return reasons ? OF_ACFC_UNSUPPORTED : OF_OK;
	if (reasons & ~async_known_reasons((enum async_kind)(type / 2)))
		return OF_ACFC_INVALID;
	config->reasons[type / 2][!(type & 1)] = reasons;
	return OF_OK;
}

static enum of_error
read_properties(struct async_config *config, const struct wire_bytes *properties)
{
	struct wire_in list = wire_in(properties->data, properties->n, properties->version), body;
	uint16_t type;

	while (wire_property(&list, &type, &body)) {
		enum of_error error = read_property(config, type, &body);

		if (error)
			return error;
	}
	return list.error;
}

/* All or nothing. */
static enum of_error set_properties(struct conn *conn, const struct wire_bytes *properties)
{
	struct async_config config = conn->async;
	enum of_error error = read_properties(&config, properties);

	if (error)
		return error;
	conn->async = config;
	conn->configured = true;
	controllers_changed(conn->bridge);
	return OF_OK;
}

static void set_pair(uint32_t *pair, enum async_kind kind, uint32_t primary, uint32_t secondary)
{
	pair[0] = primary & async_known_reasons(kind);
	pair[1] = secondary & async_known_reasons(kind);
}

static enum of_error set_masks(struct conn *conn, const struct of_set_async *set)
{
	uint32_t(*reasons)[2] = conn->async.reasons;

	set_pair(
		reasons[ASYNC_PACKET_IN],
		ASYNC_PACKET_IN,
		set->packet_in_master,
		set->packet_in_slave
	);
	set_pair(
		reasons[ASYNC_PORT_STATUS],
		ASYNC_PORT_STATUS,
		set->port_status_master,
		set->port_status_slave
	);
	set_pair(
		reasons[ASYNC_FLOW_REMOVED],
		ASYNC_FLOW_REMOVED,
		set->flow_removed_master,
		set->flow_removed_slave
	);
	conn->configured = true;
	controllers_changed(conn->bridge);
	return OF_OK;
}

static enum of_error
check_set(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct async_config config = conn->async;

	return conn->version >= OF14 ? read_properties(&config, &body->set_async.properties)
				     : OF_OK;
}

static enum of_error
handle_set(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	if (conn->version >= OF14)
		return set_properties(conn, &body->set_async.properties);
	return set_masks(conn, &body->set_async);
}

static enum of_error
handle_nx_set(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return set_masks(conn, &body->set_async);
}

static enum of_error
handle_nx_set2(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return set_properties(conn, &body->set_async.properties);
}

MESSAGE_ROOM(get, MESSAGE_GET_ASYNC_REQUEST);
MESSAGE_ROOM(set, MESSAGE_SET_ASYNC, .bundled = true, .check = check_set);
MESSAGE_ROOM(nx_set, MESSAGE_NX_SET_ASYNC);
MESSAGE_ROOM(nx_set2, MESSAGE_NX_SET_ASYNC2);

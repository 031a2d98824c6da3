/* SPDX-License-Identifier: Apache-2.0 */

/* Messages that describe the switch and its ports.  */

#include <stdio.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/clock.h"
#include "lib/control/version.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/conn/port_status.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/messages.h"

enum {
	CAPABILITIES = 1 | 2 | 4 | 64, /* counts of flows, tables, ports and queues */
	CAPABILITY_GROUPS = 8, /* since OpenFlow 1.1: counts of groups */
	CAPABILITIES_14 = 0x200 | 0x400, /* since OpenFlow 1.4: bundles, flow monitors */
	CAPABILITY_ARP_MATCH = 128, /* OpenFlow 1.0: looks into ARP */
	ACTIONS_10 = 0xfff, /* OpenFlow 1.0: output to enqueue */
};

static const struct port *device_of(const struct view_port *port)
{
	return port->id ? port_by_id(port->id) : NULL;
}

static void put_ports(struct conn *conn, struct wire_out *out, struct message_parts *parts)
{
	const struct view_bridge *view = conn->bridge->view;

	for (unsigned i = 0; view && i < view->n_ports; i++) {
		struct of_port desc;

		port_describe(view->ports[i], conn->version, &desc);
		of_port_encode(out, &desc);
		if (parts)
			message_parts_next(parts);
	}
}

static enum of_error
handle_features(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct of_features_reply reply = {
		.datapath_id = conn->bridge->datapath_id,
		.n_tables = TABLES_N - 1,
		.capabilities = CAPABILITIES,
	};
	struct wire_out ports;

	wire_out_init(&ports, conn->version);
	if (conn->version != OF10)
		reply.capabilities |= CAPABILITY_GROUPS;
	if (conn->version >= OF14)
		reply.capabilities |= CAPABILITIES_14;
	if (conn->version == OF10) {
		reply.capabilities |= CAPABILITY_ARP_MATCH;
		reply.actions = ACTIONS_10;
		put_ports(conn, &ports, NULL);
	}
	reply.ports = (struct wire_bytes){
		.data = ports.data,
		.n = (uint32_t)ports.n,
		.version = conn->version,
	};
	conn_reply(conn, head, &of_features_reply_type, &reply);
	wire_out_fini(&ports);
	return OF_OK;
}

static enum of_error
handle_port_desc(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct message_parts parts;

	message_parts_begin(&parts, &conn->out, &of_port_desc_reply_type, head->xid);
	put_ports(conn, &conn->out, &parts);
	message_parts_end(&parts);
	return OF_OK;
}

static void
put_port_stats(struct conn *conn, const struct view_port *port, struct message_parts *parts)
{
	const struct port *device = device_of(port);
	int64_t age = clock_ms() - port->since_ms;
	struct of_port_stats stats = {
		.port_no = port->number,
		.duration_sec = (uint32_t)(age / 1000),
		.duration_nsec = (uint32_t)(age % 1000 * 1000000),
	};
	struct port_stats counts = {0};

	if (device)
		port_get_stats(device, &counts);
	stats.rx_packets = counts.rx_packets;
	stats.tx_packets = counts.tx_packets;
	stats.rx_bytes = counts.rx_bytes;
	stats.tx_bytes = counts.tx_bytes;
	stats.rx_dropped = counts.rx_dropped;
	stats.tx_dropped = counts.tx_dropped;
	stats.rx_errors = counts.rx_errors;
	stats.tx_errors = counts.tx_errors;
	of_port_stats_encode(&conn->out, &stats);
	message_parts_next(parts);
}

static enum of_error handle_port_stats(
	struct conn *conn, const struct message_head *head, const union message_body *body
)
{
	const struct view_bridge *view = conn->bridge->view;
	uint32_t number = body->port_stats_request.port_no;
	struct message_parts parts;

	if (number != PORT_ANY && (!view || !view_find_port(view, number)))
		return OF_BRC_BAD_PORT;
	message_parts_begin(&parts, &conn->out, &of_port_stats_reply_type, head->xid);
	for (unsigned i = 0; view && i < view->n_ports; i++)
		if (number == PORT_ANY || view->ports[i]->number == number)
			put_port_stats(conn, view->ports[i], &parts);
	message_parts_end(&parts);
	return OF_OK;
}

static enum of_error
handle_desc(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct of_desc_reply reply = {
		.mfr_desc = "weir",
		.hw_desc = "weir",
	};
	const struct bridge *bridge = conn->bridge;

	snprintf(reply.sw_desc, sizeof(reply.sw_desc), "%s", version_get());
	snprintf(
		reply.dp_desc,
		sizeof(reply.dp_desc),
		"%.255s",
		bridge->desc ? bridge->desc : bridge->name
	);
	snprintf(
		reply.serial_num,
		sizeof(reply.serial_num),
		"%.31s",
		bridge->serial ? bridge->serial : "None"
	);
	conn_reply(conn, head, &of_desc_reply_type, &reply);
	return OF_OK;
}

MESSAGE_ROOM(features, MESSAGE_FEATURES_REQUEST);
MESSAGE_ROOM(port_desc, MESSAGE_PORT_DESC_REQUEST);
MESSAGE_ROOM(port_stats, MESSAGE_PORT_STATS_REQUEST);
MESSAGE_ROOM(desc, MESSAGE_DESC_REQUEST);

/* SPDX-License-Identifier: Apache-2.0 */

/* Messages that describe the switch and its ports.  */

#include <stdio.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/clock.h"
#include "lib/control/version.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/conn/port_status.h"
#include "ofproto/messages/items.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/messages.h"

enum {
	CAPABILITIES = 1 | 2 | 4 | 64, /* counts of flows, tables, ports and queues */
	CAPABILITY_GROUPS = 8, /* since OpenFlow 1.1: counts of groups */
	CAPABILITIES_14 = 0x200 | 0x400, /* since OpenFlow 1.4: bundles, flow monitors */
	CAPABILITY_ARP_MATCH = 128, /* OpenFlow 1.0: looks into ARP */
	ACTIONS_10 = 0xfff, /* OpenFlow 1.0: output to enqueue */
	PROPERTY_ETHERNET = 0,
};

static const struct port *device_of(const struct view_port *port)
{
	return port->id ? port_by_id(port->id) : NULL;
}

static uint32_t *list_ports(const struct view_bridge *view, unsigned *n)
{
	uint32_t *numbers = XNEW_N(uint32_t, view ? view->n_ports + 1 : 1);

	*n = view ? view->n_ports : 0;
	for (unsigned i = 0; i < *n; i++)
		numbers[i] = view->ports[i]->number;
	return numbers;
}

static const struct view_port *find_port(const struct conn *conn, uint32_t number)
{
	return conn->bridge->view ? view_find_port(conn->bridge->view, number) : NULL;
}

static enum of_error
answer(struct conn *conn,
       const struct message_head *head,
       uint32_t number,
       const struct message_type *type,
       item_put_fn *put)
{
	if (number == PORT_ANY) {
		unsigned n;
		uint32_t *numbers = list_ports(conn->bridge->view, &n);

		items_answer(conn, head, type, put, numbers, n);
	} else if (find_port(conn, number)) {
		items_answer_one(conn, head, type, put, number);
	} else {
		return OF_BRC_BAD_PORT;
	}
	return OF_OK;
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
		const struct view_bridge *view = conn->bridge->view;

		for (unsigned i = 0; view && i < view->n_ports; i++)
			port_put(view->ports[i], &ports);
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

static bool put_port_desc(struct conn *conn, uint32_t number)
{
	const struct view_port *port = find_port(conn, number);

	if (port)
		port_put(port, &conn->out);
	return port;
}

static enum of_error
handle_port_desc(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	/* Before OpenFlow 1.5 all are meant. */
	return answer(
		conn, head, body->port_desc_request.port_no, &of_port_desc_reply_type, put_port_desc
	);
}

/* Counts that newer versions have in a property. */
static void put_ethernet(struct of_port_stats *stats, uint8_t version, struct wire_out *properties)
{
	wire_out_init(properties, version);
	wire_put_u16(properties, PROPERTY_ETHERNET);
	wire_put_u16(properties, 40);
	wire_put_zeros(properties, 4);
	wire_put_u64(properties, stats->rx_frame_err);
	wire_put_u64(properties, stats->rx_over_err);
	wire_put_u64(properties, stats->rx_crc_err);
	wire_put_u64(properties, stats->collisions);
	stats->properties = (struct wire_bytes){
		.data = properties->data,
		.n = (uint32_t)properties->n,
		.version = version,
	};
}

static bool put_port_stats(struct conn *conn, uint32_t number)
{
	const struct view_port *port = find_port(conn, number);

	if (!port)
		return false;
	const struct port *device = device_of(port);
	int64_t age = clock_ms() - port->since_ms;
	struct of_port_stats stats = {
		.port_no = port->number,
		.duration_sec = (uint32_t)(age / 1000),
		.duration_nsec = (uint32_t)(age % 1000 * 1000000),
	};
	struct port_stats counts = {0};
	struct wire_out properties = {.data = NULL};

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
	/* What goes wrong on a wire no device tells us. */
	stats.rx_frame_err = stats.rx_over_err = stats.rx_crc_err = stats.collisions = UINT64_MAX;
	if (conn->version >= OF14)
		put_ethernet(&stats, conn->version, &properties);
	of_port_stats_encode(&conn->out, &stats);
	wire_out_fini(&properties);
	return true;
}

static enum of_error handle_port_stats(
	struct conn *conn, const struct message_head *head, const union message_body *body
)
{
	return answer(
		conn,
		head,
		body->port_stats_request.port_no,
		&of_port_stats_reply_type,
		put_port_stats
	);
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

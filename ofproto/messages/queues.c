/* SPDX-License-Identifier: Apache-2.0 */

/* Questions about queues. Ports have none of their own yet: what set_queue says is for devices that
 * police, and nobody counts by queue.  */

#include "lib/flow/names.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/view.h"
#include "ofproto/wire/messages.h"

enum {
	QUEUE_ALL = 0xffffffffU
};

static enum of_error check(const struct conn *conn, uint32_t port, uint32_t queue)
{
	const struct view_bridge *view = conn->bridge->view;
	/* OpenFlow 1.0 has another word for all of them. */
	bool all = port == PORT_ANY || (conn->version == OF10 && port == PORT_ALL);

	if (!all && (!view || !view_find_port(view, port)))
		return OF_QOFC_BAD_PORT;
	return queue == QUEUE_ALL ? OF_OK : OF_QOFC_BAD_QUEUE;
}

static enum of_error
handle_stats(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct of_queue_stats_request *request = &body->queue_stats_request;
	struct of_queue_stats_reply reply = {0};
	enum of_error error = check(conn, request->port_no, request->queue_id);

	if (!error)
		conn_reply(conn, head, &of_queue_stats_reply_type, &reply);
	return error;
}

static enum of_error
handle_desc(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct of_queue_desc_request *request = &body->queue_desc_request;
	struct of_queue_desc_reply reply = {0};
	enum of_error error = check(conn, request->port_no, request->queue_id);

	if (!error)
		conn_reply(conn, head, &of_queue_desc_reply_type, &reply);
	return error;
}

static enum of_error
handle_config(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct of_queue_get_config_reply reply = {
		.port_no = body->queue_get_config_request.port_no,
	};
	enum of_error error = check(conn, reply.port_no, QUEUE_ALL);

	if (!error)
		conn_reply(conn, head, &of_queue_get_config_reply_type, &reply);
	return error;
}

MESSAGE_ROOM(stats, MESSAGE_QUEUE_STATS_REQUEST);
MESSAGE_ROOM(desc, MESSAGE_QUEUE_DESC_REQUEST);
MESSAGE_ROOM(config, MESSAGE_QUEUE_GET_CONFIG_REQUEST);

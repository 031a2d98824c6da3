/* SPDX-License-Identifier: Apache-2.0 */

/* Questions about queues: those into which the QoS of a port divides what leaves by it. Their rates are
 * no part of the answers, which could only tell them as parts of a link's speed.  */

#include "datapath/meter/policing.h"
#include "datapath/port.h"
#include "lib/clock.h"
#include "lib/flow/names.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/view.h"
#include "ofproto/wire/messages.h"

enum {
	QUEUE_ALL = 0xffffffffU,
	REPLY_MAX = 65520, /* a multiple of the queues' 16 bytes; OpenFlow 1.0's have 8 */
};

/* One queue, as it is told. */
struct queue {
	uint32_t port, number;
	const struct policing *policing;
	unsigned place;
};

struct dump {
	struct wire_out *out;
	struct message_parts *parts; /* or NULL: one message has them all */
	void (*put)(const struct queue *queue, struct wire_out *out);
	unsigned n;
};

static bool is_all(const struct conn *conn, uint32_t port)
{
	/* OpenFlow 1.0 has another word for all of them. */
	return port == PORT_ANY || (conn->version == OF10 && port == PORT_ALL);
}

static void dump_port(struct dump *dump, const struct view_port *port, uint32_t queue)
{
	const struct port *device = port->id ? port_by_id(port->id) : NULL;
	const struct policing *policing = device ? device->policing : NULL;
	const struct policing_config *config = policing ? policing_config_of(policing) : NULL;

	for (unsigned i = 0; config && i < config->n_queues; i++) {
		struct queue row = {port->number, config->queues[i].number, policing, i};

		if (queue != QUEUE_ALL && queue != row.number)
			continue;
		dump->put(&row, dump->out);
		dump->n++;
		if (dump->parts)
			message_parts_next(dump->parts);
	}
}

static enum of_error
dump_queues(const struct conn *conn, uint32_t port, uint32_t queue, struct dump *dump)
{
	const struct view_bridge *view = conn->bridge->view;
	bool all = is_all(conn, port), found = all;

	for (unsigned i = 0; view && i < view->n_ports; i++)
		if (all || view->ports[i]->number == port) {
			found = true;
			dump_port(dump, view->ports[i], queue);
		}
	if (!found)
		return OF_QOFC_BAD_PORT;
	return dump->n || queue == QUEUE_ALL ? OF_OK : OF_QOFC_BAD_QUEUE;
}

/* A multipart reply; nothing of it is left if there is an error. */
static enum of_error
answer(struct conn *conn,
       const struct message_head *head,
       const struct message_type *type,
       uint32_t port,
       uint32_t queue,
       void (*put)(const struct queue *queue, struct wire_out *out))
{
	struct message_parts parts;
	struct dump dump = {.out = &conn->out, .parts = &parts, .put = put};
	size_t start = conn->out.n;
	enum of_error error;

	message_parts_begin(&parts, &conn->out, type, head->xid);
	error = dump_queues(conn, port, queue, &dump);
	message_parts_end(&parts);
	if (error)
		conn->out.n = start;
	return error;
}

static void put_stats(const struct queue *queue, struct wire_out *out)
{
	struct policing_counts counts;

	policing_get_counts(queue->policing, queue->place, &counts);
	int64_t age = clock_ms() - counts.since_ms;
	const struct of_queue_stats stats = {
		.port_no = queue->port,
		.queue_id = queue->number,
		.tx_bytes = counts.bytes,
		.tx_packets = counts.packets,
		.tx_errors = counts.dropped,
		.duration_sec = (uint32_t)(age / 1000),
		.duration_nsec = (uint32_t)(age % 1000 * 1000000),
	};

	of_queue_stats_encode(out, &stats);
}

static enum of_error
handle_stats(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct of_queue_stats_request *request = &body->queue_stats_request;

	return answer(
		conn,
		head,
		&of_queue_stats_reply_type,
		request->port_no,
		request->queue_id,
		put_stats
	);
}

static void put_desc(const struct queue *queue, struct wire_out *out)
{
	const struct of_queue_desc desc = {.port_no = queue->port, .queue_id = queue->number};

	of_queue_desc_encode(out, &desc);
}

static enum of_error
handle_desc(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct of_queue_desc_request *request = &body->queue_desc_request;

	return answer(
		conn, head, &of_queue_desc_reply_type, request->port_no, request->queue_id, put_desc
	);
}

static void put_config(const struct queue *queue, struct wire_out *out)
{
	const struct of_packet_queue config = {.port_no = queue->port, .queue_id = queue->number};

	of_packet_queue_encode(out, &config);
}

/* Before OpenFlow 1.4 the answer is one message: a port's queues, or as many as go into it. */
static enum of_error
handle_config(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct of_queue_get_config_reply reply = {
		.port_no = body->queue_get_config_request.port_no,
	};
	struct wire_out queues;
	struct dump dump = {.out = &queues, .put = put_config};
	enum of_error error;

	wire_out_init(&queues, conn->version);
	error = dump_queues(conn, reply.port_no, QUEUE_ALL, &dump);
	reply.queues = (struct wire_bytes){
		.data = queues.data,
		.n = (uint32_t)(queues.n < REPLY_MAX ? queues.n : REPLY_MAX),
		.version = conn->version,
	};
	if (!error)
		conn_reply(conn, head, &of_queue_get_config_reply_type, &reply);
	wire_out_fini(&queues);
	return error;
}

MESSAGE_ROOM(stats, MESSAGE_QUEUE_STATS_REQUEST);
MESSAGE_ROOM(desc, MESSAGE_QUEUE_DESC_REQUEST);
MESSAGE_ROOM(config, MESSAGE_QUEUE_GET_CONFIG_REQUEST);

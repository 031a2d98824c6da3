/* SPDX-License-Identifier: Apache-2.0 */

/* Queues: counted and described.  */

#include "ofproto/wire/show/show_priv.h"

enum {
	MIN_RATE = 1,
	MAX_RATE = 2,
	RATE_MAX = 1000, /* in tenths of a percent */
};

static void add_choice(uint32_t port, uint32_t queue, const struct show *show, struct strbuf *out)
{
	strbuf_add(out, " port=");
	names_format_port(show->names, port, out);
	if (queue == UINT32_MAX)
		strbuf_add(out, " queue=ALL");
	else
		strbuf_addf(out, " queue=%u", queue);
}

static void show_request(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_queue_stats_request *m = &body->queue_stats_request;

	/* OpenFlow 1.0's way to say all ports. */
	add_choice(
		m->port_no == PORT_ALL ? (uint32_t)PORT_ANY : m->port_no, m->queue_id, show, out
	);
}

static void show_desc_request(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_queue_desc_request *m = &body->queue_desc_request;

	strbuf_add(out, " port=");
	names_format_port(show->names, m->port_no, out);
	if (m->queue_id != UINT32_MAX)
		strbuf_addf(out, " queue=%u", m->queue_id);
}

static void show_config_request(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	strbuf_add(out, " port=");
	names_format_port(show->names, body->queue_get_config_request.port_no, out);
}

static void show_stats(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *bytes = &body->queue_stats_reply.queues;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_queue_stats queue = {0};
	unsigned n = 0;

	while (of_queue_stats_next(&list, &queue))
		n++;
	strbuf_addf(out, " %u queues\n", n);
	list = wire_in(bytes->data, bytes->n, bytes->version);
	while (of_queue_stats_next(&list, &queue)) {
		strbuf_add(out, "  port ");
		names_format_port(show->names, queue.port_no, out);
		strbuf_addf(
			out,
			" queue %u: bytes=%llu, pkts=%llu, errors=%llu, duration=",
			queue.queue_id,
			(unsigned long long)queue.tx_bytes,
			(unsigned long long)queue.tx_packets,
			(unsigned long long)queue.tx_errors
		);
		if (head->version < OF13) {
			strbuf_add(out, "?\n");
			continue;
		}
		show_duration(queue.duration_sec, queue.duration_nsec, out);
		strbuf_add(out, "s\n");
	}
}

static void add_rate(const char *word, unsigned rate, struct strbuf *out)
{
	if (rate <= RATE_MAX)
		strbuf_addf(out, " %s:%u.%u%%", word, rate / 10, rate % 10);
}

/* The head of a line, and before it the port's if it is another. */
static void begin_queue(
	uint32_t *port, uint32_t new, uint32_t queue, const struct show *show, struct strbuf *out
)
{
	if (new != *port) {
		strbuf_add(out, " port=");
		names_format_port(show->names, new, out);
		strbuf_add_char(out, '\n');
	}
	*port = new;
	strbuf_addf(out, "queue %u:", queue);
}

static void show_config(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_queue_get_config_reply *m = &body->queue_get_config_reply;
	struct wire_in list = wire_in(m->queues.data, m->queues.n, m->queues.version);
	struct of_packet_queue queue = {0};
	uint32_t port = PORT_UNSET;

	while (of_packet_queue_next(&list, &queue)) {
		struct wire_in properties =
			wire_in(queue.properties.data, queue.properties.n, head->version);
		struct wire_in p;
		uint16_t type;

		begin_queue(
			&port,
			head->version == OF10 ? m->port_no : queue.port_no,
			queue.queue_id,
			show,
			out
		);
		while (wire_property(&properties, &type, &p)) {
			wire_skip(&p, 4);
			if (type == MIN_RATE || type == MAX_RATE)
				add_rate(
					type == MIN_RATE ? "min_rate" : "max_rate",
					wire_u16(&p),
					out
				);
		}
		strbuf_add_char(out, '\n');
	}
}

static void show_desc(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *bytes = &body->queue_desc_reply.queues;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	uint32_t port = PORT_UNSET;
	struct of_queue_desc queue = {0};

	while (of_queue_desc_next(&list, &queue)) {
		struct wire_in properties =
			wire_in(queue.properties.data, queue.properties.n, head->version);
		struct wire_in p;
		uint16_t type;

		begin_queue(&port, queue.port_no, queue.queue_id, show, out);
		while (wire_property(&properties, &type, &p))
			if (type == MIN_RATE || type == MAX_RATE)
				add_rate(
					type == MIN_RATE ? "min_rate" : "max_rate",
					wire_u16(&p),
					out
				);
		strbuf_add_char(out, '\n');
	}
}

MESSAGE_SHOW(queue_stats_request, MESSAGE_QUEUE_STATS_REQUEST, show_request);
MESSAGE_SHOW(queue_stats, MESSAGE_QUEUE_STATS_REPLY, show_stats);
MESSAGE_SHOW(queue_desc_request, MESSAGE_QUEUE_DESC_REQUEST, show_desc_request);
MESSAGE_SHOW(queue_desc, MESSAGE_QUEUE_DESC_REPLY, show_desc);
MESSAGE_SHOW(queue_config_request, MESSAGE_QUEUE_GET_CONFIG_REQUEST, show_config_request);
MESSAGE_SHOW(queue_config, MESSAGE_QUEUE_GET_CONFIG_REPLY, show_config);

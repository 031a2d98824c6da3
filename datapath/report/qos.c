/* SPDX-License-Identifier: Apache-2.0 */

/* What leaves by a port: how it is limited.  */

#include <errno.h>

#include "datapath/meter/policing.h"
#include "datapath/port.h"
#include "lib/command.h"
#include "lib/errbuf.h"
#include "lib/strbuf.h"

static struct port *find(const char *name, struct errbuf *err)
{
	struct port *port = port_find(name);

	if (!port)
		errbuf_set(err, -ENODEV, "%s: no such port", name);
	return port;
}

static json_t *queue_object(const struct policing_queue *queue)
{
	return json_pack(
		"{s:i, s:I, s:I, s:I, s:I}",
		"queue",
		(int)queue->number,
		"cir",
		(json_int_t)queue->committed.rate,
		"cbs",
		(json_int_t)queue->committed.burst,
		"eir",
		(json_int_t)queue->excess.rate,
		"ebs",
		(json_int_t)queue->excess.burst
	);
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	struct port *port = find(call->argv[0], err);
	const struct policing_config *config;
	json_t *queues;
	bool plain;

	if (!port)
		return NULL;
	config = port->policing ? policing_config_of(port->policing) : NULL;
	if (!config || !config->n_queues)
		return json_pack("{s:s}", "port", port->name);
	queues = json_array();
	for (unsigned i = 0; i < config->n_queues; i++)
		json_array_append_new(queues, queue_object(&config->queues[i]));
	plain = config->n_queues == 1 && !config->queues[0].excess.rate;
	return json_pack(
		"{s:s, s:s, s:o}",
		"port",
		port->name,
		"type",
		plain ? "egress-policer" : "trtcm-policer",
		"queues",
		queues
	);
}

static void format_queue(const json_t *queue, bool is_default, struct strbuf *out)
{
	static const char *const keys[] = {"cir", "cbs", "eir", "ebs"};

	if (is_default)
		strbuf_add(out, "Default:\n");
	else
		strbuf_addf(
			out,
			"Queue %lld:\n",
			(long long)json_integer_value(json_object_get(queue, "queue"))
		);
	for (unsigned i = 0; i < ARRAY_LENGTH(keys); i++) {
		long long value = json_integer_value(json_object_get(queue, keys[i]));

		if (value || i < 2)
			strbuf_addf(out, "  %s: %lld\n", keys[i], value);
	}
}

static void format_show(const json_t *answer, struct strbuf *out)
{
	const char *port = json_string_value(json_object_get(answer, "port"));
	const char *type = json_string_value(json_object_get(answer, "type"));
	size_t i;
	json_t *queue;

	if (!type) {
		strbuf_addf(out, "QoS not configured on %s\n", port);
		return;
	}
	strbuf_addf(out, "QoS: %s %s\n", port, type);
	json_array_foreach(json_object_get(answer, "queues"), i, queue) {
		strbuf_add(out, "\n");
		format_queue(queue, i == 0, out);
	}
}
MGMT_COMMAND_TEXT(
	qos_show,
	"qos/show",
	"PORT",
	1,
	1,
	cmd_show,
	"How what leaves by a port is limited: bytes and bytes per second of each queue.",
	format_show
);

static json_t *cmd_types(struct command_call *call, struct errbuf *err)
{
	return find(call->argv[0], err) ? json_pack("[s,s]", "egress-policer", "trtcm-policer")
					: NULL;
}

static void format_types(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *type;

	json_array_foreach(answer, i, type)
		strbuf_addf(out, "QoS type: %s\n", json_string_value(type));
}
MGMT_COMMAND_TEXT(
	qos_show_types,
	"qos/show-types",
	"PORT",
	1,
	1,
	cmd_types,
	"The kinds of limits that a port knows (QoS.type).",
	format_types
);

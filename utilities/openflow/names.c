/* SPDX-License-Identifier: Apache-2.0 */

/* The names of a switch's ports and tables. Numbers never need them, so they are asked for when the
 * first name stands in a text, or when names shall be shown.  */

#include "lib/flow/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/near.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/messages.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

enum {
	PORT_NAME_SIZE = 16,
	TABLE_NAME_SIZE = 32,
	TABLES = 256,
};

struct known_port {
	uint32_t number;
	char name[PORT_NAME_SIZE + 1];
};

static struct {
	struct ofconn *conn; /* to ask, until it was */
	struct known_port *ports;
	size_t n_ports;
	char tables[TABLES][TABLE_NAME_SIZE + 1];
	bool asked_ports, asked_tables;
} known;

static void
add_ports(const struct message_head *head, const union message_body *body, void *context)
{
	const struct wire_bytes *bytes = head->type->id == MESSAGE_FEATURES_REPLY
		? &body->features_reply.ports
		: &body->port_desc_reply.ports;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_port port = {0};

	while (of_port_next(&list, &port)) {
		struct known_port *to;

		known.ports = xrealloc(known.ports, (known.n_ports + 1) * sizeof(known.ports[0]));
		to = &known.ports[known.n_ports++];
		to->number = port.port_no;
		memcpy(to->name, port.name, sizeof(to->name));
	}
}

static void
add_tables(const struct message_head *head, const union message_body *body, void *context)
{
	const struct wire_bytes *bytes = &body->table_features_reply.tables;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_table_features table = {0};
	struct of_table_stats old = {0};

	if (head->type->id == MESSAGE_TABLE_FEATURES_REPLY) {
		while (of_table_features_next(&list, &table))
			memcpy(known.tables[table.table_id], table.name, TABLE_NAME_SIZE + 1);
		return;
	}
	bytes = &body->table_stats_reply.tables;
	list = wire_in(bytes->data, bytes->n, bytes->version);
	while (of_table_stats_next(&list, &old))
		memcpy(known.tables[old.table_id], old.name, TABLE_NAME_SIZE + 1);
}

/* OpenFlow 1.0 has names in its features and statistics. */
static void ask(const struct message_type *old, const struct message_type *type, talk_fn *each)
{
	uint8_t version = known.conn ? ofconn_version(known.conn) : 0;
	const struct message_type *request = version == OF10 ? old : type;
	union message_body *body = XNEW(union message_body);
	struct wire_out out;
	uint32_t xid;

	if (known.conn && message_has_version(request, version)) {
		wire_out_init(&out, version);
		xid = ofconn_xid(known.conn);
		body->port_desc_request.port_no =
			request == &of_port_desc_request_type ? (uint32_t)PORT_ANY : 0;
		message_encode(&out, request, xid, body);
		talk_ask(known.conn, &out, xid, each, NULL);
		wire_out_fini(&out);
	}
	free(body);
}

static void need_ports(void)
{
	if (known.asked_ports)
		return;
	known.asked_ports = true;
	ask(&of_features_request_type, &of_port_desc_request_type, add_ports);
}

static void need_tables(void)
{
	if (known.asked_tables)
		return;
	known.asked_tables = true;
	ask(&of_table_stats_request_type, &of_table_features_request_type, add_tables);
}

static bool port_number(void *context, const char *name, uint32_t *number)
{
	need_ports();
	for (size_t i = 0; i < known.n_ports; i++)
		if (!strcmp(known.ports[i].name, name)) {
			*number = known.ports[i].number;
			return true;
		}
	return false;
}

static const char *port_name(void *context, uint32_t number)
{
	for (size_t i = 0; i < known.n_ports; i++)
		if (known.ports[i].number == number)
			return known.ports[i].name;
	return NULL;
}

static bool table_number(void *context, const char *name, uint8_t *number)
{
	need_tables();
	for (unsigned i = 0; i < TABLES; i++)
		if (*name && !strcmp(known.tables[i], name)) {
			*number = (uint8_t)i;
			return true;
		}
	return false;
}

static const char *table_name(void *context, uint8_t number)
{
	return *known.tables[number] ? known.tables[number] : NULL;
}

static void port_near(void *context, struct near *near)
{
	for (size_t i = 0; i < known.n_ports; i++)
		near_add(near, known.ports[i].name);
}

static const struct names names = {
	.port_number = port_number,
	.port_name = port_name,
	.table_number = table_number,
	.table_name = table_name,
	.port_near = port_near,
};

const struct names *talk_names(struct ofconn *conn)
{
	if (options.names == NAMES_NEVER)
		return NULL;
	if (conn)
		known.conn = conn;
	return &names;
}

const struct names *talk_shown_names(struct ofconn *conn)
{
	bool wanted = options.names == NAMES_ALWAYS ||
		(options.names == NAMES_ON_TERMINALS && isatty(STDOUT_FILENO));

	if (!wanted)
		return NULL;
	if (conn) {
		known.conn = conn;
		need_ports();
		need_tables();
	}
	return &names;
}

void talk_forget_names(void)
{
	free(known.ports);
	memset(&known, 0, sizeof(known));
}

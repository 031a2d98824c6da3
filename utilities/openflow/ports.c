/* SPDX-License-Identifier: Apache-2.0 */

/* Commands that set up ports and tables.  */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/names.h"
#include "lib/near.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/messages.h"
#include "utilities/openflow/load.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

enum {
	EVICTION = 4, /* of a table's configuration */
	VACANCY = 8,
	PROPERTY_VACANCY = 3,
};

/* What may be said of a port: a bit, set or cleared. */
static const struct {
	const char *name;
	uint32_t bit;
	bool set;
} actions[] = {
	{"up", 0x01, false},
	{"down", 0x01, true},
	{"stp", 0x02, false},
	{"no-stp", 0x02, true},
	{"receive", 0x04, false},
	{"no-receive", 0x04, true},
	{"receive-stp", 0x08, false},
	{"no-receive-stp", 0x08, true},
	{"flood", 0x10, false},
	{"no-flood", 0x10, true},
	{"forward", 0x20, false},
	{"no-forward", 0x20, true},
	{"packet-in", 0x40, false},
	{"no-packet-in", 0x40, true},
};

static void find_port(const struct message_head *head, const union message_body *body, void *port_)
{
	const struct wire_bytes *bytes = head->type->id == MESSAGE_FEATURES_REPLY
		? &body->features_reply.ports
		: &body->port_desc_reply.ports;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_port port = {0}, *wanted = port_;

	while (of_port_next(&list, &port))
		if (port.port_no == wanted->port_no)
			*wanted = port;
}

/* The port as the switch describes it: a change needs its address. */
static int get_port(struct ofconn *conn, struct of_port *port, struct errbuf *err)
{
	bool old = ofconn_version(conn) == OF10;
	const struct of_port_desc_request all = {.port_no = PORT_ANY};
	uint32_t xid = ofconn_xid(conn);
	struct wire_out out;
	int status;

	wire_out_init(&out, ofconn_version(conn));
	message_encode(
		&out, old ? &of_features_request_type : &of_port_desc_request_type, xid, &all
	);
	status = talk_ask(conn, &out, xid, find_port, port);
	wire_out_fini(&out);
	if (status)
		return errbuf_set(err, -EPROTO, "the switch does not describe its ports");
	if (!*port->name)
		return errbuf_set(err, -ENOENT, "the switch has no port %u", port->port_no);
	return 0;
}

static int find_action(const char *word, unsigned *action, struct errbuf *err)
{
	struct near near;

	near_init(&near, word);
	for (*action = 0; *action < ARRAY_LENGTH(actions); ++*action) {
		if (!strcmp(word, actions[*action].name))
			return 0;
		near_add(&near, actions[*action].name);
	}
	return near_refuse(
		&near,
		err,
		-EINVAL,
		"'%s' is nothing that can be done to a port, see ofctl --help",
		word
	);
}

static int run_mod_port(const struct ofctl_command *command, char **args, int n)
{
	struct of_port port = {0};
	struct of_port_mod mod = {0};
	struct errbuf err = {0};
	struct ofconn *conn;
	struct load load;
	unsigned action;
	int status = EXIT_ERROR;

	if (find_action(args[2], &action, &err))
		return fail(&err);
	conn = talk_open(command, args[0]);
	if (!conn)
		return EXIT_ERROR;
	if (!names_parse_port(talk_names(conn), args[1], &port.port_no)) {
		errbuf_set(&err, -ENOENT, "%s: the switch has no port of that name", args[1]);
		return talk_end(conn, fail(&err));
	}
	if (get_port(conn, &port, &err))
		return talk_end(conn, fail(&err));
	mod.port_no = port.port_no;
	mod.hw_addr = port.hw_addr;
	mod.mask = actions[action].bit;
	mod.config = actions[action].set ? mod.mask : 0;
	load_init(&load, conn);
	message_encode(&load.out, &of_port_mod_type, load_xid(&load, 0), &mod);
	status = load_send(&load);
	load_fini(&load);
	return talk_end(conn, status);
}

/* Tables. */

static void find_table(const struct message_head *head, const union message_body *body, void *mod_)
{
	const struct wire_bytes *bytes = &body->table_desc_reply.tables;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_table_mod *mod = mod_;
	struct of_table_desc table = {0};

	while (of_table_desc_next(&list, &table))
		if (table.table_id == mod->table_id)
			mod->config = table.config;
}

/* What is not asked for stays as it is. */
static int get_table(struct ofconn *conn, struct of_table_mod *mod)
{
	uint32_t xid = ofconn_xid(conn);
	struct wire_out out;
	int status;

	wire_out_init(&out, ofconn_version(conn));
	message_encode(&out, &of_table_desc_request_type, xid, mod);
	status = talk_ask(conn, &out, xid, find_table, mod);
	wire_out_fini(&out);
	return status;
}

static int parse_table_change(
	const char *word, struct of_table_mod *mod, struct wire_out *properties, struct errbuf *err
)
{
	unsigned low, high;

	if (!strcmp(word, "evict")) {
		mod->config |= EVICTION;
	} else if (!strcmp(word, "noevict")) {
		mod->config &= ~(uint32_t)EVICTION;
	} else if (!strcmp(word, "novacancy")) {
		mod->config &= ~(uint32_t)VACANCY;
	} else if (sscanf(word, "vacancy:%u,%u", &low, &high) == 2) {
		if (low >= high || high > 100)
			return errbuf_set(
				err, -EINVAL, "'%s': give percents, the lower one first", word
			);
		mod->config |= VACANCY;
		wire_put_u16(properties, PROPERTY_VACANCY);
		wire_put_u16(properties, 8);
		wire_put_u8(properties, (uint8_t)low);
		wire_put_u8(properties, (uint8_t)high);
		wire_put_zeros(properties, 2);
	} else {
		return errbuf_set(
			err,
			-EINVAL,
			"'%s' is not evict, noevict, vacancy:LOW,HIGH or novacancy",
			word
		);
	}
	return 0;
}

static int run_mod_table(const struct ofctl_command *command, char **args, int n)
{
	struct of_table_mod mod = {0};
	struct wire_out properties;
	struct errbuf err = {0};
	struct ofconn *conn = talk_open(command, args[0]);
	struct load load;
	int status = EXIT_ERROR;

	if (!conn)
		return EXIT_ERROR;
	wire_out_init(&properties, ofconn_version(conn));
	if (!names_parse_table(talk_names(conn), args[1], &mod.table_id)) {
		errbuf_set(&err, -ENOENT, "%s: the switch has no table of that name", args[1]);
		status = fail(&err);
	} else if (!get_table(conn, &mod)) {
		status = parse_table_change(args[2], &mod, &properties, &err) ? fail(&err)
									      : EXIT_FINE;
	}
	if (!status) {
		mod.properties = (struct wire_bytes
		){properties.data, (uint32_t)properties.n, properties.version};
		load_init(&load, conn);
		message_encode(&load.out, &of_table_mod_type, load_xid(&load, 0), &mod);
		status = load_send(&load);
		load_fini(&load);
	}
	wire_out_fini(&properties);
	return talk_end(conn, status);
}

OFCTL_COMMAND(
	mod_port,
	.name = "mod-port",
	.arguments = "SWITCH PORT ACTION",
	.min_args = 3,
	.max_args = 3,
	.help = "Sets up a port: up, down, flood, no-flood, receive, no-receive, forward, no-forward, "
		"packet-in, no-packet-in, stp, no-stp, receive-stp or no-receive-stp.",
	.run = run_mod_port,
	.changes = true
);
OFCTL_COMMAND(
	mod_table,
	.name = "mod-table",
	.arguments = "SWITCH TABLE SETTING",
	.min_args = 3,
	.max_args = 3,
	.help = "Sets up a table: evict, noevict, vacancy:LOW,HIGH or novacancy.",
	.run = run_mod_table,
	.versions = OFCTL_SINCE(OF14),
	.changes = true
);

/* SPDX-License-Identifier: Apache-2.0 */

/* Commands about packets: sending them and seeing what is sent to controllers.  */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/near.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/messages.h"
#include "utilities/openflow/load.h"
#include "utilities/openflow/mods.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

enum {
	PACKET_MAX = 65535 - 128,
	MISS_SEND_LEN_ALL = 65535,
	INVALID_TTL = 4, /* of the configuration's flags */
};

struct out {
	struct of_packet_out *m;
	const struct names *names;
	uint8_t *packet;
	size_t n;
	bool has_packet, has_actions;
};

static int parse_word(struct out *out, char *key, char *value, struct errbuf *err)
{
	static const char *const words[] = {"in_port", "packet", "actions", "packet_type"};
	struct near near;
	int error;

	if (!strcmp(key, "in_port")) {
		if (value && names_parse_port(out->names, value, &out->m->in_port))
			return 0;
		return errbuf_set(
			err, -EINVAL, "in_port: no port is named '%s'", value ? value : ""
		);
	}
	if (!strcmp(key, "packet")) {
		out->has_packet = true;
		if (value && action_parse_hex(value, out->packet, PACKET_MAX, &out->n))
			return 0;
		return errbuf_set(err, -EINVAL, "packet: give pairs of hex digits");
	}
	error = match_parse_word(&out->m->match, key, value, out->names, err);
	if (error != -ENOENT)
		return error;
	near_init(&near, key);
	match_near(&near);
	for (unsigned i = 0; i < ARRAY_LENGTH(words); i++)
		near_add(&near, words[i]);
	return near_refuse(&near, err, -EINVAL, "%s: unknown word", key);
}

static int encode(struct load *load, struct out *out, unsigned line, struct errbuf *err)
{
	struct of_packet_out *m = out->m;

	m->buffer_id = UINT32_MAX;
	m->data = (struct wire_bytes){out->packet, (uint32_t)out->n, load->out.version};
	match_set_number(&m->match, &fields[FIELD_IN_PORT_OXM], m->in_port);
	message_encode(&load->out, &of_packet_out_type, load_xid(load, line), m);
	return action_check_lost(&load->out, err);
}

static void fini(struct out *out)
{
	of_packet_out_fini(out->m);
	free(out->m);
	free(out->packet);
}

static void init(struct out *out, struct load *load)
{
	*out = (struct out){
		.m = XNEW(struct of_packet_out),
		.names = talk_names(load->conn),
		.packet = xmalloc(PACKET_MAX),
	};
	out->m->in_port = PORT_CONTROLLER;
	match_init(&out->m->match, NULL);
}

/* The words end where "actions=" begins. */
int add_packet_out(struct load *load, const char *text, unsigned line, struct errbuf *err)
{
	char *copy = xstrdup(text), *rest = copy, *key, *value;
	char *actions = strstr(copy, "actions=");
	struct out out;
	int error = 0;

	init(&out, load);
	if (actions) {
		*actions = '\0';
		actions += strlen("actions=");
	}
	while (!error && action_next_argument(&rest, &key, &value))
		error = parse_word(&out, key, value, err);
	if (!error && !out.has_packet)
		error = errbuf_set(err, -EINVAL, "packet: missing; give packet=HEX");
	if (!error)
		error = actions_parse(&out.m->actions, actions ? actions : "", out.names, err);
	if (!error)
		error = encode(load, &out, line, err);
	fini(&out);
	free(copy);
	return error;
}

/* SWITCH IN_PORT ACTIONS PACKET…: the old way. */
static int add_old(struct load *load, char **args, int n, struct errbuf *err)
{
	struct out out;
	int error = 0;

	for (int i = 2; !error && i < n; i++) {
		init(&out, load);
		if (!names_parse_port(out.names, args[0], &out.m->in_port))
			error = errbuf_set(
				err, -EINVAL, "'%s': the switch has no port of that name", args[0]
			);
		if (!error)
			error = actions_parse(&out.m->actions, args[1], out.names, err);
		if (!error && !action_parse_hex(args[i], out.packet, PACKET_MAX, &out.n))
			error = errbuf_set(err, -EINVAL, "'%s': give pairs of hex digits", args[i]);
		if (!error)
			error = encode(load, &out, 0, err);
		fini(&out);
	}
	return error;
}

static int run_out(const struct ofctl_command *command, char **args, int n)
{
	struct ofconn *conn;
	struct errbuf err = {0};
	struct load load;
	int status;

	if (n == 3)
		return usage_of(command);
	conn = talk_open(command, args[0]);
	if (!conn)
		return EXIT_ERROR;
	load_init(&load, conn);
	if (n == 2)
		status = load_text(&load, args[1], false, add_packet_out);
	else
		status = add_old(&load, args + 1, n - 1, &err) ? fail(&err) : EXIT_FINE;
	if (!status)
		status = load_send(&load);
	load_fini(&load);
	return talk_end(conn, status);
}

OFCTL_COMMAND(
	packet_out,
	.name = "packet-out",
	.arguments = "SWITCH 'in_port=PORT packet=HEX actions=ACTIONS' | IN_PORT ACTIONS HEX…",
	.min_args = 2,
	.max_args = -1,
	.help = "Has the switch treat a packet so.",
	.run = run_out,
	.changes = true
);

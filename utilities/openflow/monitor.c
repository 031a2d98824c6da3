/* SPDX-License-Identifier: Apache-2.0 */

/* Commands that print what a switch sends by itself, until they are stopped.  */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/match.h"
#include "lib/flow/names.h"
#include "lib/near.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/messages.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

enum {
	INVALID_TTL = 4, /* of the configuration's flags */
	PACKET_IN_MAX = 2, /* Nicira's formats count from 0, the version's own */
};

static const struct {
	const char *name;
	uint16_t nicira, own; /* what Nicira and OpenFlow 1.4 call it; 0: it turns something on */
} watch_flags[] = {
	{"initial", 1, 1},
	{"add", 2, 2},
	{"delete", 4, 4},
	{"modify", 8, 8},
	{"actions", 16, 16},
	{"own", 32, 0},
};

struct watch {
	struct of_flow_monitor *monitor;
	const struct names *names;
	bool modern; /* OpenFlow 1.4's form */
};

static bool parse_not(struct watch *watch, const char *word)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(watch_flags); i++) {
		if (strcmp(word, watch_flags[i].name) != 0)
			continue;
		if (watch->modern && !watch_flags[i].own)
			watch->monitor->flags &= (uint16_t)~32; /* abbreviate */
		else
			watch->monitor->flags &= (uint16_t)~watch_flags[i].nicira;
		return true;
	}
	return false;
}

static int parse_word(struct watch *watch, char *key, char *value, struct errbuf *err)
{
	struct of_flow_monitor *monitor = watch->monitor;
	struct near near;
	uint64_t number = 0;
	int error;

	near_init(&near, key);
	if (*key == '!' && parse_not(watch, key + 1))
		return 0;
	if (!strcmp(key, "table")) {
		if (value && names_parse_table(watch->names, value, &monitor->table_id))
			return 0;
		return errbuf_set(
			err, -EINVAL, "table: no table is named '%s'", value ? value : ""
		);
	}
	if (!strcmp(key, "out_port")) {
		if (value && names_parse_port(watch->names, value, &monitor->out_port))
			return 0;
		return errbuf_set(
			err, -EINVAL, "out_port: no port is named '%s'", value ? value : ""
		);
	}
	if (!strcmp(key, "out_group")) {
		error = action_number(key, value, UINT32_MAX, &number, err);
		monitor->out_group = (uint32_t)number;
		return error;
	}
	error = match_parse_word(&monitor->match, key, value, watch->names, err);
	if (error != -ENOENT)
		return error;
	match_near(&near);
	return near_refuse(&near, err, -EINVAL, "%s: unknown word", key);
}

static int parse_watch(struct watch *watch, const char *text, struct errbuf *err)
{
	char *copy = xstrdup(text), *rest = copy, *key, *value;
	int error = 0;

	watch->monitor->monitor_id = 1;
	watch->monitor->table_id = FLOW_ALL_TABLES;
	watch->monitor->out_port = PORT_ANY;
	watch->monitor->out_group = UINT32_MAX;
	/* All but what is taken back; 32 is Nicira's "own changes in full", and OpenFlow's "never
	 * abbreviate". */
	watch->monitor->flags = 1 | 2 | 4 | 8 | 16 | 32;
	match_init(&watch->monitor->match, NULL);
	while (!error && action_next_argument(&rest, &key, &value))
		error = parse_word(watch, key, value, err);
	if (!error)
		error = match_check(&watch->monitor->match, err);
	free(copy);
	return error;
}

static int send_watch(struct ofconn *conn, const char *text)
{
	struct watch watch = {
		.monitor = XNEW(struct of_flow_monitor),
		.names = talk_names(conn),
		.modern = ofconn_version(conn) >= OF14,
	};
	struct errbuf err = {0};
	int status = EXIT_FINE;

	if (parse_watch(&watch, text, &err)) {
		status = fail_in_text(NULL, text, &err);
	} else {
		struct of_flow_monitor_request request = {0};
		struct wire_out list, out;
		uint32_t xid = ofconn_xid(conn);

		wire_out_init(&list, ofconn_version(conn));
		wire_out_init(&out, ofconn_version(conn));
		if (watch.modern)
			of_flow_monitor_encode(&list, watch.monitor);
		else
			of_nx_flow_monitor_encode(&list, watch.monitor);
		request.monitors = (struct wire_bytes){list.data, (uint32_t)list.n, list.version};
		message_encode(
			&out,
			watch.modern ? &of_flow_monitor_request_type
				     : &of_nx_flow_monitor_request_type,
			xid,
			&request
		);
		status = talk_show(conn, &out, xid);
		wire_out_fini(&list);
		wire_out_fini(&out);
	}
	free(watch.monitor);
	return status;
}

static int send_config(struct ofconn *conn, const struct of_set_config *config)
{
	struct errbuf err = {0};
	struct wire_out out;
	int status = EXIT_FINE;

	wire_out_init(&out, ofconn_version(conn));
	message_encode(&out, &of_set_config_type, ofconn_xid(conn), config);
	if (ofconn_send(conn, &out, &err))
		status = fail(&err);
	wire_out_fini(&out);
	return status;
}

/* Nicira's formats say more; a switch that does not know them answers with an error, which is fine
 * unless the user named the format. */
static int send_format(struct ofconn *conn)
{
	static const char *const formats[] = {"standard", "nxt_packet_in", "nxt_packet_in2"};
	struct of_set_packet_in_format format = {0};
	struct errbuf err = {0};
	struct wire_out out;
	int status = EXIT_FINE;

	if (!options.packet_in_format)
		return EXIT_FINE;
	while (format.format <= PACKET_IN_MAX &&
	       strcmp(options.packet_in_format, formats[format.format]) != 0)
		format.format++;
	if (format.format > PACKET_IN_MAX) {
		errbuf_set(
			&err,
			-EINVAL,
			"--packet-in-format: '%s' is not standard, nxt_packet_in or nxt_packet_in2",
			options.packet_in_format
		);
		return fail(&err);
	}
	wire_out_init(&out, ofconn_version(conn));
	message_encode(&out, &of_set_packet_in_format_type, ofconn_xid(conn), &format);
	if (ofconn_send(conn, &out, &err))
		status = fail(&err);
	wire_out_fini(&out);
	return status;
}

static int print_for_ever(struct ofconn *conn)
{
	struct errbuf err = {0};
	const uint8_t *data;
	size_t n;

	/* Whoever reads this may be no terminal: first what was answered already. */
	fflush(stdout);
	while (!ofconn_receive(conn, &data, &n, &err)) {
		talk_print(data, n);
		fflush(stdout);
	}
	return fail(&err);
}

static int run_monitor(const struct ofctl_command *command, char **args, int n)
{
	struct ofconn *conn = talk_open(command, args[0]);
	struct of_set_config config = {0};
	int status = conn ? send_format(conn) : EXIT_ERROR;

	if (!conn)
		return status;
	talk_shown_names(conn);
	for (int i = 1; !status && i < n; i++) {
		if (isdigit((unsigned char)*args[i])) {
			config.miss_send_len = (uint16_t)strtoul(args[i], NULL, 0);
		} else if (!strcmp(args[i], "invalid_ttl")) {
			config.flags |= INVALID_TTL;
		} else if (!strncmp(args[i], "watch:", 6)) {
			status = send_watch(conn, args[i] + 6);
		} else {
			struct errbuf err;

			errbuf_set(
				&err,
				-EINVAL,
				"'%s' is not a number of bytes, invalid_ttl or watch:…",
				args[i]
			);
			status = fail(&err);
		}
	}
	if (!status && (config.miss_send_len || config.flags))
		status = send_config(conn, &config);
	if (!status)
		status = print_for_ever(conn);
	return talk_end(conn, status);
}

static int run_snoop(const struct ofctl_command *command, char **args, int n)
{
	const uint32_t all = OFCTL_SINCE(OF10) & ((2U << OF15) - 1);
	struct ofconn *conn =
		talk_open_versions(args[0], "snoop", options.versions ? options.versions : all);

	return conn ? talk_end(conn, print_for_ever(conn)) : EXIT_ERROR;
}

OFCTL_COMMAND(
	monitor,
	.name = "monitor",
	.arguments = "SWITCH [MISS-LEN] [invalid_ttl] [watch:[MATCH,!add,…]]",
	.min_args = 1,
	.max_args = -1,
	.help = "Prints what the switch sends: packets that miss with MISS-LEN bytes of them, changes "
		"to flows with watch:.",
	.run = run_monitor
);
OFCTL_COMMAND(
	snoop,
	.name = "snoop",
	.arguments = "SWITCH",
	.min_args = 1,
	.max_args = 1,
	.help = "Prints what the bridge and its controllers say to each other.",
	.run = run_snoop
);

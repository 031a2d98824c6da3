/* SPDX-License-Identifier: Apache-2.0 */
/* ofctl: an OpenFlow client for the command line, for any switch. It takes the commands and options
 * of ovs-ofctl.  */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/messages.h"
#include "utilities/client.h"
#include "utilities/ofconn.h"

enum {
	TYPE_ERROR = 1, /* OpenFlow's number */
	BUNDLE_OPEN = 0,
	BUNDLE_COMMIT = 4,
	BUNDLE_FLAGS = 3, /* atomic and ordered */
};

struct options {
	const char *rundir;
	uint32_t versions; /* bits */
	unsigned timeout_ms;
	bool json;
	bool no_stats;
	bool strict;
	bool bundle;
};

struct command {
	const char *name;
	const char *usage;
	int min_args, max_args;
	int (*run
	)(const struct command *command, const struct options *options, char **args, int n);
	const struct message_type *request; /* of commands that ask one thing */
	enum flow_command flow;
};

static int fail(const struct errbuf *err)
{
	fprintf(stderr, "ofctl: %s\n", err->text);
	return 1;
}

static struct ofconn *
connect_to(const char *target, const struct options *options, struct errbuf *err)
{
	return ofconn_open(
		target,
		"mgmt",
		client_rundir(options->rundir),
		options->versions,
		options->timeout_ms,
		err
	);
}

/* Printing. */

static void print_flows(struct wire_in list, bool nicira, const struct options *options)
{
	struct of_flow_stats *flow = XNEW(struct of_flow_stats);

	while (nicira ? of_nx_flow_stats_next(&list, flow) : of_flow_stats_next(&list, flow)) {
		struct strbuf line = STRBUF_INIT;

		flow_format_stats(flow, NULL, !options->no_stats, &line);
		printf(" %s\n", strbuf_text(&line));
		strbuf_fini(&line);
	}
	if (list.error)
		printf("  *** the rest is malformed: %s\n", error_name(list.error));
	of_flow_stats_fini(flow);
	free(flow);
}

static void
print_mod(const struct message_head *head, const union message_body *body, struct strbuf *text)
{
	strbuf_addf(
		text,
		"%s (%s) (xid=0x%x): ",
		head->type->name,
		message_version_name(head->version),
		head->xid
	);
	flow_format_mod(&body->flow_mod, NULL, text);
	strbuf_add_char(text, '\n');
}

/* Prints any message. Returns false if it is an error's. */
static bool print_message(const uint8_t *data, size_t n, const struct options *options)
{
	union message_body *body = XNEW(union message_body);
	struct message_head head;
	enum of_error error = message_decode(data, n, NULL, &head, body);
	struct strbuf text = STRBUF_INIT;
	bool good = true;

	if (error) {
		strbuf_addf(
			&text,
			"%s (%s): malformed: %s\n",
			head.type ? head.type->name : "unknown message",
			message_version_name(head.version),
			error_name(error)
		);
		good = false;
	} else if (options->json) {
		json_t *json = message_json(&head, body, NULL);
		char *dump = json_dumps(json, JSON_COMPACT);

		strbuf_addf(&text, "%s\n", dump);
		free(dump);
		json_decref(json);
	} else if (head.type->id == MESSAGE_FLOW_STATS_REPLY || head.type->id == MESSAGE_NX_FLOW_STATS_REPLY) {
		const struct wire_bytes *flows = &body->flow_stats_reply.flows;
		bool nicira = head.type->id == MESSAGE_NX_FLOW_STATS_REPLY;

		if (nicira)
			flows = &body->nx_flow_stats_reply.flows;
		print_flows(wire_in(flows->data, flows->n, flows->version), nicira, options);
	} else if (head.type->id == MESSAGE_FLOW_MOD || head.type->id == MESSAGE_NX_FLOW_MOD) {
		print_mod(&head, body, &text);
	} else if (head.type->id == MESSAGE_ERROR_MESSAGE) {
		const struct of_error_message *m = &body->error_message;
		uint32_t vendor = m->type == 0xffff && m->data.n >= 4
			? (uint32_t)field_number(m->data.data, 4)
			: 0;

		good = false;
		strbuf_addf(
			&text,
			"error (%s) (xid=0x%x): %s (type %u, code %u)\n",
			message_version_name(head.version),
			head.xid,
			error_name(error_find(head.version, m->type, m->code, vendor)),
			m->type,
			m->code
		);
	} else {
		message_format(&head, body, NULL, &text);
	}
	fputs(strbuf_text(&text), good ? stdout : stderr);
	message_fini(&head, body);
	strbuf_fini(&text);
	free(body);
	return good;
}

/* Makes one bundle of the messages in 'out'. */
static void make_bundle(struct ofconn *conn, struct wire_out *out)
{
	struct of_bundle_control control = {.type = BUNDLE_OPEN, .flags = BUNDLE_FLAGS};
	struct wire_out all;
	size_t n;

	wire_out_init(&all, out->version);
	message_encode(&all, &of_bundle_control_type, ofconn_xid(conn), &control);
	for (size_t at = 0; at < out->n; at += n) {
		n = message_length(out->data + at);
		const struct of_bundle_add add = {
			.flags = BUNDLE_FLAGS,
			.message =
				{.data = out->data + at, .n = (uint32_t)n, .version = out->version},
		};

		/* The bundle wants the message's own xid. */
		message_encode(
			&all,
			&of_bundle_add_type,
			(uint32_t)field_number(out->data + at + 4, 4),
			&add
		);
	}
	control.type = BUNDLE_COMMIT;
	message_encode(&all, &of_bundle_control_type, ofconn_xid(conn), &control);
	wire_out_fini(out);
	*out = all;
}

/* Sends what 'out' holds and a barrier, and prints what comes until its reply: errors. */
static int finish(struct ofconn *conn, struct wire_out *out, const struct options *options)
{
	struct errbuf err = {0};
	uint32_t xid = ofconn_xid(conn);
	int status = 0;

	if (options->bundle)
		make_bundle(conn, out);
	message_encode(out, &of_barrier_request_type, xid, NULL);
	if (ofconn_send(conn, out, &err))
		return fail(&err);
	for (;;) {
		const uint8_t *data;
		size_t n;

		if (ofconn_receive(conn, &data, &n, &err))
			return fail(&err);
		if (field_number(data + 4, 4) == xid)
			return status;
		/* Of a bundle only errors are of interest. */
		if (options->bundle && data[1] != TYPE_ERROR)
			continue;
		if (!print_message(data, n, options))
			status = 1;
	}
}

/* Sends what 'out' holds and prints the answer with that xid, all parts of it. */
static int
ask(struct ofconn *conn, struct wire_out *out, uint32_t xid, const struct options *options)
{
	struct errbuf err = {0};

	if (ofconn_send(conn, out, &err))
		return fail(&err);
	for (;;) {
		union message_body *body;
		struct message_head head;
		const uint8_t *data;
		size_t n;
		bool more;

		if (ofconn_receive(conn, &data, &n, &err))
			return fail(&err);
		if (field_number(data + 4, 4) != xid)
			continue;
		body = XNEW(union message_body);
		more = !message_decode(data, n, NULL, &head, body) && head.more;
		message_fini(&head, body);
		free(body);
		if (!print_message(data, n, options))
			return 1;
		if (!more)
			return 0;
	}
}

/* Commands. */

static int
run_request(const struct command *command, const struct options *options, char **args, int n)
{
	union message_body *body = XNEW(union message_body);
	const struct message_type *type = command->request;
	struct errbuf err = {0};
	struct wire_out out;
	struct ofconn *conn = connect_to(args[0], options, &err);
	uint32_t xid;
	int status;

	if (!conn) {
		free(body);
		return fail(&err);
	}
	wire_out_init(&out, ofconn_version(conn));
	xid = ofconn_xid(conn);
	/* "All" in every request that has a choice. */
	if (type == &of_port_stats_request_type)
		body->port_stats_request.port_no = PORT_ANY;
	if (type == &of_port_desc_request_type)
		body->port_desc_request.port_no = PORT_ANY;
	if (type == &of_queue_stats_request_type)
		body->queue_stats_request = (struct of_queue_stats_request
		){.port_no = PORT_ANY, .queue_id = UINT32_MAX};
	if (type == &of_group_stats_request_type)
		body->group_stats_request.group_id = 0xfffffffc;
	if (type == &of_group_desc_request_type)
		body->group_desc_request.group_id = 0xfffffffc;
	if (type == &of_meter_stats_request_type)
		body->meter_stats_request.meter_id = UINT32_MAX;
	if (type == &of_meter_config_request_type)
		body->meter_config_request.meter_id = UINT32_MAX;
	if (message_has_version(type, out.version)) {
		message_encode(&out, type, xid, body);
		status = ask(conn, &out, xid, options);
	} else {
		errbuf_set(
			&err,
			-EPROTO,
			"%s: %s does not have it; try -O OpenFlow13",
			command->name,
			message_version_name(out.version)
		);
		status = fail(&err);
	}
	wire_out_fini(&out);
	ofconn_close(conn);
	free(body);
	return status;
}

/* dump-flows and dump-aggregate. */
static int
run_dump_flows(const struct command *command, const struct options *options, char **args, int n)
{
	struct of_flow_stats_request *request = XNEW(struct of_flow_stats_request);
	bool aggregate = command->request == &of_aggregate_request_type;
	const struct message_type *type = command->request;
	struct errbuf err = {0};
	struct ofconn *conn = NULL;
	struct wire_out out;
	uint32_t xid;
	int status = 1;

	if (!flow_parse_request(request, n > 1 ? args[1] : "", NULL, &err))
		conn = connect_to(args[0], options, &err);
	if (conn) {
		wire_out_init(&out, ofconn_version(conn));
		/* Nicira's form says more than OpenFlow 1.0's own. */
		if (out.version == OF10)
			type = aggregate ? &of_nx_aggregate_request_type
					 : &of_nx_flow_stats_request_type;
		xid = ofconn_xid(conn);
		message_encode(&out, type, xid, request);
		status = ask(conn, &out, xid, options);
		wire_out_fini(&out);
	} else {
		fail(&err);
	}
	ofconn_close(conn);
	free(request);
	return status;
}

/* Adds one flow to 'out', before it what OpenFlow 1.0 needs for it. */
static int add_flow(
	struct wire_out *out,
	struct ofconn *conn,
	enum flow_command command,
	const char *text,
	struct errbuf *err
)
{
	struct of_flow_mod *mod = XNEW(struct of_flow_mod);
	int error = flow_parse(mod, command, text, NULL, err);

	if (!error) {
		if (out->version == OF10) {
			const struct of_flow_mod_table_id enable = {.enable = 1};

			message_encode(out, &of_flow_mod_table_id_type, ofconn_xid(conn), &enable);
			if (!mod->table_id)
				mod->command |= 0;
			else if (mod->table_id == FLOW_ALL_TABLES)
				mod->command |= 0xff00;
		}
		flow_encode(out, mod, ofconn_xid(conn));
	}
	of_flow_mod_fini(mod);
	free(mod);
	return error;
}

static enum flow_command
flow_command_of(const struct command *command, const struct options *options)
{
	if (!options->strict)
		return command->flow;
	return command->flow == FLOW_ADD ? FLOW_ADD : command->flow + 1;
}

static int
run_flow_mod(const struct command *command, const struct options *options, char **args, int n)
{
	struct errbuf err = {0};
	struct ofconn *conn = connect_to(args[0], options, &err);
	struct wire_out out;
	int status = 1;

	if (!conn)
		return fail(&err);
	wire_out_init(&out, ofconn_version(conn));
	if (add_flow(&out, conn, flow_command_of(command, options), n > 1 ? args[1] : "", &err))
		fail(&err);
	else
		status = finish(conn, &out, options);
	wire_out_fini(&out);
	ofconn_close(conn);
	return status;
}

static int
run_flow_file(const struct command *command, const struct options *options, char **args, int n)
{
	struct errbuf err = {0};
	FILE *file = strcmp(args[1], "-") ? fopen(args[1], "r") : stdin;
	struct ofconn *conn;
	struct wire_out out;
	size_t size = 0;
	char *line = NULL;
	unsigned number = 0;
	int error = 0, status = 1;

	if (!file) {
		errbuf_set(&err, -errno, "%s: %s", args[1], strerror(errno));
		return fail(&err);
	}
	conn = connect_to(args[0], options, &err);
	if (!conn)
		return fail(&err);
	wire_out_init(&out, ofconn_version(conn));
	while (!error && getline(&line, &size, file) >= 0) {
		number++;
		line[strcspn(line, "#\n")] = '\0';
		if (line[strspn(line, " \t\r")])
			error = add_flow(&out, conn, command->flow, line, &err);
		if (!error && !options->bundle && out.n > WIRE_MAX_SIZE)
			error = ofconn_send(conn, &out, &err);
	}
	if (error) {
		errbuf_prefix(&err, "%s:%u: ", args[1], number);
		fail(&err);
	} else {
		status = finish(conn, &out, options);
	}
	free(line);
	wire_out_fini(&out);
	ofconn_close(conn);
	return status;
}

static int
run_parse_flow(const struct command *command, const struct options *options, char **args, int n)
{
	struct of_flow_mod *mod = XNEW(struct of_flow_mod);
	struct errbuf err = {0};
	struct wire_out out;
	int status = 1;

	wire_out_init(&out, (uint8_t)(31 - __builtin_clz(options->versions)));
	if (flow_parse(mod, FLOW_ADD, args[0], NULL, &err)) {
		fail(&err);
	} else {
		flow_encode(&out, mod, 1);
		status = !print_message(out.data, out.n, options);
	}
	wire_out_fini(&out);
	of_flow_mod_fini(mod);
	free(mod);
	return status;
}

/* ofp-print HEX: the messages that the digits are. */
static int
run_ofp_print(const struct command *command, const struct options *options, char **args, int n)
{
	uint8_t *bytes = xmalloc(strlen(args[0]) / 2 + 1);
	size_t length = 0, at = 0;
	int status = 0;

	for (const char *p = args[0]; p[0] && p[1];) {
		const char digits[] = {p[0], p[1], '\0'};

		if (*p == ' ' || *p == '\n') {
			p++;
			continue;
		}
		bytes[length++] = (uint8_t)strtoul(digits, NULL, 16);
		p += 2;
	}
	while (at + MESSAGE_HEAD_SIZE <= length) {
		size_t size = message_length(bytes + at);

		if (size < MESSAGE_HEAD_SIZE || size > length - at)
			size = length - at;
		status |= !print_message(bytes + at, size, options);
		at += size;
	}
	free(bytes);
	return status;
}

static int
run_monitor(const struct command *command, const struct options *options, char **args, int n)
{
	struct errbuf err = {0};
	const char *suffix = !strcmp(command->name, "snoop") ? "snoop" : "mgmt";
	struct ofconn *conn = ofconn_open(
		args[0], suffix, client_rundir(options->rundir), options->versions, 0, &err
	);
	const uint8_t *data;
	size_t size;

	if (!conn)
		return fail(&err);
	while (!ofconn_receive(conn, &data, &size, &err)) {
		print_message(data, size, options);
		fflush(stdout);
	}
	ofconn_close(conn);
	return fail(&err);
}

static const struct command commands[] = {
	{"show", "SWITCH", 1, 1, run_request, &of_features_request_type, 0},
	{"dump-desc", "SWITCH", 1, 1, run_request, &of_desc_request_type, 0},
	{"dump-tables", "SWITCH", 1, 1, run_request, &of_table_stats_request_type, 0},
	{"dump-table-features", "SWITCH", 1, 1, run_request, &of_table_features_request_type, 0},
	{"dump-table-desc", "SWITCH", 1, 1, run_request, &of_table_desc_request_type, 0},
	{"dump-ports", "SWITCH", 1, 1, run_request, &of_port_stats_request_type, 0},
	{"dump-ports-desc", "SWITCH", 1, 1, run_request, &of_port_desc_request_type, 0},
	{"queue-stats", "SWITCH", 1, 1, run_request, &of_queue_stats_request_type, 0},
	{"dump-groups", "SWITCH", 1, 1, run_request, &of_group_desc_request_type, 0},
	{"dump-group-stats", "SWITCH", 1, 1, run_request, &of_group_stats_request_type, 0},
	{"dump-group-features", "SWITCH", 1, 1, run_request, &of_group_features_request_type, 0},
	{"dump-meters", "SWITCH", 1, 1, run_request, &of_meter_config_request_type, 0},
	{"meter-stats", "SWITCH", 1, 1, run_request, &of_meter_stats_request_type, 0},
	{"meter-features", "SWITCH", 1, 1, run_request, &of_meter_features_request_type, 0},
	{"dump-tlv-map", "SWITCH", 1, 1, run_request, &of_tlv_table_request_type, 0},
	{"get-frags", "SWITCH", 1, 1, run_request, &of_get_config_request_type, 0},
	{"probe", "SWITCH", 1, 1, run_request, &of_echo_request_type, 0},
	{"dump-flows", "SWITCH [MATCH]", 1, 2, run_dump_flows, &of_flow_stats_request_type, 0},
	{"dump-aggregate", "SWITCH [MATCH]", 1, 2, run_dump_flows, &of_aggregate_request_type, 0},
	{"add-flow", "SWITCH FLOW", 2, 2, run_flow_mod, NULL, FLOW_ADD},
	{"mod-flows", "SWITCH FLOW", 2, 2, run_flow_mod, NULL, FLOW_MODIFY},
	{"del-flows", "SWITCH [MATCH]", 1, 2, run_flow_mod, NULL, FLOW_DELETE},
	{"add-flows", "SWITCH FILE", 2, 2, run_flow_file, NULL, FLOW_ADD},
	{"monitor", "SWITCH", 1, 1, run_monitor, NULL, 0},
	{"snoop", "SWITCH", 1, 1, run_monitor, NULL, 0},
	{"parse-flow", "FLOW", 1, 1, run_parse_flow, NULL, 0},
	{"ofp-print", "HEX", 1, 1, run_ofp_print, NULL, 0},
};

static void usage(FILE *to)
{
	fputs("Usage: ofctl [OPTION]… COMMAND [ARGUMENT]…\n"
	      "SWITCH is a bridge's name, unix:PATH or tcp:IP[:PORT].\n\nCommands:\n",
	      to);
	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
		fprintf(to, "  %s %s\n", commands[i].name, commands[i].usage);
	fputs("\nOptions:\n"
	      "  -O, --protocols=LIST  OpenFlow10, OpenFlow13, OpenFlow14, OpenFlow15\n"
	      "  -t, --timeout=SECONDS\n"
	      "  -j, --json            print messages as JSON\n"
	      "      --strict          mod-flows and del-flows: only the very same match\n"
	      "      --bundle          flows are added, changed or deleted all at once, or none\n"
	      "      --no-stats        dump-flows: leave counters out\n"
	      "      --rundir=DIR      where bridges' sockets are\n",
	      to);
}

static bool parse_versions(char *list, uint32_t *versions)
{
	static const struct {
		const char *name;
		uint8_t version;
	} known[] = {
		{"OpenFlow10", OF10},
		{"OpenFlow12", OF12},
		{"OpenFlow13", OF13},
		{"OpenFlow14", OF14},
		{"OpenFlow15", OF15},
	};
	char *word;

	for (*versions = 0; (word = strsep(&list, ", "));) {
		size_t i = 0;

		while (i < ARRAY_LENGTH(known) && strcasecmp(word, known[i].name) != 0)
			i++;
		if (i == ARRAY_LENGTH(known)) {
			fprintf(stderr,
				"ofctl: '%s' is not a version (OpenFlow10, OpenFlow13, OpenFlow14, "
				"OpenFlow15)\n",
				word);
			return false;
		}
		*versions |= 1U << known[i].version;
	}
	return true;
}

/* Bundles came with OpenFlow 1.4, and in an extension to 1.3. */
static uint32_t bundle_versions(uint32_t versions)
{
	versions &= 1U << OF13 | 1U << OF14 | 1U << OF15;
	return versions ? versions : 1U << OF14;
}

static int run(const struct options *options, char **args, int n)
{
	struct near near;

	near_init(&near, args[0]);
	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
		const struct command *command = &commands[i];

		near_add(&near, command->name);
		if (strcmp(args[0], command->name) != 0)
			continue;
		if (n - 1 < command->min_args || n - 1 > command->max_args) {
			fprintf(stderr, "Usage: ofctl %s %s\n", command->name, command->usage);
			return 1;
		}
		return command->run(command, options, args + 1, n - 1);
	}
	fprintf(stderr,
		"ofctl: unknown command '%s'%s%s; see ofctl --help\n",
		args[0],
		near_best(&near) ? "; did you mean " : "",
		near_best(&near) ? near_best(&near) : "");
	return 1;
}

int main(int argc, char **argv)
{
	enum {
		OPT_STRICT = 256,
		OPT_NO_STATS,
		OPT_BUNDLE,
		OPT_RUNDIR,
		OPT_IGNORED
	};
	static const struct option long_options[] = {
		{"protocols", required_argument, NULL, 'O'},
		{"timeout", required_argument, NULL, 't'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{"strict", no_argument, NULL, OPT_STRICT},
		{"no-stats", no_argument, NULL, OPT_NO_STATS},
		{"bundle", no_argument, NULL, OPT_BUNDLE},
		{"rundir", required_argument, NULL, OPT_RUNDIR},
		{"no-names", no_argument, NULL, OPT_IGNORED},
		{"names", no_argument, NULL, OPT_IGNORED},
		{NULL, 0, NULL, 0},
	};
	struct options options = {.versions = 1U << OF10, .timeout_ms = 0};
	int c;

	while ((c = getopt_long(argc, argv, "O:t:T:jh", long_options, NULL)) != -1) {
		switch (c) {
		case 'O':
			if (!parse_versions(optarg, &options.versions))
				return 1;
			break;
		case 't':
		case 'T':
			options.timeout_ms = (unsigned)strtoul(optarg, NULL, 10) * 1000;
			break;
		case 'j':
			options.json = true;
			break;
		case OPT_STRICT:
			options.strict = true;
			break;
		case OPT_NO_STATS:
			options.no_stats = true;
			break;
		case OPT_BUNDLE:
			options.bundle = true;
			break;
		case OPT_RUNDIR:
			options.rundir = optarg;
			break;
		case OPT_IGNORED:
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			return 1;
		}
	}
	if (optind == argc) {
		usage(stderr);
		return 1;
	}
	if (options.bundle)
		options.versions = bundle_versions(options.versions);
	return run(&options, argv + optind, argc - optind);
}

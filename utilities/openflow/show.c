/* SPDX-License-Identifier: Apache-2.0 */

/* Commands that ask one thing and print the answer.  */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/meter_text.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

enum {
	GROUP_ALL = 0xfffffffcU,
	FRAGMENTS = 3, /* of the configuration's flags */
};

/* A request of which the command line may say which one is meant. */
struct request {
	const struct message_type *type;
	const struct message_type *old; /* where versions do not have that, or NULL */
	/* Fills 'body' from the n arguments behind the switch. */
	int (*parse
	)(union message_body *body, struct ofconn *conn, char **args, int n, struct errbuf *err);
};

static int parse_port(const char *text, struct ofconn *conn, uint32_t *port, struct errbuf *err)
{
	if (names_parse_port(talk_names(conn), text, port))
		return 0;
	return errbuf_set(err, -EINVAL, "%s: the switch has no port of that name", text);
}

static int parse_port_stats(
	union message_body *body, struct ofconn *conn, char **args, int n, struct errbuf *err
)
{
	body->port_stats_request.port_no = PORT_ANY;
	return n ? parse_port(args[0], conn, &body->port_stats_request.port_no, err) : 0;
}

static int parse_port_desc(
	union message_body *body, struct ofconn *conn, char **args, int n, struct errbuf *err
)
{
	body->port_desc_request.port_no = PORT_ANY;
	return n ? parse_port(args[0], conn, &body->port_desc_request.port_no, err) : 0;
}

static int
parse_queue(union message_body *body, struct ofconn *conn, char **args, int n, struct errbuf *err)
{
	struct of_queue_stats_request *m = &body->queue_stats_request;
	uint64_t queue = UINT32_MAX;
	int error = 0;

	/* OpenFlow 1.0 has another word for all ports. */
	m->port_no = ofconn_version(conn) == OF10 ? (uint32_t)PORT_ALL : (uint32_t)PORT_ANY;
	if (n && strcasecmp(args[0], "all") != 0)
		error = parse_port(args[0], conn, &m->port_no, err);
	if (!error && n > 1 && strcasecmp(args[1], "all") != 0)
		error = action_number("queue", args[1], UINT32_MAX, &queue, err);
	m->queue_id = (uint32_t)queue;
	return error;
}

static int parse_queue_desc(
	union message_body *body, struct ofconn *conn, char **args, int n, struct errbuf *err
)
{
	struct of_queue_desc_request *m = &body->queue_desc_request;
	uint64_t queue = UINT32_MAX;
	uint32_t port = ofconn_version(conn) == OF10 ? (uint32_t)PORT_ALL : (uint32_t)PORT_ANY;
	int error = 0;

	if (n && strcasecmp(args[0], "any") != 0)
		error = parse_port(args[0], conn, &port, err);
	if (ofconn_version(conn) < OF14) {
		body->queue_get_config_request.port_no = port;
		return error;
	}
	m->port_no = port;
	if (!error && n > 1 && strcasecmp(args[1], "any") != 0)
		error = action_number("queue", args[1], UINT32_MAX, &queue, err);
	m->queue_id = (uint32_t)queue;
	return error;
}

/* "5", "group_id=5" or "all". */
static int parse_group(char **args, int n, uint32_t *group, struct errbuf *err)
{
	const char *text = n ? args[0] : "all";
	uint64_t number = GROUP_ALL;
	int error = 0;

	if (!strncmp(text, "group_id=", 9))
		text += 9;
	if (strcasecmp(text, "all") != 0)
		error = action_number("group_id", text, UINT32_MAX, &number, err);
	*group = (uint32_t)number;
	return error;
}

static int parse_group_desc(
	union message_body *body, struct ofconn *conn, char **args, int n, struct errbuf *err
)
{
	return parse_group(args, n, &body->group_desc_request.group_id, err);
}

static int parse_group_stats(
	union message_body *body, struct ofconn *conn, char **args, int n, struct errbuf *err
)
{
	return parse_group(args, n, &body->group_stats_request.group_id, err);
}

static int
parse_meter(union message_body *body, struct ofconn *conn, char **args, int n, struct errbuf *err)
{
	const char *text = n ? args[0] : "all";

	if (!strncmp(text, "meter=", 6))
		text += 6;
	return meter_parse_id(text, &body->meter_stats_request.meter_id, err);
}

static int run_request(const struct ofctl_command *command, char **args, int n)
{
	const struct request *request = command->detail;
	union message_body *body = XNEW(union message_body);
	struct ofconn *conn = talk_open(command, args[0]);
	struct errbuf err = {0};
	int status = EXIT_ERROR;

	if (conn && request->parse && request->parse(body, conn, args + 1, n - 1, &err))
		fail(&err);
	else if (conn)
		status = talk_show_request(
			conn,
			request->old && !message_has_version(request->type, ofconn_version(conn))
				? request->old
				: request->type,
			body
		);
	free(body);
	return talk_end(conn, status);
}

/* Before OpenFlow 1.3 the features list the ports; later somebody has to ask. */
static int run_show(const struct ofctl_command *command, char **args, int n)
{
	struct of_port_desc_request all = {.port_no = PORT_ANY};
	struct ofconn *conn = talk_open(command, args[0]);
	int status;

	if (!conn)
		return EXIT_ERROR;
	status = talk_show_request(conn, &of_features_request_type, &all);
	if (!status && ofconn_version(conn) >= OF13)
		status = talk_show_request(conn, &of_port_desc_request_type, &all);
	if (!status)
		status = talk_show_request(conn, &of_get_config_request_type, &all);
	return talk_end(conn, status);
}

/* Fragments. */

static const char *const fragments[] = {"normal", "drop", "reassemble", "nx-match"};

static void
keep_config(const struct message_head *head, const union message_body *body, void *config)
{
	*(struct of_get_config_reply *)config = body->get_config_reply;
}

static int get_config(struct ofconn *conn, struct of_get_config_reply *config)
{
	uint32_t xid = ofconn_xid(conn);
	struct wire_out out;
	int status;

	wire_out_init(&out, ofconn_version(conn));
	message_encode(&out, &of_get_config_request_type, xid, config);
	status = talk_ask(conn, &out, xid, keep_config, config);
	wire_out_fini(&out);
	return status;
}

static int run_get_frags(const struct ofctl_command *command, char **args, int n)
{
	struct ofconn *conn = talk_open(command, args[0]);
	struct of_get_config_reply config = {0};
	int status = conn ? get_config(conn, &config) : EXIT_ERROR;

	if (!status)
		puts(fragments[config.flags & FRAGMENTS]);
	return talk_end(conn, status);
}

static int run_set_frags(const struct ofctl_command *command, char **args, int n)
{
	struct of_get_config_reply config = {0};
	struct of_set_config set;
	struct errbuf err = {0};
	struct ofconn *conn;
	struct wire_out out;
	unsigned mode = 0;
	int status;

	while (mode < ARRAY_LENGTH(fragments) && strcmp(args[1], fragments[mode]) != 0)
		mode++;
	if (mode == ARRAY_LENGTH(fragments)) {
		errbuf_set(
			&err, -EINVAL, "'%s' is not normal, drop, reassemble or nx-match", args[1]
		);
		return fail(&err);
	}
	conn = talk_open(command, args[0]);
	status = conn ? get_config(conn, &config) : EXIT_ERROR;
	if (status)
		return talk_end(conn, status);
	set.flags = (uint16_t)((config.flags & ~FRAGMENTS) | mode);
	set.miss_send_len = config.miss_send_len;
	wire_out_init(&out, ofconn_version(conn));
	message_encode(&out, &of_set_config_type, ofconn_xid(conn), &set);
	if (ofconn_send(conn, &out, &err))
		status = fail(&err);
	wire_out_fini(&out);
	if (!status)
		status = get_config(conn, &config);
	if (!status && (config.flags & FRAGMENTS) != mode) {
		errbuf_set(
			&err,
			-EPERM,
			"the switch does not treat fragments so: it stays with %s",
			fragments[config.flags & FRAGMENTS]
		);
		status = fail(&err);
	}
	return talk_end(conn, status);
}

static const struct request desc = {&of_desc_request_type, NULL, NULL};
static const struct request tables = {&of_table_stats_request_type, NULL, NULL};
static const struct request table_features = {&of_table_features_request_type, NULL, NULL};
static const struct request table_desc = {&of_table_desc_request_type, NULL, NULL};
static const struct request ports = {&of_port_stats_request_type, NULL, parse_port_stats};
static const struct request ports_desc = {&of_port_desc_request_type, NULL, parse_port_desc};
static const struct request queues = {&of_queue_stats_request_type, NULL, parse_queue};
static const struct request queue_desc = {
	&of_queue_desc_request_type, &of_queue_get_config_request_type, parse_queue_desc};
static const struct request groups = {
	&of_group_desc_request_type, &of_nx_group_desc_request_type, parse_group_desc};
static const struct request group_stats = {
	&of_group_stats_request_type, &of_nx_group_stats_request_type, parse_group_stats};
static const struct request group_features = {
	&of_group_features_request_type, &of_nx_group_features_request_type, NULL};
static const struct request meters = {&of_meter_config_request_type, NULL, parse_meter};
static const struct request meter_stats = {&of_meter_stats_request_type, NULL, parse_meter};
static const struct request meter_features = {&of_meter_features_request_type, NULL, NULL};
static const struct request tlv_map = {&of_tlv_table_request_type, NULL, NULL};

/* A command that is one request. */
#define REQUEST(id, command, args, max, words, since)                                              \
	OFCTL_COMMAND(                                                                             \
		id,                                                                                \
		.name = (command),                                                                 \
		.arguments = (args),                                                               \
		.min_args = 1,                                                                     \
		.max_args = (max),                                                                 \
		.help = (words),                                                                   \
		.run = run_request,                                                                \
		.detail = &(id),                                                                   \
		.versions = OFCTL_SINCE(since)                                                     \
	)

OFCTL_COMMAND(
	show,
	.name = "show",
	.arguments = "SWITCH",
	.min_args = 1,
	.max_args = 1,
	.help = "Shows the switch's features, ports and configuration.",
	.run = run_show
);
REQUEST(desc, "dump-desc", "SWITCH", 1, "Says who made the switch.", OF10);
REQUEST(tables, "dump-tables", "SWITCH", 1, "Shows how full the tables are.", OF10);
REQUEST(table_features, "dump-table-features", "SWITCH", 1, "Shows what the tables can do.", OF13);
REQUEST(table_desc, "dump-table-desc", "SWITCH", 1, "Shows how the tables are set up.", OF14);
REQUEST(ports, "dump-ports", "SWITCH [PORT]", 2, "Shows what ports have counted.", OF10);
REQUEST(ports_desc, "dump-ports-desc", "SWITCH [PORT]", 2, "Shows the ports.", OF10);
REQUEST(queues, "queue-stats", "SWITCH [PORT [QUEUE]]", 3, "Shows what queues have counted.", OF10);
REQUEST(queue_desc, "queue-get-config", "SWITCH [PORT [QUEUE]]", 3, "Shows the queues.", OF10);
REQUEST(groups, "dump-groups", "SWITCH [GROUP]", 2, "Shows the groups.", OF10);
REQUEST(group_stats,
	"dump-group-stats",
	"SWITCH [GROUP]",
	2,
	"Shows what groups have counted.",
	OF10);
REQUEST(group_features, "dump-group-features", "SWITCH", 1, "Shows what groups can do.", OF10);
REQUEST(meters, "dump-meters", "SWITCH [METER]", 2, "Shows the meters.", OF13);
REQUEST(meter_stats, "meter-stats", "SWITCH [METER]", 2, "Shows what meters have counted.", OF13);
REQUEST(meter_features, "meter-features", "SWITCH", 1, "Shows what meters can do.", OF13);
REQUEST(tlv_map, "dump-tlv-map", "SWITCH", 1, "Shows which tunnel options are which fields.", OF10);
OFCTL_COMMAND(
	get_frags,
	.name = "get-frags",
	.arguments = "SWITCH",
	.min_args = 1,
	.max_args = 1,
	.help = "Says how fragments are treated.",
	.run = run_get_frags
);
OFCTL_COMMAND(
	set_frags,
	.name = "set-frags",
	.arguments = "SWITCH MODE",
	.min_args = 2,
	.max_args = 2,
	.help = "Has fragments treated so: normal, drop, reassemble or nx-match.",
	.run = run_set_frags,
	.changes = true
);

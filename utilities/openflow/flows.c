/* SPDX-License-Identifier: Apache-2.0 */

/* Commands that change and show flows.  */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/show/show.h"
#include "utilities/openflow/load.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/sort.h"
#include "utilities/openflow/talk.h"

/* What a command does to flows, and whether its argument is a file. */
struct change {
	enum flow_command command;
	bool is_file;
};

static enum flow_command command_of(const struct change *change)
{
	if (!options.strict || change->command == FLOW_ADD)
		return change->command;
	return change->command + 1;
}

static enum flow_command wanted; /* by the lines that do not say it themselves */

static int add_flow(struct load *load, const char *text, unsigned line, struct errbuf *err)
{
	int error = flow_parse(load->mod, wanted, text, talk_names(load->conn), err);

	return error ? error : load_flow(load, line, err);
}

static int run_change(const struct ofctl_command *command, char **args, int n)
{
	const struct change *change = command->detail;
	struct ofconn *conn = talk_open(command, args[0]);
	struct load load;
	int status;

	if (!conn)
		return EXIT_ERROR;
	wanted = command_of(change);
	load_init(&load, conn);
	status = load_text(&load, n > 1 ? args[1] : "", change->is_file, add_flow);
	if (!status)
		status = load_send(&load);
	load_fini(&load);
	return talk_end(conn, status);
}

/* Dumps. */

/* A dump that nothing was asked about begins each part with its title, and tells flows' ages; scripts
 * know it so. */
static bool is_plain(void)
{
	return !options.no_stats && !options.n_sort && !talk_shown_names(NULL);
}

static void print_title(const struct message_head *head)
{
	struct strbuf title = STRBUF_INIT;

	show_title(head, &title);
	if (head->version != OF10)
		strbuf_addf(&title, " (%s)", message_version_name(head->version));
	printf("%s (xid=0x%x):%s\n", strbuf_text(&title), head->xid, head->more ? " ***more***" : ""
	);
	strbuf_fini(&title);
}

static void
show_flows(const struct message_head *head, const union message_body *body, void *sorter)
{
	bool nicira = head->type->id == MESSAGE_NX_FLOW_STATS_REPLY;
	const struct wire_bytes *flows =
		nicira ? &body->nx_flow_stats_reply.flows : &body->flow_stats_reply.flows;
	struct wire_in list = wire_in(flows->data, flows->n, flows->version);
	struct of_flow_stats *flow = XNEW(struct of_flow_stats);
	struct strbuf text = STRBUF_INIT;

	if (is_plain())
		print_title(head);
	while (nicira ? of_nx_flow_stats_next(&list, flow) : of_flow_stats_next(&list, flow)) {
		strbuf_clear(&text);
		if (!is_plain())
			flow->idle_age = flow->hard_age = 0;
		flow_format_stats(flow, talk_shown_names(NULL), !options.no_stats, &text);
		if (sorter) {
			sort_add(sorter, flow, strbuf_text(&text));
			continue;
		}
		putchar(' ');
		puts(strbuf_text(&text));
	}
	if (list.error)
		fprintf(stderr, "ofctl: the rest is malformed: %s\n", error_name(list.error));
	strbuf_fini(&text);
	of_flow_stats_fini(flow);
	free(flow);
}

static int ask_for_flows(struct ofconn *conn, struct of_flow_stats_request *request)
{
	const struct message_type *type = &of_flow_stats_request_type;
	struct sorter *sorter = NULL;
	struct errbuf err = {0};
	struct wire_out out;
	uint32_t xid;
	int status;

	if (options.n_sort && sort_new(&sorter, &err))
		return fail(&err);
	talk_shown_names(conn);
	wire_out_init(&out, ofconn_version(conn));
	/* Nicira's form says more than OpenFlow 1.0's own. */
	if (out.version == OF10)
		type = &of_nx_flow_stats_request_type;
	xid = ofconn_xid(conn);
	message_encode(&out, type, xid, request);
	status = options.json ? talk_show(conn, &out, xid)
			      : talk_ask(conn, &out, xid, show_flows, sorter);
	wire_out_fini(&out);
	if (sorter)
		sort_print(sorter);
	return status;
}

static int run_dump(const struct ofctl_command *command, char **args, int n)
{
	struct of_flow_stats_request *request = XNEW(struct of_flow_stats_request);
	struct ofconn *conn = talk_open(command, args[0]);
	const char *match = n > 1 ? args[1] : "";
	struct errbuf err = {0};
	int status = EXIT_ERROR;

	if (conn && flow_parse_request(request, match, talk_names(conn), &err))
		fail_in_text(NULL, match, &err);
	else if (conn && command->detail)
		status = talk_show_request(
			conn,
			ofconn_version(conn) == OF10 ? &of_nx_aggregate_request_type
						     : &of_aggregate_request_type,
			request
		);
	else if (conn)
		status = ask_for_flows(conn, request);
	free(request);
	return talk_end(conn, status);
}

static const struct change add = {FLOW_ADD, false};
static const struct change add_file = {FLOW_ADD, true};
static const struct change modify = {FLOW_MODIFY, false};
static const struct change delete = {FLOW_DELETE, false};
static const char is_aggregate;

OFCTL_COMMAND(
	add_flow,
	.name = "add-flow",
	.arguments = "SWITCH FLOW",
	.min_args = 2,
	.max_args = 2,
	.help = "Adds a flow.",
	.run = run_change,
	.detail = &add,
	.changes = true
);
OFCTL_COMMAND(
	add_flows,
	.name = "add-flows",
	.arguments = "SWITCH FILE",
	.min_args = 2,
	.max_args = 2,
	.help = "Adds the flows in a file; lines may begin with add, modify, modify_strict, delete or "
		"delete_strict.",
	.run = run_change,
	.detail = &add_file,
	.changes = true
);
OFCTL_COMMAND(
	mod_flows,
	.name = "mod-flows",
	.arguments = "SWITCH FLOW",
	.min_args = 2,
	.max_args = 2,
	.help = "Changes the actions of flows.",
	.run = run_change,
	.detail = &modify,
	.changes = true
);
OFCTL_COMMAND(
	del_flows,
	.name = "del-flows",
	.arguments = "SWITCH [MATCH]",
	.min_args = 1,
	.max_args = 2,
	.help = "Deletes flows, without MATCH all.",
	.run = run_change,
	.detail = &delete,
	.changes = true
);
OFCTL_COMMAND(
	dump_flows,
	.name = "dump-flows",
	.arguments = "SWITCH [MATCH]",
	.min_args = 1,
	.max_args = 2,
	.help = "Shows flows.",
	.run = run_dump
);
OFCTL_COMMAND(
	dump_aggregate,
	.name = "dump-aggregate",
	.arguments = "SWITCH [MATCH]",
	.min_args = 1,
	.max_args = 2,
	.help = "Sums up flows.",
	.run = run_dump,
	.detail = &is_aggregate
);

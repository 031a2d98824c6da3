/* SPDX-License-Identifier: Apache-2.0 */

/* Commands that compare the flows of files and switches: diff-flows, and replace-flows, which makes
 * a switch's flows those of a file.  */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "lib/stream/address.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/messages.h"
#include "utilities/openflow/load.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

/* A flow as two texts: what makes it the same flow, and what it does. */
struct flow {
	char *match; /* "table=1,priority=5,tcp" */
	char *rest; /* "cookie=0x5 idle_timeout=3 actions=output:2" */
	uint16_t flags; /* not compared: not every version tells them */
	unsigned line;
};

struct set {
	struct flow *flows;
	size_t n, size;
	const struct names *names;
	const char *file; /* where it was read from, or NULL */
};

static void set_fini(struct set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		free(set->flows[i].match);
		free(set->flows[i].rest);
	}
	free(set->flows);
}

static struct flow *add(struct set *set, char *take_match, char *take_rest)
{
	if (set->n == set->size) {
		set->size = set->size * 2 + 64;
		set->flows = xrealloc(set->flows, set->size * sizeof(set->flows[0]));
	}
	set->flows[set->n] = (struct flow){.match = take_match, .rest = take_rest};
	return &set->flows[set->n++];
}

static char *
match_text(const struct match *match, uint8_t table, uint16_t priority, const struct names *names)
{
	struct strbuf text = STRBUF_INIT;

	if (table && table != FLOW_ALL_TABLES)
		strbuf_addf(&text, "table=%u ", table);
	if (priority != FLOW_PRIORITY)
		strbuf_addf(&text, "priority=%u,", priority);
	match_format(match, names, &text);
	strbuf_chomp(&text, ',');
	strbuf_add(&text, "");
	return strbuf_steal(&text);
}

static char *rest_text(
	uint64_t cookie,
	const uint16_t times[2],
	uint16_t importance,
	const struct action_list *actions,
	const struct names *names
)
{
	struct strbuf text = STRBUF_INIT;

	if (cookie)
		strbuf_addf(&text, "cookie=0x%llx ", (unsigned long long)cookie);
	if (times[0])
		strbuf_addf(&text, "idle_timeout=%u ", times[0]);
	if (times[1])
		strbuf_addf(&text, "hard_timeout=%u ", times[1]);
	if (importance)
		strbuf_addf(&text, "importance=%u ", importance);
	strbuf_add(&text, "actions=");
	actions_format(actions, names, &text);
	return strbuf_steal(&text);
}

static int add_line(void *set_, char *line, unsigned number)
{
	struct set *set = set_;
	struct of_flow_mod *mod = XNEW(struct of_flow_mod);
	struct errbuf err = {0};
	char where[512];
	int status = EXIT_FINE;

	if (flow_parse(mod, FLOW_ADD, line, set->names, &err)) {
		snprintf(where, sizeof(where), "%s:%u", set->file, number);
		status = fail_in_text(where, line, &err);
	} else {
		const uint16_t times[2] = {mod->idle_timeout, mod->hard_timeout};

		struct flow *flow =
			add(set,
			    match_text(&mod->match, mod->table_id, mod->priority, NULL),
			    rest_text(mod->cookie, times, mod->importance, &mod->actions, NULL));

		flow->flags = mod->flags;
		flow->line = number;
	}
	of_flow_mod_fini(mod);
	free(mod);
	return status;
}

static int read_file(struct set *set, const char *name)
{
	set->file = strcmp(name, "-") ? name : "stdin";
	return load_lines(name, add_line, set);
}

static void add_flows(const struct message_head *head, const union message_body *body, void *set)
{
	bool nicira = head->type->id == MESSAGE_NX_FLOW_STATS_REPLY;
	const struct wire_bytes *bytes =
		nicira ? &body->nx_flow_stats_reply.flows : &body->flow_stats_reply.flows;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_flow_stats *flow = XNEW(struct of_flow_stats);

	while (nicira ? of_nx_flow_stats_next(&list, flow) : of_flow_stats_next(&list, flow)) {
		const uint16_t times[2] = {flow->idle_timeout, flow->hard_timeout};

		add(set,
		    match_text(&flow->match, flow->table_id, flow->priority, NULL),
		    rest_text(flow->cookie, times, flow->importance, &flow->actions, NULL));
	}
	of_flow_stats_fini(flow);
	free(flow);
}

static int read_switch(struct set *set, struct ofconn *conn)
{
	struct of_flow_stats_request *request = XNEW(struct of_flow_stats_request);
	uint32_t xid = ofconn_xid(conn);
	struct wire_out out;
	int status;

	request->table_id = FLOW_ALL_TABLES;
	request->out_port = PORT_ANY;
	request->out_group = UINT32_MAX;
	match_init(&request->match, NULL);
	wire_out_init(&out, ofconn_version(conn));
	message_encode(
		&out,
		out.version == OF10 ? &of_nx_flow_stats_request_type : &of_flow_stats_request_type,
		xid,
		request
	);
	status = talk_ask(conn, &out, xid, add_flows, set);
	wire_out_fini(&out);
	free(request);
	return status;
}

static int compare(const void *a_, const void *b_)
{
	const struct flow *a = a_, *b = b_;
	int result = strcmp(a->match, b->match);

	return result ? result : a->line < b->line ? -1 : a->line > b->line;
}

/* In order, the last one of several that are the same flow. */
static void settle(struct set *set)
{
	struct flow *kept = XNEW_N(struct flow, set->n + 1);
	size_t n = 0;

	if (set->n)
		qsort(set->flows, set->n, sizeof(set->flows[0]), compare);
	for (size_t i = 0; i < set->n; i++) {
		if (n && !strcmp(kept[n - 1].match, set->flows[i].match)) {
			free(kept[n - 1].match);
			free(kept[n - 1].rest);
			n--;
		}
		kept[n++] = set->flows[i];
	}
	free(set->flows);
	set->flows = kept;
	set->n = n;
	set->size = n + 1;
}

/* Calls 'each' for each flow that is in one only (the other is NULL), or in both and 'all' or
 * different. */
typedef int pair_fn(const struct flow *a, const struct flow *b, void *context);

static int
compare_sets(const struct set *a, const struct set *b, bool all, pair_fn *each, void *context)
{
	size_t i = 0, j = 0;
	int status = EXIT_FINE;

	while (!status && (i < a->n || j < b->n)) {
		int order = i == a->n ? 1
			: j == b->n   ? -1
				      : strcmp(a->flows[i].match, b->flows[j].match);
		const struct flow *x = order <= 0 ? &a->flows[i++] : NULL;
		const struct flow *y = order >= 0 ? &b->flows[j++] : NULL;

		if (!x || !y || all || strcmp(x->rest, y->rest) != 0)
			status = each(x, y, context);
	}
	return status;
}

/* diff-flows */

static void print(char sign, const struct flow *flow)
{
	if (flow)
		printf("%c%s%s%s\n", sign, flow->match, *flow->match ? " " : "", flow->rest);
}

static int print_pair(const struct flow *a, const struct flow *b, void *differ)
{
	*(bool *)differ = true;
	print('-', a);
	print('+', b);
	return EXIT_FINE;
}

static int read_source(const struct ofctl_command *command, struct set *set, const char *name)
{
	bool is_file = *name == '/' || *name == '.' || !strcmp(name, "-") ||
		(!address_is_name(name) && !access(name, F_OK));
	struct ofconn *conn;
	int status;

	if (is_file) {
		status = read_file(set, name);
	} else {
		conn = talk_open(command, name);
		status = talk_end(conn, conn ? read_switch(set, conn) : EXIT_ERROR);
	}
	settle(set);
	return status;
}

static int run_diff(const struct ofctl_command *command, char **args, int n)
{
	struct set a = {0}, b = {0};
	bool differ = false;
	int status = read_source(command, &a, args[0]);

	if (!status)
		status = read_source(command, &b, args[1]);
	if (!status)
		status = compare_sets(&a, &b, false, print_pair, &differ);
	set_fini(&a);
	set_fini(&b);
	return status ? status : differ ? EXIT_DIFFERENT : EXIT_FINE;
}

/* replace-flows */

static int change_pair(const struct flow *now, const struct flow *wanted, void *load_)
{
	struct load *load = load_;
	const struct flow *flow = wanted ? wanted : now;
	struct errbuf err = {0};

	assert(flow);
	char *text = xasprintf(
		"%s%s%s", flow->match, *flow->match ? "," : "", wanted ? wanted->rest : ""
	);
	int error = flow_parse(load->mod, wanted ? FLOW_ADD : FLOW_DELETE_STRICT, text, NULL, &err);

	if (!error) {
		if (!wanted && load->mod->table_id == FLOW_ALL_TABLES)
			load->mod->table_id = 0;
		load->mod->flags |= wanted ? wanted->flags : 0;
		error = load_flow(load, wanted ? wanted->line : 0, &err);
	}
	free(text);
	return error ? fail(&err) : EXIT_FINE;
}

static int run_replace(const struct ofctl_command *command, char **args, int n)
{
	struct ofconn *conn = talk_open(command, args[0]);
	struct set wanted = {0}, now = {0};
	struct load load;
	int status;

	if (!conn)
		return EXIT_ERROR;
	load_init(&load, conn);
	wanted.names = talk_names(conn);
	status = read_file(&wanted, args[1]);
	load.file = wanted.file;
	if (!status)
		status = read_switch(&now, conn);
	settle(&wanted);
	settle(&now);
	if (!status)
		status = compare_sets(&now, &wanted, options.readd, change_pair, &load);
	if (!status)
		status = load_send(&load);
	set_fini(&wanted);
	set_fini(&now);
	load_fini(&load);
	return talk_end(conn, status);
}

OFCTL_COMMAND(
	diff_flows,
	.name = "diff-flows",
	.arguments = "SOURCE SOURCE",
	.min_args = 2,
	.max_args = 2,
	.help = "Prints what differs between the flows of two switches or files; exits with 2 if "
		"anything does.",
	.run = run_diff
);
OFCTL_COMMAND(
	replace_flows,
	.name = "replace-flows",
	.arguments = "SWITCH FILE",
	.min_args = 2,
	.max_args = 2,
	.help = "Makes the switch's flows those of a file: only what differs is changed.",
	.run = run_replace,
	.changes = true
);

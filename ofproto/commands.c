/* SPDX-License-Identifier: Apache-2.0 */

/* Commands about bridges: which there are, and what one would do with a packet.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/program.h"
#include "lib/command.h"
#include "lib/flow/match.h"
#include "lib/flow/names.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

struct bridge *bridge_of_command(const char *name, struct errbuf *err)
{
	struct bridge *bridge = name ? bridge_find(name) : NULL;
	struct near near;

	if (bridge)
		return bridge;
	if (!name) {
		HMAP_FOREACH(bridge, node, bridges_all())
			if (hmap_count(bridges_all()) == 1)
				return bridge;
		errbuf_set(err, -EINVAL, "say which bridge: ofproto/list names them");
		return NULL;
	}
	near_init(&near, name);
	HMAP_FOREACH(bridge, node, bridges_all())
		near_add(&near, bridge->name);
	if (near_best(&near))
		errbuf_set(
			err, -ENOENT, "no bridge named %s: did you mean %s?", name, near_best(&near)
		);
	else
		errbuf_set(err, -ENOENT, "no bridge named %s: ofproto/list names them", name);
	return NULL;
}

static void format_lines(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *line;

	json_array_foreach(answer, i, line)
		strbuf_addf(out, "%s\n", json_string_value(line));
}

static json_t *cmd_list(struct command_call *call, struct errbuf *err)
{
	json_t *names = json_array();
	struct bridge *bridge;

	HMAP_FOREACH(bridge, node, bridges_all())
		json_array_append_new(names, json_string(bridge->name));
	return names;
}

/* Port names for flow texts. */

static bool port_number(void *view_, const char *name, uint32_t *number)
{
	const struct view_port *port = view_find_port_named(view_, name);

	if (port)
		*number = port->number;
	return port;
}

static const char *port_name(void *view_, uint32_t number)
{
	const struct view_port *port = view_find_port(view_, number);

	return port ? port->name : NULL;
}

static void port_near(void *view_, struct near *near)
{
	const struct view_bridge *view = view_;

	for (unsigned i = 0; i < view->n_ports; i++)
		near_add(near, view->ports[i]->name);
}

/* The flow as a packet's key, as if it had come through its in_port. */
static int
parse_flow(struct bridge *bridge, const char *text, struct match *match, struct errbuf *err)
{
	struct names names = {
		.port_number = port_number,
		.port_name = port_name,
		.port_near = port_near,
		.context = bridge->view,
	};
	const struct view_port *port;

	match_init(match, NULL);
	int error = match_parse(match, text, &names, err);

	if (error)
		return error;
	port = view_find_port(bridge->view, match->key.base.in_port);
	if (!port)
		return errbuf_set(
			err,
			-EINVAL,
			"say through which port of %s the packet comes: in_port=NAME or a number",
			bridge->name
		);
	match->key.base.blocks = key_mask_blocks(&match->key) & ~1;
	return 0;
}

static void add_match(struct strbuf *out, const char *title, const struct match *match)
{
	strbuf_add(out, title);
	match_format(match, NULL, out);
	strbuf_add_char(out, '\n');
}

static void add_results(struct trace *trace, struct xlate *x, const struct match *flow)
{
	struct match match = *flow;

	match.key = x->key;
	match.key.base.in_port = flow->key.base.in_port;
	strbuf_add_char(&trace->text, '\n');
	if (!memcmp(&match.key, &flow->key, sizeof(match.key)))
		strbuf_add(&trace->text, "Final flow: unchanged\n");
	else
		add_match(&trace->text, "Final flow: ", &match);
	match.mask = x->mask;
	key_apply_mask(&match.key, &flow->key, &x->mask);
	match.key.base.blocks = match.mask.base.blocks = 0;
	add_match(&trace->text, "Megaflow: ", &match);
	strbuf_add(&trace->text, "Datapath actions: ");
	program_builder_format(&x->program, &trace->text);
}

static json_t *cmd_trace(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = bridge_of_command(call->argv[0], err);
	struct match flow;
	struct trace trace;
	struct key key;

	if (!bridge)
		return NULL;
	keeper_catch_up();
	if (parse_flow(bridge, call->argv[1], &flow, err))
		return NULL;
	struct xlate *x = XNEW(struct xlate);

	trace_init(&trace);
	add_match(&trace.text, "Flow: ", &flow);
	key = flow.key;
	key.base.in_port = view_find_port(bridge->view, key.base.in_port)->slot;
	xlate_run(x, view_get(), &key, &trace);
	add_results(&trace, x, &flow);
	json_t *answer = json_string(strbuf_text(&trace.text));

	trace_fini(&trace);
	free(x);
	return answer;
}

MGMT_COMMAND_TEXT(
	ofproto_list, "ofproto/list", "", 0, 0, cmd_list, "Names of the bridges.", format_lines
);
MGMT_COMMAND(
	ofproto_trace,
	"ofproto/trace",
	"BRIDGE FLOW",
	2,
	2,
	cmd_trace,
	"What would happen to a packet, step by step; FLOW as in ovs-fields(7)."
);

/* SPDX-License-Identifier: Apache-2.0 */

/* Commands about bridges: which there are, their rules and controllers.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/command.h"
#include "lib/epoch.h"
#include "lib/flow/match.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/rules.h"
#include "ofproto/tables/rule.h"

enum {
	STEPS_AT_ONCE = 64 /* of an answer in parts */
};

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
	near_refuse(&near, err, -ENOENT, "no bridge named %s (ofproto/list names them)", name);
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

MGMT_COMMAND_TEXT(
	ofproto_list, "ofproto/list", "", 0, 0, cmd_list, "Names of the bridges.", format_lines
);

/* Rules as OVS's command shows them. */

static json_t *show_rule(const struct rule *rule)
{
	const struct rule_actions *actions = epoch_load(&rule->actions);
	struct strbuf match = STRBUF_INIT, does = STRBUF_INIT;
	json_t *row;

	rule_format_match(rule, &match);
	actions_format(&actions->list, NULL, &does);
	row = json_pack(
		"{s:i, s:I, s:I, s:I, s:I, s:i, s:s, s:s}",
		"table",
		rule->table,
		"cookie",
		(json_int_t)rule->cookie,
		"duration",
		(json_int_t)((clock_ms() - rule->created_ms) / 1000),
		"packets",
		(json_int_t)rule_packets(rule),
		"bytes",
		(json_int_t)rule_bytes(rule),
		"priority",
		rule->priority,
		"match",
		strbuf_text(&match),
		"actions",
		does.length ? strbuf_text(&does) : "drop"
	);
	strbuf_fini(&match);
	strbuf_fini(&does);
	return row;
}

static bool show_more(void *walk, json_t *rows)
{
	struct rule *rule;

	for (unsigned i = 0; i < STEPS_AT_ONCE; i++) {
		if (!rules_walk_next(walk, &rule))
			return false;
		if (rule)
			json_array_append_new(rows, show_rule(rule));
	}
	return true;
}

static void end_showing(void *walk)
{
	rules_walk_free(walk);
}

static json_t *cmd_dump_flows(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = bridge_of_command(call->argv[0], err);
	struct match any;
	struct rules_query query = {
		.match = &any,
		.out_port = UINT32_MAX,
		.out_group = UINT32_MAX,
		.table = RULES_TABLE_ALL,
	};

	if (!bridge)
		return NULL;
	match_init(&any, NULL);
	command_answer_in_parts(call, show_more, end_showing, rules_walk_new(bridge, &query));
	return NULL;
}

static void format_rules(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *row;

	json_array_foreach(answer, i, row) {
		const char *match = json_string_value(json_object_get(row, "match"));
		json_int_t table = json_integer_value(json_object_get(row, "table"));

		if (table)
			strbuf_addf(out, "table_id=%lld, ", (long long)table);
		strbuf_addf(
			out,
			"duration=%llds, n_packets=%lld, n_bytes=%lld, priority=%lld%s%s,actions=%s\n",
			(long long)json_integer_value(json_object_get(row, "duration")),
			(long long)json_integer_value(json_object_get(row, "packets")),
			(long long)json_integer_value(json_object_get(row, "bytes")),
			(long long)json_integer_value(json_object_get(row, "priority")),
			match[0] ? "," : "",
			match,
			json_string_value(json_object_get(row, "actions"))
		);
	}
}

MGMT_COMMAND_TEXT(
	bridge_dump_flows,
	"bridge/dump-flows",
	"BRIDGE",
	1,
	1,
	cmd_dump_flows,
	"The OpenFlow rules of a bridge, without asking it by OpenFlow.",
	format_rules
);

static json_t *cmd_reconnect(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = call->argc ? bridge_of_command(call->argv[0], err) : NULL;

	if (call->argc && !bridge)
		return NULL;
	if (bridge) {
		controllers_reconnect(bridge);
		return json_string("");
	}
	HMAP_FOREACH(bridge, node, bridges_all())
		controllers_reconnect(bridge);
	return json_string("");
}

MGMT_COMMAND(
	bridge_reconnect,
	"bridge/reconnect",
	"[BRIDGE]",
	0,
	1,
	cmd_reconnect,
	"Ends the connections with controllers and makes them anew."
);

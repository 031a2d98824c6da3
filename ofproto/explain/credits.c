/* SPDX-License-Identifier: Apache-2.0 */

/* Who gets the counts of which flow: the rules of a megaflow, the megaflows of a rule.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/flow.h"
#include "datapath/program.h"
#include "lib/command.h"
#include "lib/flow/dptext.h"
#include "lib/flow/match.h"
#include "lib/strbuf.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/explain/port_names.h"
#include "ofproto/keeper/book.h"
#include "ofproto/keeper/index.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/tables/tables.h"

enum {
	ROWS_MAX = 10000 /* more than anybody reads */
};

/* The keeper. */

static json_t *rules_of(const struct kept *kept)
{
	json_t *rules = json_array();
	const struct index_dep *mine;

	INDEX_FOREACH(mine, kept) {
		struct strbuf text = STRBUF_INIT;

		if (mine->dep.kind != DEP_RULE || mine->gone)
			continue;
		rule_format((const struct rule *)(uintptr_t)mine->dep.what, &text);
		json_array_append_new(rules, json_string(strbuf_text(&text)));
		strbuf_fini(&text);
	}
	return rules;
}

static void add_flow(struct kept *kept, const struct dep *dep, void *rows)
{
	struct strbuf flow = STRBUF_INIT, actions = STRBUF_INIT;
	struct flow_stats stats;
	struct key key, mask;

	if (json_array_size(rows) == ROWS_MAX)
		return;
	flow_get_match(kept->flow, &key, &mask);
	flow_get_stats(kept->flow, &stats);
	dptext_format(&key, &mask, NULL, &flow);
	program_format(flow_program(kept->flow), &actions);
	json_array_append_new(
		rows,
		json_pack(
			"{s:s, s:I, s:I, s:s, s:b, s:o}",
			"flow",
			strbuf_text(&flow),
			"packets",
			(json_int_t)stats.packets,
			"bytes",
			(json_int_t)stats.bytes,
			"actions",
			strbuf_text(&actions),
			"stale",
			kept->stale,
			"rules",
			rules_of(kept)
		)
	);
	strbuf_fini(&flow);
	strbuf_fini(&actions);
}

static json_t *work_flows(struct xlate *x, void *unused)
{
	json_t *rows = json_array();

	book_foreach(add_flow, rows);
	return rows;
}

static json_t *work_flows_of_rule(struct xlate *x, void *rule)
{
	struct dep dep = {.kind = DEP_RULE, .what = (uintptr_t)rule};
	json_t *rows = json_array();

	index_visit(&dep, add_flow, rows);
	return rows;
}

/* Main thread. */

static void format_flows(const json_t *rows, struct strbuf *out)
{
	json_t *row, *rule;
	size_t i, j;

	json_array_foreach(rows, i, row) {
		strbuf_addf(
			out,
			"%s, packets:%lld, actions:%s\n",
			json_string_value(json_object_get(row, "flow")),
			(long long)json_integer_value(json_object_get(row, "packets")),
			json_string_value(json_object_get(row, "actions"))
		);
		json_array_foreach(json_object_get(row, "rules"), j, rule)
			strbuf_addf(out, "    %s\n", json_string_value(rule));
	}
}

/* "table=0,priority=5,ip" in its parts; what is left of 'text' is the match. */
static int
split(char *text, uint8_t *table, uint32_t *priority, struct strbuf *match, struct errbuf *err)
{
	char *save, *end;

	for (char *word = strtok_r(text, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
		bool is_table = !strncmp(word, "table=", 6);
		bool is_priority = !strncmp(word, "priority=", 9);

		if (!is_table && !is_priority) {
			strbuf_addf(match, "%s%s", match->length ? "," : "", word);
			continue;
		}
		unsigned long number = strtoul(strchr(word, '=') + 1, &end, 0);

		if (*end || number > (is_table ? TABLES_N - 1 : UINT16_MAX))
			return errbuf_set(err, -EINVAL, "%s: not a number that can be", word);
		if (is_table)
			*table = (uint8_t)number;
		else
			*priority = (uint32_t)number;
	}
	return 0;
}

static struct rule *find_rule(const struct bridge *bridge, const char *text, struct errbuf *err)
{
	struct strbuf words = STRBUF_INIT;
	struct names names = port_names(bridge->view);
	char *copy = strdup(text);
	uint32_t priority = 32768;
	struct rule *rule = NULL;
	struct match match;
	uint8_t table = 0;

	match_init(&match, bridge_tlv_map(bridge));
	if (!split(copy, &table, &priority, &words, err) &&
	    !match_parse(&match, strbuf_text(&words), &names, err)) {
		rule = tables_find_exactly(
			bridge->tables, table, priority, &match.key, &match.mask
		);
		if (!rule)
			errbuf_set(
				err,
				-ENOENT,
				"%s has no rule of just this match in table %u with priority %u: "
				"ofctl dump-flows lists them",
				bridge->name,
				table,
				priority
			);
	}
	strbuf_fini(&words);
	free(copy);
	return rule;
}

static json_t *cmd_credits(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge;
	struct rule *rule;

	if (!call->argc)
		return keeper_ask(call, work_flows, NULL, 0, err);
	bridge = bridge_of_command(call->argv[0], err);
	if (!bridge)
		return NULL;
	/* It cannot go before the keeper has answered: who ends rules asks the keeper, too. */
	rule = find_rule(bridge, call->argc > 1 ? call->argv[1] : "", err);
	return rule ? keeper_ask(call, work_flows_of_rule, rule, 0, err) : NULL;
}

MGMT_COMMAND_TEXT(
	ofproto_credits,
	"ofproto/credits",
	"[BRIDGE RULE]",
	0,
	2,
	cmd_credits,
	"Megaflows with the rules that get their counts; with RULE (table=N,priority=N,MATCH) those of "
	"this rule.",
	format_flows
);

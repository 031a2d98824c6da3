/* SPDX-License-Identifier: Apache-2.0 */

/* Which rules a query means: all of them at once, or some in each turn.  */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/flow/match.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/rules.h"
#include "ofproto/tables/tables.h"
#include "ofproto/tables/tables_walk.h"
#include "ofproto/targets.h"
#include "ofproto/wire/action.h"

enum {
	/* What looking for an action, and comparing a match, cost beside a look at a rule. */
	ACTION_BYTES_PER_WORK = 64,
	MATCH_WORK = 2,
};

static bool matches_any(const struct rules_query *query)
{
	static const struct key nothing;

	return query->strict || !memcmp(&query->match->mask, &nothing, sizeof(nothing));
}

static bool looks_at_actions(const struct rules_query *query)
{
	return query->out_port != UINT32_MAX || query->out_group != UINT32_MAX || query->meter;
}

static bool is_meant(const struct rule *rule, const struct rules_query *query, bool any_match)
{
	struct match match;

	if (rule->priority > UINT16_MAX)
		return false;
	if (query->cookie_mask && (rule->cookie ^ query->cookie) & query->cookie_mask)
		return false;
	if (query->out_port != UINT32_MAX &&
	    !targets_have_port(&rule->actions->list, query->out_port))
		return false;
	if (query->out_group != UINT32_MAX &&
	    !targets_have_group(&rule->actions->list, query->out_group))
		return false;
	if (query->meter && !targets_have_meter(&rule->actions->list, query->meter))
		return false;
	if (any_match)
		return true;
	rule_match(rule, &match);
	return match_is_within(&match, query->match);
}

struct visit {
	const struct rules_query *query;
	bool any_match;
	void (*visit)(struct rule *rule, void *context);
	void *context;
};

static bool visit_rule(struct rule *rule, void *visit_)
{
	const struct visit *visit = visit_;

	if (is_meant(rule, visit->query, visit->any_match))
		visit->visit(rule, visit->context);
	return true;
}

static unsigned first_table(const struct rules_query *query)
{
	return query->table == RULES_TABLE_ALL ? 0 : query->table;
}

static unsigned last_table(const struct rules_query *query)
{
	return query->table == RULES_TABLE_ALL ? TABLES_N - 1 : query->table;
}

void rules_foreach(
	struct bridge *bridge,
	const struct rules_query *query,
	void (*visit)(struct rule *rule, void *context),
	void *context
)
{
	struct visit each = {
		.query = query,
		.any_match = matches_any(query),
		.visit = visit,
		.context = context,
	};

	for (unsigned table = first_table(query); table <= last_table(query); table++) {
		if (!tables_count(bridge->tables, table))
			continue;
		if (!query->strict) {
			tables_foreach(bridge->tables, table, visit_rule, &each);
			continue;
		}
		struct rule *rule = tables_find_exactly(
			bridge->tables,
			table,
			query->priority,
			&query->match->key,
			&query->match->mask
		);

		if (rule)
			visit_rule(rule, &each);
	}
}

struct rules_walk {
	struct tables_walk *walk;
	struct match match;
	struct rules_query query;
	bool any_match;
};

struct rules_walk *rules_walk_new(struct bridge *bridge, const struct rules_query *query)
{
	struct rules_walk *walk = xmalloc(sizeof(*walk));

	assert(!query->strict);
	walk->match = *query->match;
	walk->query = *query;
	walk->query.match = &walk->match;
	walk->any_match = matches_any(query);
	walk->walk = tables_walk_new(
		bridge->tables, (uint8_t)first_table(query), (uint8_t)last_table(query)
	);
	return walk;
}

void rules_walk_free(struct rules_walk *walk)
{
	if (!walk)
		return;
	tables_walk_free(walk->walk);
	free(walk);
}

unsigned rules_walk_next(struct rules_walk *walk, struct rule **rule)
{
	unsigned work = 1;

	if (!tables_walk_next(walk->walk, rule))
		return 0;
	if (!*rule)
		return work;
	if (looks_at_actions(&walk->query))
		work += (unsigned)((*rule)->actions->list.n / ACTION_BYTES_PER_WORK);
	if (!walk->any_match)
		work += MATCH_WORK;
	if (!is_meant(*rule, &walk->query, walk->any_match))
		*rule = NULL;
	return work;
}

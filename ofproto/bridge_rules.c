/* SPDX-License-Identifier: Apache-2.0 */

/* Rules that a bridge has by itself, and its last ones.  */

#include "ofproto/actions/room.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/learned/teachers.h"
#include "ofproto/rules.h"
#include "ofproto/tables/tables.h"

struct end_context {
	struct bridge *bridge;
	struct change *change;
};

static bool end_rule(struct rule *rule, void *context_)
{
	struct end_context *context = context_;

	tables_end(context->bridge->tables, rule);
	change_add(context->change, DEP_RULE, 0, 0, (uintptr_t)rule);
	return true;
}

void bridge_drop_rules(struct bridge *bridge, struct change *change)
{
	struct end_context context = {bridge, change};

	for (unsigned table = 0; table < TABLES_N; table++)
		tables_foreach(bridge->tables, table, end_rule, &context);
	teachers_forget(bridge);
	tables_flip(bridge->tables);
}

void bridge_begin_anew(struct bridge *bridge)
{
	if (!controllers_decide(bridge))
		rules_delete_all(bridge);
}

void bridge_add_default_rules(struct bridge *bridge, struct change *change)
{
	static const struct key any;
	struct rule like = {.table = 0, .priority = 0};

	/* A controller's rules are its own affair; the switch only ever adds NORMAL. */
	if (bridge->fail_mode != BRIDGE_STANDALONE || controllers_decide(bridge) ||
	    tables_find_exactly(bridge->tables, 0, 0, &any, &any))
		return;
	enum of_error error;
	struct action_list list;

	action_list_init(&list);
	actions_parse(&list, "NORMAL", NULL, NULL);
	struct rule_actions *actions = rule_actions_get(&list, &error);
	struct rule *rule = tables_add(bridge->tables, &like, &any, &any, actions, NULL);

	action_list_fini(&list);

	tables_flip(bridge->tables);
	change_add_rule(change, bridge->index, rule);
}

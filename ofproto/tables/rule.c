/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/rule.h"

#include <stdlib.h>

#include "lib/xmalloc.h"

struct rule_actions *
rule_actions_new_one(const char *text, rule_action_fn *translate, void *take_args)
{
	struct rule_actions *actions = xcalloc(1, sizeof(*actions) + sizeof(struct rule_action));

	actions->text = xstrdup(text);
	actions->owned = take_args;
	actions->n = 1;
	actions->actions[0].translate = translate;
	actions->actions[0].args = take_args;
	return actions;
}

void rule_actions_free(void *actions_)
{
	struct rule_actions *actions = actions_;

	if (!actions)
		return;
	free(actions->text);
	free(actions->owned);
	free(actions);
}

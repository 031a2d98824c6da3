/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/rule.h"

#include <stdlib.h>
#include <string.h>

#include "ofproto/tables/tables.h"

void rule_actions_free(void *actions_)
{
	struct rule_actions *actions = actions_;

	if (!actions)
		return;
	action_list_fini(&actions->list);
	free(actions);
}

bool rule_is_miss(const struct rule *rule)
{
	static const struct key any;
	struct key key = {0}, mask = {0};

	if (rule->priority)
		return false;
	rule_get_match(rule, &key, &mask);
	return !memcmp(&mask, &any, sizeof(mask));
}

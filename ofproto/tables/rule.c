/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/rule.h"

#include <stdlib.h>

void rule_actions_free(void *actions_)
{
	struct rule_actions *actions = actions_;

	if (!actions)
		return;
	action_list_fini(&actions->list);
	free(actions);
}

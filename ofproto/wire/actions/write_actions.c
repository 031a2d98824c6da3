/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/nested.h"

/* write_actions: the actions inside go into the action set.  */

static enum of_error check(const struct action *action, struct action_check *check)
{
	struct action_list inside = action_inside(action);
	bool strict = check->strict;
	enum of_error error = OF_OK;

	ACTION_FOREACH(inner, &inside)
		if (!inner->type->set_slot)
			return OF_BAC_UNSUPPORTED_ORDER;
	/* When they will run is not known, so neither is what the packet will be. */
	check->strict = false;
	error = actions_check(&inside, check);
	check->strict = strict;
	return error;
}

static const struct action_type action_write_actions = {
	.name = "write_actions",
	.help = "write_actions(ACTION,…)",
	.wires = {ACTION_INSTRUCTION(OF11, OF15, 3, .pad = 4)},
	.size = sizeof(struct action),
	.step = ACTION_STEP_WRITE,
	.decode = nested_decode,
	.encode = nested_encode,
	.parse = nested_parse,
	.format = nested_format,
	.check = check,
};
REGISTRY_ADD(action_type, action_write_actions);

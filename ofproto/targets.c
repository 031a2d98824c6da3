/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/targets.h"

#include "ofproto/groups/groups.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/output.h"

bool targets_have_port(const struct action_list *list, uint32_t port)
{
	ACTION_FOREACH(action, list) {
		struct action_list inside = action_inside(action);

		if (action->type->set_slot == ACTION_SET_OUTPUT &&
		    ((const struct action_output *)action)->port == port)
			return true;
		if (action->nested && targets_have_port(&inside, port))
			return true;
	}
	return false;
}

static uint32_t group_of(const struct action *action)
{
	return (uint32_t)((const struct action_value *)action)->value;
}

bool targets_have_group(const struct action_list *list, uint32_t group)
{
	ACTION_FOREACH(action, list) {
		struct action_list inside = action_inside(action);

		if (action->type->set_slot == ACTION_SET_GROUP &&
		    (group == GROUP_ID_ALL || group_of(action) == group))
			return true;
		if (action->nested && targets_have_group(&inside, group))
			return true;
	}
	return false;
}

bool targets_have_meter(const struct action_list *list, uint32_t meter)
{
	ACTION_FOREACH(action, list) {
		struct action_list inside = action_inside(action);

		if (action->type->step == ACTION_STEP_METER &&
		    ((const struct action_value *)action)->value == meter)
			return true;
		if (action->nested && targets_have_meter(&inside, meter))
			return true;
	}
	return false;
}

bool targets_lack_group(const struct action_list *list, const struct groups *groups)
{
	ACTION_FOREACH(action, list) {
		struct action_list inside = action_inside(action);

		if (action->type->set_slot == ACTION_SET_GROUP &&
		    !groups_find_newest(groups, group_of(action)))
			return true;
		if (action->nested && targets_lack_group(&inside, groups))
			return true;
	}
	return false;
}

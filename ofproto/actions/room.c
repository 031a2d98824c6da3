/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/actions/room.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "ofproto/wire/action.h"
#include "ofproto/xlate/xlate.h"

/* There are few types and many rules: what was found is kept beside the registry of types. */
static const struct action_room *find_room(const struct action_type *type)
{
	REGISTRY_FOREACH(action_room, room)
		if (!strcmp(room->name, type->name))
			return room;
	return NULL;
}

static rule_action_fn *translation_of(const struct action_type *type)
{
	static struct {
		const struct action_type *type;
		rule_action_fn *translate;
	} known[64];
	unsigned i = ((uintptr_t)type / sizeof(*type)) % ARRAY_LENGTH(known);

	if (known[i].type != type) {
		const struct action_room *room = find_room(type);

		if (!room)
			return NULL;
		known[i].translate = room->translate;
		known[i].type = type;
	}
	return known[i].translate;
}

void action_translate(struct xlate *x, const struct action *action)
{
	const struct action_room *room = find_room(action->type);

	if (room && !x->stopped)
		room->translate(x, action);
}

struct rule_actions *rule_actions_new(const struct action_list *list, enum of_error *error)
{
	struct rule_actions *actions;
	unsigned n = 0;

	ACTION_FOREACH(action, list)
		n++;
	actions = xcalloc(1, sizeof(*actions) + n * sizeof(actions->actions[0]));
	action_list_init(&actions->list);
	action_list_copy(&actions->list, list);
	ACTION_FOREACH(action, &actions->list) {
		struct rule_action *mine = &actions->actions[actions->n++];

		mine->args = action;
		mine->translate = translation_of(action->type);
		actions->has_meter |= action->type->step == ACTION_STEP_METER || action->nested;
		if (mine->translate)
			continue;
		*error = action->type->step ? OF_BIC_UNSUP_INST : OF_BAC_BAD_TYPE;
		rule_actions_free(actions);
		return NULL;
	}
	return actions;
}

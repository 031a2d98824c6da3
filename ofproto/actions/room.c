/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/actions/room.h"

#include <stdlib.h>
#include <string.h>

#include "lib/flow/names.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action.h"
#include "ofproto/wire/actions/output.h"
#include "ofproto/xlate/freeze.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

static const struct action_room *find_room(const struct action_type *type)
{
	REGISTRY_FOREACH(action_room, room)
		if (!strcmp(room->name, type->name))
			return room;
	return NULL;
}

/* There are few types and many rules: what was found is kept. Main thread only. */
static const struct action_room *room_of(const struct action_type *type)
{
	static struct {
		const struct action_type *type;
		const struct action_room *room;
	} known[64];
	unsigned i = ((uintptr_t)type / sizeof(*type)) % ARRAY_LENGTH(known);

	if (known[i].type != type) {
		known[i].room = find_room(type);
		known[i].type = type;
	}
	return known[i].room;
}

static uint8_t flags_of(const struct action_room *room, const struct action *action)
{
	return room->flags | (room->more_flags ? room->more_flags(action) : 0);
}

bool action_room_exists(const struct action_type *type)
{
	return room_of(type);
}

static void run(struct xlate *x, rule_action_fn *translate, const struct action *action)
{
	translate(x, action);
	if (x->trace)
		trace_looked(x->trace, &x->mask, "action %s", action->type->name);
}

void actions_run(struct xlate *x, const struct rule_actions *actions)
{
	unsigned i = 0;

	for (; i < actions->n && xlate_goes_on(x, actions->actions[i].flags); i++)
		run(x, actions->actions[i].translate, actions->actions[i].args);
	if (!x->freezing || i == actions->n)
		return;
	freeze_add_step(x);
	for (; i < actions->n; i++)
		freeze_add_action(x, actions->actions[i].args);
}

void actions_run_array(struct xlate *x, const struct action *const *actions, unsigned n)
{
	unsigned i = 0;

	for (; i < n; i++) {
		const struct action_room *room = find_room(actions[i]->type);

		if (!room)
			continue;
		if (!xlate_goes_on(x, flags_of(room, actions[i])))
			break;
		run(x, room->translate, actions[i]);
	}
	if (!x->freezing || i == n)
		return;
	freeze_add_step(x);
	for (; i < n; i++)
		freeze_add_action(x, actions[i]);
}

void actions_run_list(struct xlate *x, const struct action_list *list)
{
	const struct action *next = action_first(list);

	while (next) {
		const struct action_room *room = find_room(next->type);

		if (room && !xlate_goes_on(x, flags_of(room, next)))
			break;
		if (room)
			run(x, room->translate, next);
		next = action_next(list, next);
	}
	if (!x->freezing || !next)
		return;
	freeze_add_step(x);
	for (; next; next = action_next(list, next))
		freeze_add_action(x, next);
}

/* Whether conjunctions are alone, but for remarks, where there are any. */
static bool check_conjunctive(struct rule_actions *actions)
{
	bool others = false;

	for (unsigned i = 0; i < actions->n; i++) {
		uint8_t flags = actions->actions[i].flags;

		actions->conjunctive |= (flags & ACTION_ROOM_CONJUNCTION) != 0;
		others |= !(flags & (ACTION_ROOM_CONJUNCTION | ACTION_ROOM_REMARK));
	}
	return !actions->conjunctive || !others;
}

/* In one run of memory: the actions as translation runs them, then the list. */
static struct rule_actions *copy_list(const struct action_list *list)
{
	struct rule_actions *actions;
	size_t size = sizeof(*actions);
	unsigned n = 0;

	ACTION_FOREACH(action, list)
		n++;
	size += n * sizeof(actions->actions[0]);
	actions = xcalloc(1, size + list->n);
	actions->list.data = (uint8_t *)actions + size;
	actions->list.n = list->n;
	if (list->n)
		memcpy(actions->list.data, list->data, list->n);
	return actions;
}

struct rule_actions *rule_actions_new(const struct action_list *list, enum of_error *error)
{
	struct rule_actions *actions = copy_list(list);

	ACTION_FOREACH(action, &actions->list) {
		const struct action_room *room = room_of(action->type);
		struct rule_action *mine = &actions->actions[actions->n++];

		mine->args = action;
		actions->has_meter |= action->type->step == ACTION_STEP_METER || action->nested;
		actions->has_group |= action->type->set_slot == ACTION_SET_GROUP || action->nested;
		actions->learns |= action->nested || (room && room->flags & ACTION_ROOM_LEARNS);
		if (room) {
			mine->translate = room->translate;
			mine->flags = flags_of(room, action);
			continue;
		}
		*error = action->type->step ? OF_BIC_UNSUP_INST : OF_BAC_BAD_TYPE;
		rule_actions_free(actions);
		return NULL;
	}
	if (!check_conjunctive(actions)) {
		*error = OF_NXBAC_BAD_CONJUNCTION;
		rule_actions_free(actions);
		return NULL;
	}
	return actions;
}

struct rule_actions *rule_actions_get(const struct action_list *list, enum of_error *error)
{
	struct rule_actions *actions = rule_actions_find(list);

	if (actions)
		return actions;
	actions = rule_actions_new(list, error);
	if (actions)
		rule_actions_share(actions);
	return actions;
}

uint32_t actions_output_of_set(const struct xlate_set *set)
{
	const struct action *output = set->slots[ACTION_SET_OUTPUT];

	if (!output || set->slots[ACTION_SET_GROUP] || strcmp(output->type->name, "output"))
		return PORT_UNSET;
	return ((const struct action_output *)output)->port;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rooms of actions: the translation of each action, one file here beside its codec in wire/actions/.
 *
 *	static void translate(struct xlate *x, const void *args) …    args: the action's struct
 *	ACTION_ROOM(output, translate);
 *
 * A list of actions is furnished once, when a rule gets it: what translation needs is then at
 * hand without a search.  */

#include "lib/registry.h"
#include "ofproto/tables/rule.h"
#include "ofproto/wire/error.h"

struct action;
struct action_list;
struct xlate;

struct action_room {
	const char *name; /* of the action's type */
	rule_action_fn *translate;
};

REGISTRY_DECLARE(action_room, const struct action_room);

#define ACTION_ROOM(action_name, translate_fn)                                                     \
	static const struct action_room action_room_##action_name = {                              \
		.name = #action_name,                                                              \
		.translate = translate_fn,                                                         \
	};                                                                                         \
	REGISTRY_ADD(action_room, action_room_##action_name)

/* Any thread. */

/* For an action that is not run as part of a rule's list. */
void action_translate(struct xlate *x, const struct action *action);

/* Main thread. */

/* Copies the list. NULL with 'error' set when the switch does not have one of the actions. */
struct rule_actions *rule_actions_new(const struct action_list *list, enum of_error *error);

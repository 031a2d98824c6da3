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
struct action_type;
struct action_list;
struct xlate;
struct xlate_set;

enum action_room_flags {
	ACTION_ROOM_BLIND = 1, /* does not look behind the Ethernet header and its tags */
	ACTION_ROOM_RESHAPES = 2, /* puts headers on or off that cannot be put back */
	ACTION_ROOM_LEARNS = 4, /* makes rules */
	ACTION_ROOM_CONJUNCTION = 8, /* the rule is an alternative of a conjunctive match … */
	ACTION_ROOM_REMARK = 16, /* … which may have these besides */
	ACTION_ROOM_UNTAGS = 32, /* takes a VLAN tag off, be it one that the key does not show */
};

struct action_room {
	const char *name; /* of the action's type */
	rule_action_fn *translate;
	uint8_t flags;
	uint8_t (*more_flags)(const void *args); /* that this very action has; may be NULL */
};

REGISTRY_DECLARE(action_room, const struct action_room);

#define ACTION_ROOM(action_name, translate_fn) ACTION_ROOM_WITH(action_name, translate_fn, 0)
#define ACTION_ROOM_WITH(action_name, translate_fn, its_flags)                                     \
	static const struct action_room action_room_##action_name = {                              \
		.name = #action_name,                                                              \
		.translate = translate_fn,                                                         \
		.flags = its_flags,                                                                \
	};                                                                                         \
	REGISTRY_ADD(action_room, action_room_##action_name)

/* Any thread. */

/* Does the actions one after the other. If the pipeline freezes, those that are left are added. */
void actions_run(struct xlate *x, const struct rule_actions *actions);
void actions_run_list(struct xlate *x, const struct action_list *list);
void actions_run_array(struct xlate *x, const struct action *const *actions, unsigned n);
/* The port where the action set sends the packet as it is now, for the field actset_output. */
uint32_t actions_output_of_set(const struct xlate_set *set);

/* Main thread. */

/* Whether the switch does such actions. */
bool action_room_exists(const struct action_type *type);
/* Copies the list. NULL with 'error' set when the switch does not have one of the actions. */
struct rule_actions *rule_actions_new(const struct action_list *list, enum of_error *error);
/* The same for one more rule, which may share them with others. */
struct rule_actions *rule_actions_get(const struct action_list *list, enum of_error *error);

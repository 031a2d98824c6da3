/* SPDX-License-Identifier: Apache-2.0 */

/* Actions that say where the pipeline goes on, or that it ends.  */

#include "ofproto/actions/room.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/xlate/xlate.h"

static void go_to(struct xlate *x, const void *args)
{
	const struct action_value *value = args;

	x->next_table = (int)value->value;
}

static void end(struct xlate *x, const void *args)
{
	x->exited = true;
}

static void write_actions(struct xlate *x, const void *args)
{
	const struct action *write = args;
	struct action_list inside = action_inside(write);

	ACTION_FOREACH(action, &inside) {
		unsigned slot = action->type->set_slot;

		if (slot == ACTION_SET_FIELDS) {
			if (x->set.n_fields < XLATE_SET_FIELDS)
				x->set.fields[x->set.n_fields++] = action;
		} else if (slot) {
			x->set.slots[slot] = action;
		}
	}
}

static void clear_actions(struct xlate *x, const void *args)
{
	x->set = (struct xlate_set){0};
}

ACTION_ROOM(goto_table, go_to);
ACTION_ROOM(exit, end);
ACTION_ROOM(write_actions, write_actions);
ACTION_ROOM(clear_actions, clear_actions);

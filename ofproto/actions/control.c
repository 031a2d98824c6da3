/* SPDX-License-Identifier: Apache-2.0 */

/* Actions that say where the pipeline goes on, or that it ends.  */

#include "ofproto/actions/room.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/resubmit.h"
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

/* Another lookup, after which this rule goes on. */
static void resubmit(struct xlate *x, const void *args)
{
	const struct action_resubmit *resubmit = args;
	uint32_t in_port = x->key.base.in_port;

	if (resubmit->in_port != PORT_IN_PORT)
		x->key.base.in_port = resubmit->in_port;
	xlate_table(x, resubmit->table == 255 ? x->table : resubmit->table);
	x->key.base.in_port = in_port;
}

static void do_clone(struct xlate *x, const void *args)
{
	struct action_list inside = action_inside(args);
	struct key key = x->key, known = x->known;
	struct xlate_set set = x->set;
	unsigned n_stack = x->n_stack;

	ACTION_FOREACH(action, &inside)
		if (!x->exited)
			action_translate(x, action);
	x->key = key;
	x->known = known;
	x->set = set;
	x->n_stack = n_stack;
	x->exited = false;
}

static void note(struct xlate *x, const void *args)
{
	/* A remark of the controller's to itself. */
}

ACTION_ROOM(goto_table, go_to);
ACTION_ROOM(exit, end);
ACTION_ROOM(write_actions, write_actions);
ACTION_ROOM(clear_actions, clear_actions);
ACTION_ROOM(resubmit, resubmit);
ACTION_ROOM(clone, do_clone);
ACTION_ROOM(note, note);

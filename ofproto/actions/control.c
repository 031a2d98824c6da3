/* SPDX-License-Identifier: Apache-2.0 */

/* Actions that say where the pipeline goes on, or that it ends.  */

#include "ofproto/actions/room.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/resubmit.h"
#include "ofproto/xlate/copy.h"
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

	ACTION_FOREACH(action, &inside)
		xlate_set_add(&x->set, action);
}

static void clear_actions(struct xlate *x, const void *args)
{
	x->set = (struct xlate_set){0};
}

/* Another lookup, after which this rule goes on. */
static void resubmit(struct xlate *x, const void *args)
{
	const struct action_resubmit *resubmit = args;

	xlate_table(x, resubmit->table == 255 ? x->table : resubmit->table, resubmit->in_port);
}

static void do_clone(struct xlate *x, const void *args)
{
	struct action_list inside = action_inside(args);
	struct copy copy;

	copy_begin(&copy, x);
	actions_run_list(x, &inside);
	copy_end(&copy, x);
}

static void note(struct xlate *x, const void *args)
{
	/* A remark of the controller's to itself. */
}

ACTION_ROOM_WITH(goto_table, go_to, ACTION_ROOM_BLIND);
ACTION_ROOM_WITH(exit, end, ACTION_ROOM_BLIND);
ACTION_ROOM_WITH(write_actions, write_actions, ACTION_ROOM_BLIND);
ACTION_ROOM_WITH(clear_actions, clear_actions, ACTION_ROOM_BLIND);
ACTION_ROOM_WITH(resubmit, resubmit, ACTION_ROOM_BLIND);
ACTION_ROOM(clone, do_clone);
ACTION_ROOM_WITH(note, note, ACTION_ROOM_BLIND | ACTION_ROOM_REMARK);

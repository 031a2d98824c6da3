/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/xlate/pause.h"

#include <stdlib.h>
#include <string.h>

#include "lib/flow/match.h"
#include "lib/xmalloc.h"
#include "ofproto/actions/controller.h"
#include "ofproto/wire/actions/controller.h"
#include "ofproto/xlate/freeze.h"

enum {
	MAGIC = 0x77656972,
	FORMAT = 1,
	STACK_ENTRY = 16,
};

/* While the translation finds out what is left. */
struct pause {
	const struct action_controller *action;
	struct packet_in_note note;
};

void pause_begin(struct xlate *x, const struct action_controller *action)
{
	if (x->freezing)
		return;
	x->pause = XNEW(struct pause);
	x->pause->action = action;
	controller_note(x, &x->pause->note, action);
	freeze_begin(x);
}

static void put_step(struct wire_out *out, const struct xlate_step *step)
{
	wire_put_u8(out, step->table);
	wire_put_u8(out, step->origin);
	wire_put_u8(out, step->is_lookup);
	wire_put_u8(out, 0);
	wire_put_u32(out, step->in_port);
	wire_put_u64(out, step->cookie);
	size_t at = out->n;

	wire_put_u16(out, 0);
	instructions_encode(out, &step->list);
	wire_patch_u16(out, at, at + 2);
}

static void put_action(struct wire_out *out, const struct action *action)
{
	if (action)
		action->type->encode(out, action);
}

static void put_set(struct wire_out *out, const struct xlate_set *set)
{
	size_t at = out->n;

	wire_put_u16(out, 0);
	for (unsigned i = 0; i < XLATE_SET_SLOTS; i++)
		put_action(out, set->slots[i]);
	for (unsigned i = 0; i < set->n_fields; i++)
		put_action(out, set->fields[i]);
	wire_patch_u16(out, at, at + 2);
}

static void put_rest(struct wire_out *out, const struct xlate *x)
{
	wire_put_u32(out, MAGIC);
	wire_put_u8(out, FORMAT);
	wire_put_u8(out, (uint8_t)x->n_frozen);
	wire_put_u8(out, (uint8_t)x->n_stack);
	wire_put_u8(out, 0);
	wire_put_u32(out, x->bridge->index);
	wire_put(out, x->stack, x->n_stack * STACK_ENTRY);
	for (unsigned i = 0; i < x->n_frozen; i++)
		put_step(out, &x->frozen[i]);
	put_set(out, &x->set);
}

void pause_seal(struct xlate *x)
{
	struct pause *pause = x->pause;
	struct wire_out out;

	wire_out_init(&out, OF15);
	put_rest(&out, x);
	x->pause = NULL;
	xlate_commit(x);
	controller_punt(
		x,
		&pause->note,
		pause->action,
		&(struct wire_bytes){.data = out.data, .n = (uint32_t)out.n}
	);
	wire_out_fini(&out);
	free(pause);
}

void pause_run(struct xlate *x, const struct resumption *resumption)
{
	unsigned i = 0;

	x->in = view_find_port(x->bridge, x->key.base.in_port);
	x->n_stack = resumption->n_stack;
	memcpy(x->stack, resumption->stack, sizeof(resumption->stack));
	ACTION_FOREACH(action, &resumption->set)
		xlate_set_add(&x->set, action);
	for (; i < resumption->n_steps && !x->exited && !x->stopped; i++)
		xlate_run_step(x, &resumption->steps[i]);
	freeze_add_rest(x, &resumption->steps[i], resumption->n_steps - i);
}

/* Reading. */

static enum of_error check(const struct action_list *list, uint8_t table)
{
	struct match match;
	struct action_check check = {
		.match = &match,
		.version = OF15,
		.table = table,
		.max_ports = PORT_MAX,
	};

	match_init(&match, NULL);
	return actions_check(list, &check);
}

static enum of_error read_step(struct wire_in *in, struct xlate_step *step)
{
	struct wire_in list;

	step->table = wire_u8(in);
	step->origin = wire_u8(in);
	step->is_lookup = wire_u8(in);
	wire_skip(in, 1);
	step->in_port = wire_u32(in);
	step->cookie = wire_u64(in);
	list = wire_sub(in, wire_u16(in), OF_BRC_BAD_LEN);
	action_list_init(&step->list);
	instructions_decode(&list, wire_left(&list), &step->list);
	if (in->error)
		return in->error;
	return list.error ? list.error : check(&step->list, step->table);
}

static enum of_error read_set(struct wire_in *in, struct action_list *set)
{
	struct wire_in list = wire_sub(in, wire_u16(in), OF_BRC_BAD_LEN);

	actions_decode(&list, wire_left(&list), set);
	if (in->error)
		return in->error;
	return list.error ? list.error : check(set, 0);
}

static enum of_error read_all(struct resumption *resumption, struct wire_in *in)
{
	enum of_error error = OF_OK;
	unsigned n_steps;

	if (wire_u32(in) != MAGIC || wire_u8(in) != FORMAT)
		return OF_NXR_STALE;
	n_steps = wire_u8(in);
	resumption->n_stack = wire_u8(in);
	wire_skip(in, 1);
	resumption->bridge = wire_u32(in);
	if (n_steps > XLATE_STEPS_FROZEN || resumption->n_stack > XLATE_STACK)
		return OF_NXR_STALE;
	for (unsigned i = 0; i < resumption->n_stack; i++) {
		struct wire_bytes entry = wire_take(in, STACK_ENTRY, OF_BRC_BAD_LEN);

		if (entry.n == STACK_ENTRY)
			memcpy(resumption->stack[i], entry.data, STACK_ENTRY);
	}
	while (!error && resumption->n_steps < n_steps)
		error = read_step(in, &resumption->steps[resumption->n_steps++]);
	return error ? error : read_set(in, &resumption->set);
}

enum of_error resumption_read(struct resumption *resumption, const struct wire_bytes *note)
{
	struct wire_in in = wire_in(note->data, note->n, OF15);
	enum of_error error;

	memset(resumption, 0, sizeof(*resumption));
	action_list_init(&resumption->set);
	error = read_all(resumption, &in);
	if (error)
		resumption_fini(resumption);
	return error;
}

void resumption_fini(struct resumption *resumption)
{
	for (unsigned i = 0; i < resumption->n_steps; i++)
		action_list_fini(&resumption->steps[i].list);
	action_list_fini(&resumption->set);
	resumption->n_steps = 0;
}

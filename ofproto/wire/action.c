/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/action.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "lib/errbuf.h"
#include "lib/near.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/message.h"

enum {
	APPLY_ACTIONS = 4, /* OpenFlow's instruction */
	EXPERIMENTER = 0xffff,
	INDEX_SIZE = 4096,
};

/* Open addressing: (version, vendor, number) → the type and its encoding. */
static struct {
	const struct action_type *type;
	const struct action_wire *wire;
	uint8_t version;
} action_index[INDEX_SIZE];
static once_flag index_once = ONCE_FLAG_INIT;

static uint32_t hash_id(uint8_t version, uint32_t vendor, uint16_t number, bool instruction)
{
	return (((uint32_t)version << 24 ^ vendor ^ (uint32_t)number << 1) + instruction) *
		2654435761U >>
		20;
}

static void
index_put(const struct action_type *type, const struct action_wire *wire, uint8_t version)
{
	uint32_t slot = hash_id(version, wire->vendor, wire->number, wire->instruction);

	for (slot %= INDEX_SIZE; action_index[slot].type; slot = (slot + 1) % INDEX_SIZE) {
		const struct action_wire *other = action_index[slot].wire;

		/* Two actions must not have one number. */
		if (action_index[slot].version == version && other->number == wire->number &&
		    other->vendor == wire->vendor && other->instruction == wire->instruction)
			abort();
	}
	action_index[slot].type = type;
	action_index[slot].wire = wire;
	action_index[slot].version = version;
}

static void index_build(void)
{
	REGISTRY_FOREACH(action_type, type)
		for (unsigned i = 0; i < ACTION_WIRES; i++)
			for (uint8_t v = type->wires[i].first; v && v <= type->wires[i].last; v++)
				index_put(type, &type->wires[i], v);
}

static const struct action_type *find_wire(
	uint8_t version,
	uint32_t vendor,
	uint16_t number,
	bool instruction,
	const struct action_wire **wire
)
{
	uint32_t slot = hash_id(version, vendor, number, instruction);

	call_once(&index_once, index_build);
	for (slot %= INDEX_SIZE; action_index[slot].type; slot = (slot + 1) % INDEX_SIZE) {
		*wire = action_index[slot].wire;
		if (action_index[slot].version == version && (*wire)->number == number &&
		    (*wire)->vendor == vendor && (*wire)->instruction == instruction)
			return action_index[slot].type;
	}
	return NULL;
}

/* Lists. */

void action_list_init(struct action_list *list)
{
	*list = (struct action_list){0};
}

void action_list_fini(struct action_list *list)
{
	free(list->data);
	action_list_init(list);
}

void action_list_clear(struct action_list *list)
{
	list->n = 0;
}

static void make_room(struct action_list *list, size_t n)
{
	size_t size = list->size ? list->size : 128;

	if (list->n + n <= list->size)
		return;
	while (size < list->n + n)
		size *= 2;
	list->data = xrealloc(list->data, size);
	list->size = size;
}

void action_list_copy(struct action_list *to, const struct action_list *from)
{
	to->n = 0;
	action_list_append(to, from);
}

void action_list_append(struct action_list *to, const struct action_list *from)
{
	if (!from->n)
		return;
	make_room(to, from->n);
	memcpy(to->data + to->n, from->data, from->n);
	to->n += from->n;
}

bool action_list_equal(const struct action_list *a, const struct action_list *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->data, b->data, a->n));
}

const struct action *action_first(const struct action_list *list)
{
	return list->n ? (const struct action *)(const void *)list->data : NULL;
}

const struct action *action_next(const struct action_list *list, const struct action *action)
{
	const uint8_t *next = (const uint8_t *)action + action->size;

	return next < list->data + list->n ? (const struct action *)(const void *)next : NULL;
}

struct action_list action_inside(const struct action *action)
{
	struct action_list list = {0};

	if (action->nested) {
		list.data = (uint8_t *)(uintptr_t)action + action->nested;
		list.n = action->size - action->nested;
	}
	return list;
}

void *action_add(struct action_list *list, const struct action_type *type, size_t extra)
{
	size_t size = (type->size + extra + 7) & ~(size_t)7;
	struct action *action;

	make_room(list, size);
	action = (struct action *)(void *)(list->data + list->n);
	memset(action, 0, size);
	action->type = type;
	action->size = (uint32_t)size;
	list->n += size;
	return action;
}

void action_close(struct action_list *list, size_t at)
{
	struct action *action = (struct action *)(void *)(list->data + at);

	action->nested = action->size;
	action->size = (uint32_t)(list->n - at);
}

const struct action_type *action_find(const char *name)
{
	REGISTRY_FOREACH(action_type, type)
		if (!strcasecmp(type->name, name) ||
		    (type->alias && !strcasecmp(type->alias, name)))
			return type;
	return NULL;
}

void action_near(struct near *near)
{
	REGISTRY_FOREACH(action_type, type)
		near_add(near, type->name);
	near_add(near, "drop");
}

/* Wire. */

/* One action's body and type; the reader moves behind it. */
static void decode_one(struct wire_in *in, struct action_list *list)
{
	uint16_t number = wire_u16(in), length = wire_u16(in);
	const struct action_wire *wire = NULL;
	const struct action_type *type;
	struct wire_in body;
	uint32_t vendor = 0;

	if (in->error || length < 8 || length % 8 || length - 4U > wire_left(in) ||
	    list->n > ACTION_MAX_SIZE) {
		in->error = OF_OK;
		wire_fail(in, OF_BAC_BAD_LEN);
		return;
	}
	body = wire_sub(in, length - 4U, OF_BAC_BAD_LEN);
	if (number == EXPERIMENTER) {
		vendor = wire_u32(&body);
		if (vendor != OF_VENDOR_NICIRA && vendor != OF_VENDOR_ONF) {
			wire_fail(in, OF_BAC_BAD_EXPERIMENTER);
			return;
		}
		number = wire_u16(&body);
	}
	type = find_wire(in->version, vendor, number, false, &wire);
	if (!type) {
		wire_fail(in, vendor ? OF_BAC_BAD_EXP_TYPE : OF_BAC_BAD_TYPE);
		return;
	}
	type->decode(&body, type, wire, list);
	/* What is left can be padding, but not a multiple of it. */
	if (!body.error && wire_left(&body) >= 8)
		wire_fail(&body, OF_BAC_BAD_LEN);
	if (body.error)
		wire_fail(in, body.error == OF_BRC_BAD_LEN ? OF_BAC_BAD_LEN : body.error);
}

void actions_decode(struct wire_in *in, size_t n, struct action_list *list)
{
	struct wire_in sub = wire_sub(in, n, OF_BAC_BAD_LEN);

	if (!in->depth)
		action_list_clear(list);
	if (++sub.depth > ACTION_MAX_DEPTH)
		wire_fail(&sub, OF_BAC_TOO_MANY);
	while (!sub.error && wire_left(&sub))
		decode_one(&sub, list);
	if (sub.error)
		wire_fail(in, sub.error);
}

static void encode_one(struct wire_out *out, const struct action *action)
{
	size_t before = out->n;

	action->type->encode(out, action);
	if (out->n == before && !out->lost)
		out->lost = action->type->name;
}

void actions_encode(struct wire_out *out, const struct action_list *list)
{
	ACTION_FOREACH(action, list)
		encode_one(out, action);
}

int action_check_lost(const struct wire_out *out, struct errbuf *err)
{
	if (!out->lost)
		return 0;
	return errbuf_set(
		err,
		-EINVAL,
		"%s: there is no such action in %s; choose another version with -O",
		out->lost,
		message_version_name(out->version)
	);
}

/* Where the actions of each instruction stand in the list. */
struct step_runs {
	struct {
		size_t start, end;
	} runs[ACTION_STEP_GOTO + 1];
	uint32_t seen; /* a bit for each */
};

static void
decode_instruction(struct wire_in *in, struct action_list *list, struct step_runs *steps)
{
	uint16_t number = wire_u16(in), length = wire_u16(in);
	const struct action_wire *wire = NULL;
	const struct action_type *type;
	struct wire_in body;
	unsigned step = ACTION_STEP_APPLY;

	if (in->error || length < 8 || length % 8 || length - 4U > wire_left(in)) {
		in->error = OF_OK;
		wire_fail(in, OF_BIC_BAD_LEN);
		return;
	}
	body = wire_sub(in, length - 4U, OF_BIC_BAD_LEN);
	type = find_wire(in->version, 0, number, true, &wire);
	if (type)
		step = type->step;
	else if (number != APPLY_ACTIONS) {
		wire_fail(
			in, number == EXPERIMENTER ? OF_BIC_BAD_EXPERIMENTER : OF_BIC_UNKNOWN_INST
		);
		return;
	}
	if (steps->seen & 1U << step) {
		wire_fail(in, OF_BIC_DUP_INST);
		return;
	}
	steps->seen |= 1U << step;
	steps->runs[step].start = list->n;
	body.depth = 1; /* what is decoded is appended */
	if (type) {
		type->decode(&body, type, wire, list);
	} else {
		wire_skip(&body, 4);
		actions_decode(&body, wire_left(&body), list);
	}
	steps->runs[step].end = list->n;
	if (!body.error && wire_left(&body) >= 8)
		wire_fail(&body, OF_BIC_BAD_LEN);
	if (body.error)
		wire_fail(in, body.error == OF_BRC_BAD_LEN ? OF_BIC_BAD_LEN : body.error);
}

static void put_in_order(struct action_list *list, const struct step_runs *steps)
{
	struct action_list ordered;

	action_list_init(&ordered);
	for (unsigned i = 0; i <= ACTION_STEP_GOTO; i++) {
		struct action_list run = {
			.data = list->data + steps->runs[i].start,
			.n = steps->runs[i].end - steps->runs[i].start,
		};

		action_list_append(&ordered, &run);
	}
	action_list_copy(list, &ordered);
	action_list_fini(&ordered);
}

/* Instructions may come in any order; the list has them in the order in which they work. */
void instructions_decode(struct wire_in *in, size_t n, struct action_list *list)
{
	struct step_runs steps = {.seen = 0};
	struct wire_in sub = wire_sub(in, n, OF_BIC_BAD_LEN);
	bool ordered = true;

	action_list_clear(list);
	while (!sub.error && wire_left(&sub)) {
		uint32_t before = steps.seen;

		decode_instruction(&sub, list, &steps);
		ordered &= (steps.seen ^ before) > before;
	}
	if (sub.error)
		wire_fail(in, sub.error);
	else if (!ordered)
		put_in_order(list, &steps);
}

/* Whether the action goes out as an instruction in this version. */
static bool is_instruction(const struct action *action, uint8_t version)
{
	const struct action_wire *wire = action_wire_for(action->type, version);

	return wire && wire->instruction;
}

void instructions_encode(struct wire_out *out, const struct action_list *list)
{
	size_t start = 0;
	bool open = false;

	ACTION_FOREACH(action, list) {
		bool instruction = is_instruction(action, out->version);

		if (!instruction && !open) {
			start = out->n;
			wire_put_u16(out, APPLY_ACTIONS);
			wire_put_zeros(out, 6);
			open = true;
		}
		if (instruction && open) {
			wire_patch_u16(out, start + 2, start);
			open = false;
		}
		encode_one(out, action);
	}
	if (open)
		wire_patch_u16(out, start + 2, start);
}

enum of_error actions_check(const struct action_list *list, struct action_check *check)
{
	ACTION_FOREACH(action, list) {
		enum of_error error =
			action->type->check ? action->type->check(action, check) : OF_OK;

		if (error)
			return error;
	}
	return OF_OK;
}

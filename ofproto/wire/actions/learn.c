/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/learn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/learn_priv.h"
#include "ofproto/wire/oxm.h"

enum {
	LEARN = 16,
	LEARN2 = 45,
	SPEC_BITS = 0x7ff,
	SPEC_KIND_SHIFT = 11,
	SPEC_IMMEDIATE = 0x2000,
	SPEC_UNKNOWN = 0xc000,
	SPECS_MAX = 256,
};

static struct subfield take_subfield(struct wire_in *in, uint16_t bits)
{
	struct oxm_header header = oxm_take_header(in);
	struct subfield sub = {header.field, wire_u16(in), bits};

	if (!in->error && (!header.field || header.has_mask || !subfield_is_valid(&sub)))
		wire_fail(in, OF_BAC_BAD_ARGUMENT);
	return sub;
}

/* False at the end, which zeros as padding are. */
static bool decode_spec(struct wire_in *in, struct learn_spec *spec)
{
	uint16_t header = wire_left(in) >= 2 ? wire_u16(in) : 0;
	unsigned bytes;

	*spec = (struct learn_spec){.bits = header & SPEC_BITS};
	if (!header)
		return false;
	spec->kind = header >> SPEC_KIND_SHIFT & 3;
	bytes = (spec->bits + 15U) / 16 * 2;
	if (header & SPEC_UNKNOWN || spec->kind > LEARN_OUTPUT || !spec->bits ||
	    (header & SPEC_IMMEDIATE && (spec->kind == LEARN_OUTPUT || bytes > LEARN_IMMEDIATE_MAX)
	    )) {
		wire_fail(in, OF_BAC_BAD_ARGUMENT);
		return false;
	}
	if (header & SPEC_IMMEDIATE) {
		struct wire_bytes taken = wire_take(in, bytes, OF_BAC_BAD_LEN);

		if (taken.n)
			memcpy(spec->value + LEARN_IMMEDIATE_MAX - bytes, taken.data, bytes);
	} else {
		spec->src = take_subfield(in, spec->bits);
	}
	if (spec->kind != LEARN_OUTPUT)
		spec->dst = take_subfield(in, spec->bits);
	return !in->error;
}

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_learn head = {.idle_timeout = wire_u16(in)}, *learn;
	struct wire_in ahead;
	struct learn_spec spec;
	uint16_t first = 0;

	head.hard_timeout = wire_u16(in);
	head.priority = wire_u16(in);
	head.cookie = wire_u64(in);
	head.flags = wire_u16(in);
	head.table = wire_u8(in);
	wire_skip(in, 1);
	head.fin_idle_timeout = wire_u16(in);
	head.fin_hard_timeout = wire_u16(in);
	if (wire->number == LEARN2) {
		head.limit = wire_u32(in);
		first = wire_u16(in);
		wire_skip(in, 2);
	}
	if (head.flags & LEARN_WRITE_RESULT) {
		struct oxm_header header = oxm_take_header(in);

		head.result = (struct subfield){header.field, first, 1};
		if (!header.field || !subfield_is_valid(&head.result))
			wire_fail(in, OF_BAC_BAD_ARGUMENT);
	}
	if (head.flags & ~7 || (head.flags & LEARN_WRITE_RESULT && wire->number != LEARN2) ||
	    head.table == 255)
		wire_fail(in, OF_BAC_BAD_ARGUMENT);
	for (ahead = *in; decode_spec(&ahead, &spec);)
		head.n_specs++;
	if (in->error || ahead.error || head.n_specs > SPECS_MAX) {
		wire_fail(in, ahead.error ? ahead.error : OF_BAC_BAD_ARGUMENT);
		return;
	}
	learn = action_add(list, type, head.n_specs * sizeof(spec));
	head.action = learn->action;
	memcpy(learn, &head, sizeof(head));
	for (unsigned i = 0; i < head.n_specs; i++)
		decode_spec(in, &learn->specs[i]);
}

static void encode_spec(struct wire_out *out, const struct learn_spec *spec)
{
	unsigned bytes = (spec->bits + 15U) / 16 * 2;

	wire_put_u16(
		out,
		(uint16_t
		)(spec->bits | spec->kind << SPEC_KIND_SHIFT |
		  (spec->src.field ? 0 : SPEC_IMMEDIATE))
	);
	if (spec->src.field) {
		nxm_put_header(out, spec->src.field);
		wire_put_u16(out, spec->src.first);
	} else {
		wire_put(out, spec->value + LEARN_IMMEDIATE_MAX - bytes, bytes);
	}
	if (spec->kind != LEARN_OUTPUT) {
		nxm_put_header(out, spec->dst.field);
		wire_put_u16(out, spec->dst.first);
	}
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_learn *learn = (const struct action_learn *)action;
	bool is_long = learn->limit || learn->flags & LEARN_WRITE_RESULT;
	size_t start = action_put_nx(out, is_long ? LEARN2 : LEARN);

	wire_put_u16(out, learn->idle_timeout);
	wire_put_u16(out, learn->hard_timeout);
	wire_put_u16(out, learn->priority);
	wire_put_u64(out, learn->cookie);
	wire_put_u16(out, learn->flags);
	wire_put_u8(out, learn->table);
	wire_put_zeros(out, 1);
	wire_put_u16(out, learn->fin_idle_timeout);
	wire_put_u16(out, learn->fin_hard_timeout);
	if (is_long) {
		wire_put_u32(out, learn->limit);
		wire_put_u16(out, learn->flags & LEARN_WRITE_RESULT ? learn->result.first : 0);
		wire_put_zeros(out, 2);
		if (learn->flags & LEARN_WRITE_RESULT)
			oxm_put_header(out, learn->result.field, false);
	}
	for (unsigned i = 0; i < learn->n_specs; i++)
		encode_spec(out, &learn->specs[i]);
	action_put_end(out, start);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	const struct action_learn *learn = (const struct action_learn *)action;
	enum of_error error = OF_OK;

	if (learn->flags & LEARN_WRITE_RESULT)
		error = action_check_field(learn->result.field, check, true);
	for (unsigned i = 0; i < learn->n_specs && !error; i++) {
		const struct learn_spec *spec = &learn->specs[i];

		if (spec->src.field)
			error = action_check_field(spec->src.field, check, false);
		if (!error && spec->kind == LEARN_LOAD && !(spec->dst.field->flags & FIELD_WRITE))
			error = OF_BAC_BAD_SET_ARGUMENT;
		/* The rule that is learnt uses it, if not this one. */
		if (!error && spec->kind != LEARN_OUTPUT && check->tlv &&
		    !field_size(spec->dst.field, check->tlv))
			error = OF_NXFMFC_INVALID_TLV_FIELD;
	}
	return error;
}

static const struct action_type action_learn;

const struct action_learn *learn_of(const struct action *action)
{
	return action->type == &action_learn ? (const struct action_learn *)action : NULL;
}

static const struct action_type action_learn = {
	.name = "learn",
	.help = "learn(table=TABLE,idle_timeout=SECONDS,…,FIELD=FIELD,load:FIELD->FIELD,output:FIELD)",
	.wires = {ACTION_NX(LEARN), ACTION_NX(LEARN2)},
	.size = sizeof(struct action_learn),
	.decode = decode,
	.encode = encode,
	.parse = learn_parse,
	.format = learn_format,
	.check = check,
};
REGISTRY_ADD(action_type, action_learn);

/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/move.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/oxm.h"

enum {
	COPY_FIELD = 28,
	ONF_COPY_FIELD = 3200,
	NX_REG_MOVE = 6,
};

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_move *move = action_add(list, type, 0);
	struct oxm_header src, dst;
	uint16_t bits, from, to;

	if (wire->vendor == OF_VENDOR_ONF)
		wire_skip(in, 2);
	bits = wire_u16(in);
	from = wire_u16(in);
	to = wire_u16(in);
	if (wire->vendor != OF_VENDOR_NICIRA)
		wire_skip(in, 2);
	src = oxm_take_header(in);
	dst = oxm_take_header(in);
	move->src = (struct subfield){src.field, from, bits};
	move->dst = (struct subfield){dst.field, to, bits};
	if (in->error || !src.field || !dst.field || src.has_mask || dst.has_mask ||
	    !subfield_is_valid(&move->src) || !subfield_is_valid(&move->dst))
		wire_fail(in, in->error ? in->error : OF_BAC_BAD_ARGUMENT);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_move *move = (const struct action_move *)action;
	const struct action_wire of15 = {.number = COPY_FIELD};
	bool is_of15 = out->version >= OF15;
	size_t start = is_of15 ? action_put_begin(out, &of15) : action_put_nx(out, NX_REG_MOVE);

	wire_put_u16(out, move->src.bits);
	wire_put_u16(out, move->src.first);
	wire_put_u16(out, move->dst.first);
	wire_put_zeros(out, is_of15 ? 2 : 0);
	if (is_of15) {
		oxm_put_header(out, move->src.field, false);
		oxm_put_header(out, move->dst.field, false);
	} else {
		nxm_put_header(out, move->src.field);
		nxm_put_header(out, move->dst.field);
	}
	action_put_end(out, start);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	const char *arrow = strstr(text, "->");
	struct subfield src, dst;
	struct action_move *move;
	char *copy;
	int error;

	if (!arrow)
		return errbuf_set(err, -EINVAL, "move: '->FIELD' is missing after the source");
	copy = xstrndup(text, (size_t)(arrow - text));
	error = subfield_parse(&src, copy, err);
	free(copy);
	if (!error)
		error = subfield_parse(&dst, arrow + 2, err);
	if (error)
		return error;
	if (src.bits != dst.bits)
		return errbuf_set(
			err,
			-EINVAL,
			"move: the source has %u bits and the destination %u",
			src.bits,
			dst.bits
		);
	if (!(dst.field->flags & FIELD_WRITE))
		return errbuf_set(err, -EINVAL, "move: %s cannot be set", dst.field->name);
	move = action_add(list, type, 0);
	move->src = src;
	move->dst = dst;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_move *move = (const struct action_move *)action;

	strbuf_add(out, "move:");
	subfield_format(&move->src, out);
	strbuf_add(out, "->");
	subfield_format(&move->dst, out);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	const struct action_move *move = (const struct action_move *)action;
	enum of_error error = action_check_field(move->src.field, check, false);

	return error ? error : action_check_field(move->dst.field, check, true);
}

static const struct action_type action_move = {
	.name = "move",
	.help = "move:FIELD[FIRST..LAST]->FIELD[FIRST..LAST]",
	.wires =
		{ACTION_NX(NX_REG_MOVE),
		 ACTION_OF(OF15, OF15, COPY_FIELD),
		 ACTION_ONF(ONF_COPY_FIELD)},
	.size = sizeof(struct action_move),
	.set_slot = ACTION_SET_FIELDS,
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_move);

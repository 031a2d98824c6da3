/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/output_reg.h"

#include <errno.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/oxm.h"

enum {
	OUTPUT_REG = 15,
	OUTPUT_REG2 = 32, /* the field's header stands last and may be long */
};

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_output_reg *output = action_add(list, type, 0);
	uint16_t range = wire_u16(in);
	struct oxm_header header;

	if (wire->number == OUTPUT_REG2) {
		output->max_len = wire_u16(in);
		header = oxm_take_header(in);
	} else {
		header = oxm_take_header(in);
		output->max_len = wire_u16(in);
	}
	output->source = (struct subfield){
		.field = header.field,
		.first = range >> 6,
		.bits = (range & 63) + 1,
	};
	if (in->error || !header.field || header.has_mask || !subfield_is_valid(&output->source))
		wire_fail(in, in->error ? in->error : OF_BAC_BAD_ARGUMENT);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_output_reg *output = (const struct action_output_reg *)action;
	const struct subfield *source = &output->source;
	bool is_long = oxm_header_size(source->field, out->version) > 4;
	size_t start = action_put_nx(out, is_long ? OUTPUT_REG2 : OUTPUT_REG);

	wire_put_u16(out, (uint16_t)(source->first << 6 | (source->bits - 1)));
	if (is_long)
		wire_put_u16(out, output->max_len);
	oxm_put_header(out, source->field, false);
	if (!is_long) {
		wire_put_u16(out, output->max_len);
		wire_put_zeros(out, 6);
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
	return errbuf_set(err, -EINVAL, "write output:FIELD[FIRST..LAST]");
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	strbuf_add(out, "output:");
	subfield_format(&((const struct action_output_reg *)action)->source, out);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	return action_check_field(
		((const struct action_output_reg *)action)->source.field, check, false
	);
}

static const struct action_type action_output_reg = {
	.name = "output_reg",
	.help = "output:FIELD[FIRST..LAST]",
	.wires = {ACTION_NX(OUTPUT_REG), ACTION_NX(OUTPUT_REG2)},
	.size = sizeof(struct action_output_reg),
	.set_slot = ACTION_SET_OUTPUT,
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_output_reg);

void output_reg_add(struct action_list *list, const struct subfield *source)
{
	struct action_output_reg *output = action_add(list, &action_output_reg, 0);

	output->source = *source;
	output->max_len = 65535;
}

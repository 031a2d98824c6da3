/* SPDX-License-Identifier: Apache-2.0 */
/* load: a number goes into a run of bits of a field.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/tlv.h"
#include "lib/flow/value.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/set_field.h"
#include "ofproto/wire/actions/set_field_priv.h"
#include "ofproto/wire/oxm.h"

enum {
	REG_LOAD = 7
};

static uint64_t get_bits(const uint8_t *bytes, unsigned size, unsigned first, unsigned bits)
{
	uint64_t number = 0;

	for (unsigned i = bits; i-- > 0;)
		number = number << 1 | (bytes[size - 1 - (first + i) / 8] >> (first + i) % 8 & 1);
	return number;
}

void set_field_encode_load(
	struct wire_out *out, const struct action_set_field *set, unsigned first, unsigned bits
)
{
	size_t start = action_put_nx(out, REG_LOAD);

	wire_put_u16(out, (uint16_t)(first << 6 | (bits - 1)));
	oxm_put_header(out, set->field, false);
	wire_put_u64(out, get_bits(set->bytes, set->size, first, bits));
	action_put_end(out, start);
}

static void
add(struct action_list *list,
    const struct action_type *type,
    const struct subfield *dst,
    const uint8_t *number,
    unsigned number_size)
{
	unsigned size = field_is_option(dst->field) ? TLV_MAX_SIZE : dst->field->size;
	struct action_set_field *set = set_field_new(list, type, dst->field, size);
	uint8_t ones[FIELD_MAX_SIZE];

	memset(ones, 0xff, sizeof(ones));
	set->load = true;
	set->first = dst->first;
	set->bits = dst->bits;
	subfield_copy_bits(set->bytes, size, dst->first, number, number_size, dst->bits);
	subfield_copy_bits(set->bytes + size, size, dst->first, ones, sizeof(ones), dst->bits);
}

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	uint16_t range = wire_u16(in);
	struct oxm_header header = oxm_take_header(in);
	uint64_t number = wire_u64(in);
	struct subfield dst = {header.field, range >> 6, (range & 63) + 1};
	uint8_t bytes[8];

	if (in->error || !header.field || header.has_mask || !(header.field->flags & FIELD_WRITE) ||
	    !subfield_is_valid(&dst) || (dst.bits < 64 && number >> dst.bits)) {
		wire_fail(in, in->error ? in->error : OF_BAC_BAD_ARGUMENT);
		return;
	}
	field_put_number(bytes, 8, number);
	add(list, type, &dst, bytes, 8);
}

/* OpenFlow 1.5's set_field does the same; before that only Nicira's. */
static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_set_field *set = (const struct action_set_field *)action;

	if (out->version >= OF15)
		set_field_encode(out, action);
	else
		for (unsigned i = 0; i < set->bits; i += 64)
			set_field_encode_load(
				out, set, set->first + i, set->bits - i < 64 ? set->bits - i : 64
			);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	const char *arrow = strstr(text, "->");
	uint8_t number[16] = {0}, kept[16] = {0};
	struct subfield dst;
	char *copy;
	bool good;

	if (!arrow)
		return errbuf_set(err, -EINVAL, "load: '->FIELD' is missing after the number");
	if (subfield_parse(&dst, arrow + 2, err))
		return -EINVAL;
	if (!(dst.field->flags & FIELD_WRITE))
		return errbuf_set(err, -EINVAL, "load: %s cannot be set", dst.field->name);
	copy = xstrndup(text, (size_t)(arrow - text));
	good = value_parse_number(copy, number, sizeof(number));
	subfield_copy_bits(kept, 16, 0, number, 16, dst.bits);
	if (!good)
		errbuf_set(err, -EINVAL, "load: '%s' is not a number", copy);
	else if (memcmp(kept, number, 16) != 0)
		errbuf_set(err, -EINVAL, "load: %s does not fit into %u bits", copy, dst.bits);
	good = good && !memcmp(kept, number, 16);
	free(copy);
	if (!good)
		return -EINVAL;
	add(list, type, &dst, number, 16);
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_set_field *set = (const struct action_set_field *)action;
	const struct subfield dst = {set->field, set->first, set->bits};
	bool started = false;

	bool zero = true;

	for (unsigned i = 0; i < set->size; i++)
		zero &= !set->bytes[i];
	strbuf_add(out, zero ? "load:" : "load:0x");
	for (unsigned i = (set->bits + 3) / 4; i-- > 0;) {
		unsigned n = set->bits - 4 * i < 4 ? set->bits - 4 * i : 4;
		unsigned digit = (unsigned)get_bits(set->bytes, set->size, set->first + 4 * i, n);

		if (digit || started || !i)
			strbuf_addf(out, "%x", digit);
		started |= digit != 0;
	}
	strbuf_add(out, "->");
	subfield_format(&dst, out);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	const struct action_set_field *load = (const struct action_set_field *)action;
	enum of_error error = action_check_field(load->field, check, true);

	if (!error && check->tlv && load->first + load->bits > field_bits(load->field, check->tlv))
		return OF_BAC_BAD_SET_ARGUMENT;
	return error;
}

static const struct action_type action_load;

void load_add(
	struct action_list *list, const struct subfield *dst, const uint8_t *value, unsigned size
)
{
	add(list, &action_load, dst, value, size);
}

static const struct action_type action_load = {
	.name = "load",
	.alias = "reg_load",
	.help = "load:NUMBER->FIELD[FIRST..LAST]",
	.wires = {ACTION_NX(REG_LOAD)},
	.size = sizeof(struct action_set_field),
	.set_slot = ACTION_SET_FIELDS,
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_load);

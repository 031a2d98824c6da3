/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/set_field.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "lib/flow/tlv.h"
#include "lib/flow/value.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/set_field_priv.h"
#include "ofproto/wire/oxm.h"

enum {
	SET_FIELD = 25,
	REG_LOAD2 = 33, /* Nicira's */
};

struct action_set_field *set_field_new(
	struct action_list *list,
	const struct action_type *type,
	const struct field *field,
	unsigned size
)
{
	struct action_set_field *set = action_add(list, type, 2 * (size_t)size);

	set->field = field;
	set->size = (uint16_t)size;
	return set;
}

static void decode_value(
	struct wire_in *in,
	const struct action_type *type,
	struct action_list *list,
	const struct oxm_header *header
)
{
	unsigned size = header->has_mask ? header->length / 2U : header->length;
	struct action_set_field *set;
	struct wire_bytes value, mask;

	if (in->error || !header->field || !(header->field->flags & (FIELD_WRITE | FIELD_SET))) {
		wire_fail(in, in->error ? OF_BAC_BAD_SET_LEN : OF_BAC_BAD_SET_TYPE);
		return;
	}
	if (field_is_option(header->field) ? (!size && header->has_mask) || size > TLV_MAX_SIZE
					   : size != header->field->size) {
		wire_fail(in, OF_BAC_BAD_SET_LEN);
		return;
	}
	/* The shortest form of zero has no bytes. */
	set = set_field_new(list, type, header->field, size ? size : 1);
	set->whole = field_is_option(header->field) && !header->has_mask;
	value = wire_take(in, size, OF_BAC_BAD_SET_LEN);
	memcpy(set->bytes, value.data, value.n);
	mask = wire_take(in, header->has_mask ? size : 0, OF_BAC_BAD_SET_LEN);
	if (header->has_mask && mask.n)
		memcpy(set->bytes + size, mask.data, mask.n);
	else
		set_field_fill_mask(set);
	if (!in->error && !field_is_option(header->field) &&
	    !field_value_fits(header->field, NULL, set->bytes))
		wire_fail(in, OF_BAC_BAD_SET_ARGUMENT);
	if (header->field->flags & FIELD_SET && !set_field_is_exact(set))
		wire_fail(in, OF_BAC_BAD_SET_MASK);
	for (unsigned i = 0; i < set->size; i++)
		if (set->bytes[i] & ~set->bytes[set->size + i])
			wire_fail(in, OF_BAC_BAD_SET_MASK);
}

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct oxm_header header = oxm_take_header(in);

	decode_value(in, type, list, &header);
}

void set_field_fill_mask(struct action_set_field *set)
{
	if (field_is_option(set->field))
		memset(set->bytes + set->size, 0xff, set->size);
	else
		field_all_ones(set->field, NULL, set->bytes + set->size);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	struct tlv_map map = {0};
	const struct value_context context = {.map = &map, .names = names};
	const char *arrow = strstr(text, "->");
	uint8_t value[FIELD_MAX_SIZE], mask[FIELD_MAX_SIZE];
	const struct field *field;
	struct action_set_field *set;
	unsigned size;
	bool whole;
	char *copy;
	int error;

	if (!arrow)
		return errbuf_set(err, -EINVAL, "set_field: '->FIELD' is missing after the value");
	field = field_find_numbered(arrow + 2, err);
	if (!field)
		return -EINVAL;
	if (!(field->flags & (FIELD_WRITE | FIELD_SET)))
		return errbuf_set(err, -EINVAL, "set_field: %s cannot be set", field->name);
	copy = xstrndup(text, (size_t)(arrow - text));
	error = value_parse(field, &context, copy, value, mask, err);
	whole = field_is_option(field) && !strchr(copy, '/');
	free(copy);
	if (error) {
		errbuf_prefix(err, "set_field: %s: ", field->name);
		return error;
	}
	size = field_size(field, &map);
	/* A VLAN that is set is there. */
	if (field == &fields[FIELD_VLAN_VID] && mask[0] == 0x1f)
		value[0] |= 0x10;
	for (unsigned i = 0; i < size; i++)
		value[i] &= mask[i];
	set = set_field_new(list, type, field, size);
	set->whole = whole;
	memcpy(set->bytes, value, size);
	memcpy(set->bytes + size, mask, size);
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_set_field *set = (const struct action_set_field *)action;
	struct tlv_map map = {0};
	const struct value_context context = {.map = &map, .names = names};
	uint8_t value[FIELD_MAX_SIZE] = {0}, mask[FIELD_MAX_SIZE] = {0};
	unsigned size;

	/* With a word more a mask is seen as one, even if all bits that were said are set. */
	if (field_is_option(set->field) &&
	    (set->whole || !tlv_bind(&map, set->field->offset, set->size + 4U)))
		tlv_bind(&map, set->field->offset, set->size);
	/* Tunnel options are bound in words; the value stands at their end. */
	size = field_size(set->field, &map);
	memcpy(value + size - set->size, set_field_value(set), set->size);
	memcpy(mask + size - set->size, set_field_mask(set), set->size);
	strbuf_add(out, "set_field:");
	value_format(set->field, &context, value, set_field_is_exact(set) ? NULL : mask, out);
	strbuf_addf(out, "->%s", set->field->name);
}

/* Later actions see what is behind the field as it says now. */
static enum of_error check(const struct action *action, struct action_check *check)
{
	const struct action_set_field *set = (const struct action_set_field *)action;
	enum of_error error = action_check_field(set->field, check, true);
	uint64_t value = set->size <= 8 ? field_number(set_field_value(set), set->size) : 0;

	if (!error && check->tlv && set->size > field_size(set->field, check->tlv))
		return OF_BAC_BAD_SET_LEN;
	if (error || !check->match)
		return error;
	if (set->field == &fields[FIELD_ETH_TYPE])
		action_check_becomes(check, (uint16_t)value);
	else if (set->field == &fields[FIELD_IP_PROTO])
		match_set_number(check->match, set->field, value);
	return OF_OK;
}

static const struct action_type action_set_field = {
	.name = "set_field",
	.help = "set_field:VALUE[/MASK]->FIELD",
	.wires = {ACTION_OF(OF12, OF15, SET_FIELD), ACTION_NX(REG_LOAD2)},
	.size = sizeof(struct action_set_field),
	.set_slot = ACTION_SET_FIELDS,
	.decode = decode,
	.encode = set_field_encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_set_field);

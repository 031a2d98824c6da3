/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/action_codec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "lib/flow/names.h"
#include "lib/flow/value.h"
#include "lib/strbuf.h"
#include "ofproto/wire/oxm.h"

enum {
	EXPERIMENTER = 0xffff,
	SET_FIELD = 25,
	REG_LOAD = 7, /* Nicira's */
};

const struct action_wire *action_wire_for(const struct action_type *type, uint8_t version)
{
	const struct action_wire *best = NULL;

	for (unsigned i = 0; i < ACTION_WIRES && type->wires[i].first; i++) {
		const struct action_wire *wire = &type->wires[i];

		if (version < wire->first || version > wire->last)
			continue;
		if (!wire->vendor)
			return wire;
		/* The ONF's before Nicira's only where there is no other. */
		if (!best || best->vendor == OF_VENDOR_ONF)
			best = wire;
	}
	return best;
}

size_t action_put_begin(struct wire_out *out, const struct action_wire *wire)
{
	size_t start = out->n;

	wire_put_u16(out, wire->vendor ? EXPERIMENTER : wire->number);
	wire_put_u16(out, 0);
	if (wire->vendor) {
		wire_put_u32(out, wire->vendor);
		wire_put_u16(out, wire->number);
	}
	return start;
}

size_t action_put_nx(struct wire_out *out, uint16_t subtype)
{
	const struct action_wire wire = {.vendor = OF_VENDOR_NICIRA, .number = subtype};

	return action_put_begin(out, &wire);
}

void action_put_end(struct wire_out *out, size_t start)
{
	wire_pad8(out, start);
	wire_patch_u16(out, start + 2, start);
}

/* No arguments. */

void action_void_decode(
	struct wire_in *in,
	const struct action_type *type,
	const struct action_wire *wire,
	struct action_list *list
)
{
	action_add(list, type, 0);
}

void action_void_encode(struct wire_out *out, const struct action *action)
{
	const struct action_wire *wire = action_wire_for(action->type, out->version);

	if (wire)
		action_put_end(out, action_put_begin(out, wire));
}

int action_void_parse(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
)
{
	if (*text)
		return errbuf_set(err, -EINVAL, "%s: takes no argument", type->name);
	action_add(list, type, 0);
	return 0;
}

void action_void_format(const struct action *action, const struct names *names, struct strbuf *out)
{
	strbuf_add(out, action->type->name);
}

/* One value. */

static unsigned value_size(const struct action_type *type)
{
	unsigned size = 0;

	for (unsigned i = 0; i < ACTION_WIRES && type->wires[i].first; i++)
		if (type->wires[i].bytes > size)
			size = type->wires[i].bytes;
	return size;
}

void action_value_decode(
	struct wire_in *in,
	const struct action_type *type,
	const struct action_wire *wire,
	struct action_list *list
)
{
	struct action_value *value = action_add(list, type, 0);
	struct wire_bytes bytes;

	wire_skip(in, wire->pad);
	bytes = wire_take(in, wire->bytes, OF_BAC_BAD_LEN);
	value->value = field_number(bytes.data, bytes.n);
	if (type->kind == FIELD_KIND_PORT && wire->bytes == 2)
		value->value = field_port_from16((uint16_t)value->value);
	if (type->field) {
		uint8_t raw[8];

		field_put_number(raw, fields[type->field].size, value->value);
		if (!field_value_fits(&fields[type->field], NULL, raw))
			wire_fail(in, OF_BAC_BAD_ARGUMENT);
	}
}

/* As a set_field, for versions that have nothing else (or Nicira's load before them). */
static void encode_as_field(struct wire_out *out, const struct action_value *value)
{
	const struct field *field = &fields[value->action.type->field];
	uint64_t number = value->value;
	size_t start;

	if (field == &fields[FIELD_NW_TOS] && out->version >= OF12) {
		field = &fields[FIELD_IP_DSCP];
		number >>= 2;
	}
	if (out->version < OF12) {
		start = action_put_nx(out, REG_LOAD);
		wire_put_u16(out, (uint16_t)(field->bits - 1));
		oxm_put_header(out, field, false);
		wire_put_u64(out, number);
	} else {
		start = out->n;
		wire_put_u16(out, SET_FIELD);
		wire_put_u16(out, 0);
		oxm_put_header(out, field, false);
		field_put_number(wire_put_zeros(out, field->size), field->size, number);
	}
	action_put_end(out, start);
}

void action_value_encode(struct wire_out *out, const struct action *action)
{
	const struct action_value *value = (const struct action_value *)action;
	const struct action_wire *wire = action_wire_for(action->type, out->version);
	uint64_t number = value->value;
	size_t start;

	/* OpenFlow's own set_field rather than a vendor's action. */
	if (action->type->field && (!wire || (wire->vendor && out->version >= OF12))) {
		encode_as_field(out, value);
		return;
	}
	if (!wire)
		return;
	if (action->type->kind == FIELD_KIND_PORT && wire->bytes == 2)
		number = field_port_to16((uint32_t)number);
	start = action_put_begin(out, wire);
	wire_put_zeros(out, wire->pad);
	field_put_number(wire_put_zeros(out, wire->bytes), wire->bytes, number);
	action_put_end(out, start);
}

int action_value_parse(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
)
{
	unsigned size = value_size(type);
	uint8_t bytes[16] = {0};
	struct action_value *value;
	uint32_t port;
	bool good;

	switch (type->kind) {
	case FIELD_KIND_MAC:
		good = value_parse_mac(text, bytes);
		break;
	case FIELD_KIND_IPV4:
		good = inet_pton(AF_INET, text, bytes) == 1;
		break;
	case FIELD_KIND_PORT:
		good = names_parse_port(names, text, &port);
		field_put_number(bytes, size, good ? port : 0);
		if (size == 2 && good) {
			value = action_add(list, type, 0);
			value->value = port;
			return 0;
		}
		break;
	default:
		good = value_parse_number(text, bytes, size);
		break;
	}
	if (good && type->field && size >= fields[type->field].size)
		good = field_value_fits(
			&fields[type->field], NULL, bytes + size - fields[type->field].size
		);
	if (!good)
		return errbuf_set(
			err,
			-EINVAL,
			"%s: '%s' is not right; write %s",
			type->name,
			text,
			type->help
		);
	value = action_add(list, type, 0);
	value->value = field_number(bytes, size);
	return 0;
}

void action_value_format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct value_context context = {.names = names};
	const struct action_value *value = (const struct action_value *)action;
	enum field_id id = FIELD_METADATA;
	uint8_t bytes[8];

	if (action->type->parens) {
		strbuf_addf(out, "%s(%llu)", action->type->name, (unsigned long long)value->value);
		return;
	}
	strbuf_addf(out, "%s:", action->type->name);
	switch (action->type->kind) {
	case FIELD_KIND_MAC:
		id = FIELD_ETH_SRC;
		break;
	case FIELD_KIND_IPV4:
		id = FIELD_IP_SRC;
		break;
	case FIELD_KIND_PORT:
		id = FIELD_IN_PORT_OXM;
		break;
	case FIELD_KIND_HEX:
		if (value_size(action->type) != 2)
			break;
		strbuf_addf(out, "0x%04x", (unsigned)value->value);
		return;
	default:
		strbuf_addf(out, "%llu", (unsigned long long)value->value);
		return;
	}
	field_put_number(bytes, fields[id].size, value->value);
	value_format(&fields[id], &context, bytes, NULL, out);
}

enum of_error action_check_field(const struct field *field, struct action_check *check, bool write)
{
	if (write && !(field->flags & (FIELD_WRITE | FIELD_SET)))
		return OF_BAC_BAD_SET_ARGUMENT;
	if (check->tlv && !field_size(field, check->tlv))
		return OF_NXFMFC_INVALID_TLV_FIELD;
	if (check->strict && check->match && !match_allows(check->match, field))
		return OF_BAC_MATCH_INCONSISTENT;
	return OF_OK;
}

void action_check_becomes(struct action_check *check, uint16_t eth_type)
{
	struct match *match = check->match;

	if (!match)
		return;
	memset(&match->mask.base.eth_type, 0, sizeof(match->mask.base.eth_type));
	match->key.base.eth_type = 0;
	match_normalize(match);
	if (eth_type)
		match_set_number(match, &fields[FIELD_ETH_TYPE], eth_type);
}

enum of_error action_value_check(const struct action *action, struct action_check *check)
{
	if (!action->type->field)
		return OF_OK;
	return action_check_field(&fields[action->type->field], check, true);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* set_field's bytes: each version has another way to set a field, or a part of one.  */

#include <string.h>

#include "lib/flow/field.h"
#include "lib/types.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/set_field_priv.h"
#include "ofproto/wire/oxm.h"

enum {
	SET_FIELD = 25,
	REG_LOAD2 = 33, /* Nicira's, for versions whose set_field has no mask */
};

bool set_field_is_exact(const struct action_set_field *set)
{
	uint8_t ones[FIELD_MAX_SIZE];

	if (field_is_option(set->field))
		return set->whole;
	field_all_ones(set->field, NULL, ones);
	return !memcmp(ones, set_field_mask(set), set->size);
}

/* The runs of bits of the mask, each as Nicira's load: before OpenFlow 1.5 there is no mask. */
static void encode_as_loads(struct wire_out *out, const struct action_set_field *set)
{
	unsigned n = set->field->bits;

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *mask = set_field_mask(set);
		unsigned first = i;

		while (i < n && i - first < 64 && mask[set->size - 1 - i / 8] >> i % 8 & 1)
			i++;
		if (i > first) {
			set_field_encode_load(out, set, first, i - first);
			i--;
		}
	}
}

/* OpenFlow 1.0 has actions of its own for the fields it knows. */
static bool encode_as_of10(struct wire_out *out, const struct action_set_field *set)
{
	static const struct {
		enum field_id field;
		uint16_t number;
	} own[] = {
		{FIELD_VLAN_PCP, 2},
		{FIELD_ETH_SRC, 4},
		{FIELD_ETH_DST, 5},
		{FIELD_IP_SRC, 6},
		{FIELD_IP_DST, 7},
		{FIELD_NW_TOS, 8},
		{FIELD_TCP_SRC, 9},
		{FIELD_UDP_SRC, 9},
		{FIELD_SCTP_SRC, 9},
		{FIELD_TCP_DST, 10},
		{FIELD_UDP_DST, 10},
		{FIELD_SCTP_DST, 10},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(own); i++) {
		const struct action_wire wire = {.number = own[i].number};
		size_t start;

		if (set->field != &fields[own[i].field])
			continue;
		start = action_put_begin(out, &wire);
		wire_put(out, set->bytes, set->size);
		action_put_end(out, start);
		return true;
	}
	return false;
}

/* Bytes of a tunnel option in front, which nothing is said about: a load is as long as the longest. */
static unsigned skipped(const struct action_set_field *set)
{
	unsigned n = 0;

	while (field_is_option(set->field) && n + 1 < set->size && !set_field_mask(set)[n])
		n++;
	return n;
}

/* Tunnel options have the length of their value. */
static void
put_header(struct wire_out *out, const struct field *field, bool has_mask, unsigned size)
{
	size_t at = out->n;

	oxm_put_header(out, field, has_mask);
	if (field_is_option(field))
		out->data[at + 3] = (uint8_t)(has_mask ? 2 * size : size);
}

void set_field_encode(struct wire_out *out, const struct action *action)
{
	const struct action_set_field *set = (const struct action_set_field *)action;
	bool exact = set_field_is_exact(set);
	unsigned skip = skipped(set), size = set->size - skip;
	size_t start = out->n;

	if (out->version == OF10 && exact && encode_as_of10(out, set))
		return;
	if ((out->version < OF12 || (!exact && out->version < OF15)) &&
	    !field_is_option(set->field) && !(set->field->flags & FIELD_SET)) {
		encode_as_loads(out, set);
		return;
	}
	if (out->version < OF12 || (!exact && out->version < OF15)) {
		start = action_put_nx(out, REG_LOAD2);
	} else {
		wire_put_u16(out, SET_FIELD);
		wire_put_u16(out, 0);
	}
	put_header(out, set->field, !exact, size);
	wire_put(out, set_field_value(set) + skip, size);
	if (!exact)
		wire_put(out, set_field_mask(set) + skip, size);
	action_put_end(out, start);
}

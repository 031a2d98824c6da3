/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* set_field and load: bits of a field get constant values.
 *
 * Both are the same in memory, a value and a mask over the whole field; 'load' only remembers how
 * it was written.  */

#include "lib/flow/subfield.h"
#include "ofproto/wire/action.h"

struct action_set_field {
	struct action action;
	const struct field *field;
	uint16_t size; /* bytes of the value, and as many of the mask */
	bool whole; /* a tunnel option, of which the value may have fewer bytes: the others become 0 */
	bool load; /* written load:NUMBER->FIELD[…] */
	uint16_t first, bits; /* of a load: the bits it writes */
	uint8_t bytes[]; /* value, then mask */
};

/* Any thread. */

static inline const uint8_t *set_field_value(const struct action_set_field *set)
{
	return set->bytes;
}

static inline const uint8_t *set_field_mask(const struct action_set_field *set)
{
	return set->bytes + set->size;
}

/* Appends a load of the lowest bits of 'value', 'size' bytes in network order. */
void load_add(
	struct action_list *list, const struct subfield *dst, const uint8_t *value, unsigned size
);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What set_field and load share.  */

#include "ofproto/wire/actions/set_field.h"

struct wire_out;

/* Any thread. */

struct action_set_field *set_field_new(
	struct action_list *list,
	const struct action_type *type,
	const struct field *field,
	unsigned size
);
/* Whether every bit of the field is set. */
bool set_field_is_exact(const struct action_set_field *set);
void set_field_fill_mask(struct action_set_field *set);
void set_field_encode(struct wire_out *out, const struct action *action);
/* 'bits' (up to 64) from 'first' of the value, as Nicira's load. */
void set_field_encode_load(
	struct wire_out *out, const struct action_set_field *set, unsigned first, unsigned bits
);

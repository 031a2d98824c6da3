/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Column types of RFC 7047 §3.2: what atoms a column holds, how many, and their constraints.  */

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/ovsdb/value/atom.h"

struct datum;
struct db_error;
struct schema_table;

struct base_type {
	enum atom_type type;
	bool has_min, has_max; /* of integers and reals */
	union atom min, max;
	uint32_t min_length, max_length; /* of strings, in characters */
	struct datum *enum_values; /* a set, or NULL */
	char *ref_table; /* of UUIDs, or NULL */
	const struct schema_table *ref; /* that table, once the schema is complete */
	bool is_weak;
};

#define COLUMN_TYPE_UNLIMITED UINT_MAX

struct column_type {
	struct base_type key;
	struct base_type value; /* of a map */
	bool is_map;
	unsigned min, max; /* numbers of elements */
};

/* Any thread. */

/* More than one element possible: its changes are written as differences. */
static inline bool column_type_is_composite(const struct column_type *type)
{
	return type->max > 1;
}

static inline bool column_type_is_scalar(const struct column_type *type)
{
	return !type->is_map && type->min == 1 && type->max == 1;
}

/* Main thread. */

/* Parses <type>. On failure nothing is left to free. */
int column_type_parse(struct column_type *type, const json_t *json, struct db_error *err);
void column_type_fini(struct column_type *type);

/* Checks number of elements, enum, range, and length. */
int column_type_check(
	const struct column_type *type, const struct datum *datum, struct db_error *err
);

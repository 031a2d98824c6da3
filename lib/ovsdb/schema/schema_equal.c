/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_bound(
	const struct base_type *a,
	const union atom *bound_a,
	bool has_a,
	const union atom *bound_b,
	bool has_b
)
{
	return has_a == has_b && (!has_a || atom_equal(bound_a, bound_b, a->type));
}

static bool same_enum(const struct base_type *a, const struct base_type *b)
{
	const struct column_type set = {.key.type = a->type};

	if (!a->enum_values || !b->enum_values)
		return a->enum_values == b->enum_values;
	return datum_equal(a->enum_values, b->enum_values, &set);
}

static bool same_base(const struct base_type *a, const struct base_type *b)
{
	return a->type == b->type && same_enum(a, b) &&
		same_bound(a, &a->min, a->has_min, &b->min, b->has_min) &&
		same_bound(a, &a->max, a->has_max, &b->max, b->has_max) &&
		a->min_length == b->min_length && a->max_length == b->max_length &&
		a->is_weak == b->is_weak && same_text(a->ref_table, b->ref_table);
}

static bool same_type(const struct column_type *a, const struct column_type *b)
{
	return a->is_map == b->is_map && a->min == b->min && a->max == b->max &&
		same_base(&a->key, &b->key) && (!a->is_map || same_base(&a->value, &b->value));
}

static bool same_column(const struct schema_column *a, const struct schema_column *b)
{
	return !strcmp(a->name, b->name) && a->is_ephemeral == b->is_ephemeral &&
		a->is_mutable == b->is_mutable && same_type(&a->type, &b->type);
}

static bool same_index(const struct schema_index *a, const struct schema_index *b)
{
	return a->n == b->n && !memcmp(a->columns, b->columns, a->n * sizeof(*a->columns));
}

static bool same_table(const struct schema_table *a, const struct schema_table *b)
{
	if (strcmp(a->name, b->name) != 0 || a->is_root != b->is_root ||
	    a->max_rows != b->max_rows || a->n_columns != b->n_columns ||
	    a->n_indexes != b->n_indexes)
		return false;
	for (size_t i = 0; i < a->n_columns; i++)
		if (!same_column(&a->columns[i], &b->columns[i]))
			return false;
	for (size_t i = 0; i < a->n_indexes; i++)
		if (!same_index(&a->indexes[i], &b->indexes[i]))
			return false;
	return true;
}

bool schema_equal(const struct schema *a, const struct schema *b)
{
	if (strcmp(a->name, b->name) != 0 || strcmp(a->version, b->version) != 0 ||
	    a->n_tables != b->n_tables)
		return false;
	for (size_t i = 0; i < a->n_tables; i++)
		if (!same_table(&a->tables[i], &b->tables[i]))
			return false;
	return true;
}

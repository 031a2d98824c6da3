/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/db_row.h"

#include "lib/ovsdb/db_engine.h"
#include "lib/types.h"

static const struct schema_column *column_schema(const struct db_row *row, unsigned column)
{
	assert(column < row->table->schema->n_columns);
	return &row->table->schema->columns[column];
}

const struct uuid *db_row_uuid(const struct db_row *row)
{
	return db_tuple_uuid(row->tuple);
}

struct db_table *db_row_table(const struct db_row *row)
{
	return row->table;
}

const struct datum *db_row_get(const struct db_row *row, unsigned column)
{
	assert(column < row->table->schema->n_columns);
	return db_tuple_get(row->tuple, column);
}

size_t db_row_count(const struct db_row *row, unsigned column)
{
	return db_row_get(row, column)->n;
}

const char *db_row_string(const struct db_row *row, unsigned column, const char *fallback)
{
	const struct datum *datum = db_row_get(row, column);

	return datum->n ? datum_key(datum, 0)->string->bytes : fallback;
}

int64_t db_row_integer(const struct db_row *row, unsigned column, int64_t fallback)
{
	const struct datum *datum = db_row_get(row, column);

	return datum->n ? datum_key(datum, 0)->integer : fallback;
}

double db_row_real(const struct db_row *row, unsigned column, double fallback)
{
	const struct datum *datum = db_row_get(row, column);

	return datum->n ? datum_key(datum, 0)->real : fallback;
}

bool db_row_boolean(const struct db_row *row, unsigned column, bool fallback)
{
	const struct datum *datum = db_row_get(row, column);

	return datum->n ? datum_key(datum, 0)->boolean : fallback;
}

static const union atom *first_or_null(const struct db_row *row, unsigned column)
{
	const struct datum *datum = db_row_get(row, column);

	return datum->n ? datum_key(datum, 0) : NULL;
}

const int64_t *db_row_integer_or_null(const struct db_row *row, unsigned column)
{
	const union atom *atom = first_or_null(row, column);

	return atom ? &atom->integer : NULL;
}

const double *db_row_real_or_null(const struct db_row *row, unsigned column)
{
	const union atom *atom = first_or_null(row, column);

	return atom ? &atom->real : NULL;
}

const bool *db_row_boolean_or_null(const struct db_row *row, unsigned column)
{
	const union atom *atom = first_or_null(row, column);

	return atom ? &atom->boolean : NULL;
}

const char *db_row_string_at(const struct db_row *row, unsigned column, size_t i)
{
	return datum_key(db_row_get(row, column), i)->string->bytes;
}

int64_t db_row_integer_at(const struct db_row *row, unsigned column, size_t i)
{
	return datum_key(db_row_get(row, column), i)->integer;
}

struct db_row *db_row_ref_at(const struct db_row *row, unsigned column, size_t i)
{
	const struct schema_column *schema = column_schema(row, column);
	const struct datum *datum = db_row_get(row, column);
	bool in_value = schema->type.is_map && schema->type.value.ref;
	const struct base_type *base = in_value ? &schema->type.value : &schema->type.key;

	if (!base->ref || i >= db_row_count(row, column))
		return NULL;
	return db_table_find(
		&row->table->db->tables[base->ref->index],
		in_value ? &datum_value(datum, i)->uuid : &datum_key(datum, i)->uuid
	);
}

struct db_row *db_row_ref(const struct db_row *row, unsigned column)
{
	return db_row_count(row, column) ? db_row_ref_at(row, column, 0) : NULL;
}

const char *db_row_map_get(const struct db_row *row, unsigned column, const char *key)
{
	const struct datum *datum = db_row_get(row, column);
	long at;

	assert(datum->has_string_keys && datum->has_string_values);
	at = datum_find_string(datum, key);
	return at < 0 ? NULL : datum_value(datum, (size_t)at)->string->bytes;
}

json_t *db_row_map_json(const struct db_row *row, unsigned column)
{
	const struct schema_column *schema = column_schema(row, column);
	const struct datum *datum = db_row_get(row, column);
	json_t *object = json_object();

	assert(datum->is_map && datum->has_string_keys);
	for (size_t i = 0; i < datum->n; i++)
		json_object_set_new(
			object,
			datum_key(datum, i)->string->bytes,
			atom_json(datum_value(datum, i), schema->type.value.type)
		);
	return object;
}

json_t *db_row_json(const struct db_row *row, unsigned column)
{
	return datum_json(db_row_get(row, column), &column_schema(row, column)->type);
}

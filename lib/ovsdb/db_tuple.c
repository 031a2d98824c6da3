/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/db_tuple.h"

#include <stdlib.h>

#include "lib/types.h"
#include "lib/xmalloc.h"

struct db_tuple *db_tuple_new(const struct schema_table *table, const struct uuid *uuid)
{
	size_t n = table->n_columns - SCHEMA_FIRST_COLUMN;
	struct db_tuple *tuple = xmalloc(sizeof(*tuple) + n * sizeof(void *));
	struct uuid version;

	uuid_new(&version);
	tuple->refs = 1;
	tuple->n = (uint32_t)n;
	datum_one_init(&tuple->id, uuid);
	datum_one_init(&tuple->version, &version);
	for (size_t i = 0; i < n; i++)
		tuple->columns[i] =
			datum_ref(table->columns[i + SCHEMA_FIRST_COLUMN].default_datum);
	return tuple;
}

struct db_tuple *db_tuple_copy(const struct db_tuple *tuple)
{
	struct db_tuple *copy = xmalloc(sizeof(*copy) + tuple->n * sizeof(void *));

	copy->refs = 1;
	copy->n = tuple->n;
	copy->id = tuple->id;
	copy->version = tuple->version;
	for (size_t i = 0; i < tuple->n; i++)
		copy->columns[i] = datum_ref(tuple->columns[i]);
	return copy;
}

void db_tuple_unref(struct db_tuple *tuple)
{
	if (!tuple || --tuple->refs)
		return;
	for (size_t i = 0; i < tuple->n; i++)
		datum_unref(tuple->columns[i]);
	free(tuple);
}

void db_tuple_set(struct db_tuple *tuple, unsigned column, struct datum *take_value)
{
	assert(column >= SCHEMA_FIRST_COLUMN && tuple->refs == 1);
	datum_unref(tuple->columns[column - SCHEMA_FIRST_COLUMN]);
	tuple->columns[column - SCHEMA_FIRST_COLUMN] = take_value;
}

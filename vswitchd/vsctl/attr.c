/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/attr.h"

#include <assert.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "vswitchd/vsctl/request.h"

static const struct schema_column *find(const struct db_table *table, const char *column)
{
	const struct schema_column *found = schema_find_column(db_table_schema(table), column);

	assert(found);
	return found;
}

unsigned attr_index(const struct db_table *table, const char *column)
{
	return find(table, column)->index;
}

static unsigned index_in(const struct db_row *row, const char *column)
{
	return attr_index(db_row_table(row), column);
}

const char *attr_string(const struct db_row *row, const char *column)
{
	return db_row_string(row, index_in(row, column), "");
}

int64_t attr_integer(const struct db_row *row, const char *column)
{
	return db_row_integer(row, index_in(row, column), 0);
}

bool attr_boolean(const struct db_row *row, const char *column)
{
	return db_row_boolean(row, index_in(row, column), false);
}

size_t attr_count(const struct db_row *row, const char *column)
{
	return db_row_count(row, index_in(row, column));
}

struct db_row *attr_ref_at(const struct db_row *row, const char *column, size_t i)
{
	unsigned index = index_in(row, column);

	return i < db_row_count(row, index) ? db_row_ref_at(row, index, i) : NULL;
}

const char *attr_map_get(const struct db_row *row, const char *column, const char *key)
{
	return db_row_map_get(row, index_in(row, column), key);
}

bool attr_refers(const struct db_row *row, const char *column, const struct db_row *target)
{
	const struct datum *datum = db_row_get(row, index_in(row, column));
	union atom atom = {.uuid = *db_row_uuid(target)};

	return datum_find(datum, &atom, ATOM_UUID) >= 0;
}

void attr_set(
	struct request *request, struct db_row *row, const char *column, struct datum *take_value
)
{
	request_set(request, row, index_in(row, column), take_value);
}

void attr_clear(struct request *request, struct db_row *row, const char *column)
{
	const struct schema_column *schema = find(db_row_table(row), column);

	request_set(request, row, schema->index, datum_new_empty(&schema->type));
}

void attr_add_ref(
	struct request *request, struct db_row *row, const char *column, const struct db_row *target
)
{
	const struct schema_column *schema = find(db_row_table(row), column);
	struct datum *one = datum_new_uuid(db_row_uuid(target));

	request_set(
		request,
		row,
		schema->index,
		datum_union(db_row_get(row, schema->index), one, &schema->type)
	);
	datum_unref(one);
}

void attr_del_ref(
	struct request *request, struct db_row *row, const char *column, const struct db_row *target
)
{
	const struct schema_column *schema = find(db_row_table(row), column);
	struct datum *one = datum_new_uuid(db_row_uuid(target));

	request_set(
		request,
		row,
		schema->index,
		datum_subtract(db_row_get(row, schema->index), one, &schema->type)
	);
	datum_unref(one);
}

void attr_set_key(
	struct request *request,
	struct db_row *row,
	const char *column,
	const char *key,
	const char *value
)
{
	unsigned index = index_in(row, column);
	json_t *map = db_row_map_json(row, index);

	if (value)
		json_object_set_new(map, key, json_string(value));
	else
		json_object_del(map, key);
	request_set(request, row, index, datum_new_string_map(map));
	json_decref(map);
}

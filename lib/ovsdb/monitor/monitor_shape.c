/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/monitor/monitor_shape.h"

#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/ops/condition.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

static void table_free(struct monitor_table *table)
{
	if (!table)
		return;
	condition_free(table->condition);
	json_decref(table->where);
	free(table->columns);
	free(table);
}

static int parse_select(const json_t *json, unsigned *select, struct db_error *err)
{
	static const struct {
		const char *name;
		unsigned bit;
	} kinds[] = {
		{"initial", MONITOR_INITIAL},
		{"insert", MONITOR_INSERT},
		{"delete", MONITOR_DELETE},
		{"modify", MONITOR_MODIFY},
	};

	*select = MONITOR_ALL;
	if (!json)
		return 0;
	if (!json_is_object(json))
		return db_error_set(err, db_syntax_error, "\"select\" is no object");
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
		const json_t *flag = json_object_get(json, kinds[i].name);

		if (flag && !json_is_boolean(flag))
			return db_error_set(
				err, db_syntax_error, "\"%s\" is true or false", kinds[i].name
			);
		if (json_is_false(flag))
			*select &= ~kinds[i].bit;
	}
	return 0;
}

static int add_column(
	struct monitor_table *table,
	const struct schema_column *column,
	unsigned select,
	struct db_error *err
)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].column == column)
			return db_error_set(
				err, db_syntax_error, "column %s is mentioned twice", column->name
			);
	table->columns[table->n_columns].column = column;
	table->columns[table->n_columns++].select = select;
	return 0;
}

static int
add_columns(struct monitor_table *table, const json_t *names, unsigned select, struct db_error *err)
{
	const struct schema_table *schema = table->schema;
	const json_t *name;
	size_t i;

	if (!names) {
		for (i = SCHEMA_COLUMN_VERSION; i < schema->n_columns; i++)
			if (add_column(table, &schema->columns[i], select, err))
				return -1;
		return 0;
	}
	if (!json_is_array(names))
		return db_error_set(err, db_syntax_error, "\"columns\" is an array of names");
	json_array_foreach(names, i, name) {
		const char *text = json_string_value(name);
		const struct schema_column *column = text ? schema_find_column(schema, text) : NULL;

		if (!column)
			return db_error_set(
				err,
				db_syntax_error,
				"%.60s is not a column of table %s",
				text ? text : "(no string)",
				schema->name
			);
		if (add_column(table, column, select, err))
			return -1;
	}
	return 0;
}

static int add_where(struct monitor_table *table, const json_t *where, struct db_error *err)
{
	if (!where)
		return 0;
	if (!json_is_array(where))
		return db_error_set(err, db_syntax_error, "\"where\" is an array of conditions");
	return json_array_extend(table->where, (json_t *)where);
}

static int add_request(struct monitor_table *table, const json_t *request, struct db_error *err)
{
	unsigned select;

	if (!json_is_object(request))
		return db_error_set(err, db_syntax_error, "a monitor request is an object");
	if (parse_select(json_object_get(request, "select"), &select, err) ||
	    add_columns(table, json_object_get(request, "columns"), select, err))
		return -1;
	table->select |= select;
	return add_where(table, json_object_get(request, "where"), err);
}

static struct monitor_table *
table_parse(const struct schema_table *schema, const json_t *json, struct db_error *err)
{
	struct monitor_table *table = XNEW(struct monitor_table);
	size_t n = json_array_size(json);
	int error = 0;

	table->schema = schema;
	table->columns = XNEW_N(struct monitor_column, schema->n_columns);
	table->where = json_array();
	if (json_is_array(json))
		for (size_t i = 0; i < n && !error; i++)
			error = add_request(table, json_array_get(json, i), err);
	else
		error = add_request(table, json, err);
	if (!error) {
		table->condition = condition_parse(schema, table->where, NULL, true, err);
		if (table->condition)
			return table;
	}
	db_error_prefix(err, "monitor of table %s: ", schema->name);
	table_free(table);
	return NULL;
}

static struct monitor_table *table_copy(const struct monitor_table *table)
{
	struct monitor_table *copy = XNEW(struct monitor_table);

	*copy = *table;
	copy->columns = XNEW_N(struct monitor_column, table->n_columns + 1);
	memcpy(copy->columns, table->columns, table->n_columns * sizeof(*copy->columns));
	json_incref(copy->where);
	copy->condition = condition_parse(table->schema, table->where, NULL, true, NULL);
	return copy;
}

/* The new conditions of one table: as in a monitor request, but for its columns. */
static int table_change(struct monitor_table *table, const json_t *json, struct db_error *err)
{
	size_t n = json_array_size(json);
	int error = 0;

	json_decref(table->where);
	table->where = json_array();
	condition_free(table->condition);
	table->condition = NULL;
	if (json_is_object(json))
		error = add_where(table, json_object_get(json, "where"), err);
	else if (!json_is_array(json))
		error = db_error_set(err, db_syntax_error, "a condition change is an object");
	for (size_t i = 0; i < n && !error; i++)
		error = add_where(table, json_object_get(json_array_get(json, i), "where"), err);
	if (error)
		return error;
	table->condition = condition_parse(table->schema, table->where, NULL, true, err);
	return table->condition ? 0 : -1;
}

static void make_key(struct monitor_shape *shape)
{
	struct strbuf key = STRBUF_INIT;

	strbuf_addf(&key, "%d", shape->version);
	for (size_t i = 0; i < shape->n_tables; i++) {
		const struct monitor_table *table = shape->tables[i];
		char *where;

		if (!table)
			continue;
		where = json_dumps(table->where, JSON_COMPACT);
		strbuf_addf(&key, ";%zu/%x/%s", i, table->select, where);
		for (size_t k = 0; k < table->n_columns; k++)
			strbuf_addf(
				&key,
				",%u/%x",
				table->columns[k].column->index,
				table->columns[k].select
			);
		free(where);
	}
	shape->key = strbuf_steal(&key);
}

static struct monitor_shape *shape_new(const struct schema *schema, enum db_monitor_version version)
{
	struct monitor_shape *shape = XNEW(struct monitor_shape);

	shape->version = version;
	shape->n_tables = schema->n_tables;
	shape->tables = XNEW_N(struct monitor_table *, schema->n_tables + 1);
	return shape;
}

struct monitor_shape *monitor_shape_new(
	const struct schema *schema,
	enum db_monitor_version version,
	const json_t *requests,
	struct db_error *err
)
{
	struct monitor_shape *shape;
	const char *name;
	json_t *json;

	if (!json_is_object(requests)) {
		db_error_set(err, db_syntax_error, "monitor requests are an object of tables");
		return NULL;
	}
	shape = shape_new(schema, version);
	json_object_foreach((json_t *)requests, name, json) {
		const struct schema_table *table = schema_find_table(schema, name);

		if (!table) {
			db_error_set(err, "unknown table", "no table named %.60s", name);
			goto err_free;
		}
		shape->tables[table->index] = table_parse(table, json, err);
		if (!shape->tables[table->index])
			goto err_free;
	}
	make_key(shape);
	return shape;

err_free:
	monitor_shape_free(shape);
	return NULL;
}

struct monitor_shape *monitor_shape_change(
	const struct schema *schema,
	const struct monitor_shape *shape,
	const json_t *requests,
	struct db_error *err
)
{
	struct monitor_shape *changed;
	const char *name;
	json_t *json;

	if (!json_is_object(requests)) {
		db_error_set(err, db_syntax_error, "condition changes are an object of tables");
		return NULL;
	}
	changed = shape_new(schema, shape->version);
	for (size_t i = 0; i < shape->n_tables; i++)
		if (shape->tables[i])
			changed->tables[i] = table_copy(shape->tables[i]);
	json_object_foreach((json_t *)requests, name, json) {
		const struct schema_table *table = schema_find_table(schema, name);

		if (!table || !changed->tables[table->index]) {
			db_error_set(err, "unknown table", "table %.60s is not monitored", name);
			goto err_free;
		}
		if (table_change(changed->tables[table->index], json, err))
			goto err_free;
	}
	make_key(changed);
	return changed;

err_free:
	monitor_shape_free(changed);
	return NULL;
}

void monitor_shape_free(struct monitor_shape *shape)
{
	for (size_t i = 0; i < shape->n_tables; i++)
		table_free(shape->tables[i]);
	free(shape->tables);
	free(shape->key);
	free(shape);
}

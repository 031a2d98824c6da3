/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/ops/ops_priv.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

static json_t *row_json(const struct db_row *row, const struct column_list *columns)
{
	json_t *object = json_object();

	for (size_t i = 0; i < columns->n; i++)
		json_object_set_new_nocheck(
			object,
			columns->columns[i]->name,
			db_row_json(row, columns->columns[i]->index)
		);
	return object;
}

/* About the bytes that the row takes as JSON values. */
static uint64_t row_size(const struct db_row *row, const struct column_list *columns)
{
	enum {
		VALUE_SIZE = 96
	};
	uint64_t size = 0;

	for (size_t i = 0; i < columns->n; i++) {
		const struct datum *datum = db_tuple_get(row->tuple, columns->columns[i]->index);

		size += VALUE_SIZE * (1 + (datum->is_map ? 3 : 1) * (uint64_t)datum->n);
		for (size_t k = 0; k < datum->n; k++) {
			if (datum->has_string_keys)
				size += datum_key(datum, k)->string->length;
			if (datum->has_string_values)
				size += datum_value(datum, k)->string->length;
		}
	}
	return size;
}

int operation_select(
	struct execution *execution, const json_t *json, json_t *result, struct db_error *err
)
{
	struct db_table *table = query_table(execution, json, err);
	struct column_list columns;
	struct row_list rows;
	json_t *array;
	int error = 0;

	if (!table || query_columns(table->schema, json_object_get(json, "columns"), &columns, err))
		return -1;
	if (query_rows(execution, table, json, &rows, err)) {
		column_list_fini(&columns);
		return -1;
	}
	array = json_array();
	for (size_t i = 0; i < rows.n && !error; i++) {
		error = execution_spend(execution, 0, row_size(rows.rows[i], &columns), err);
		if (!error)
			json_array_append_new(array, row_json(rows.rows[i], &columns));
	}
	json_object_set_new(result, "rows", array);
	row_list_fini(&rows);
	column_list_fini(&columns);
	return error;
}

/* A row that "wait" expects: the values of its columns. */
struct expected {
	struct hmap_node node;
	bool is_seen;
	struct datum *values[];
};

struct expected_rows {
	const struct column_list *columns;
	struct hmap map; /* each different row once */
};

static uint32_t hash_values(const struct column_list *columns, struct datum *const *values)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < columns->n; i++)
		hash = datum_hash(values[i], &columns->columns[i]->type, hash);
	return hash;
}

static struct expected *
find_expected(const struct expected_rows *rows, struct datum *const *values, uint32_t hash)
{
	struct expected *expected;

	HMAP_FOREACH_WITH_HASH(expected, node, hash, &rows->map) {
		bool same = true;

		for (size_t i = 0; i < rows->columns->n && same; i++)
			same = datum_equal(
				expected->values[i], values[i], &rows->columns->columns[i]->type
			);
		if (same)
			return expected;
	}
	return NULL;
}

static void expected_free(struct expected *expected, size_t n)
{
	for (size_t i = 0; i < n; i++)
		datum_unref(expected->values[i]);
	free(expected);
}

static int check_names(const struct schema_table *table, const json_t *row, struct db_error *err)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)row, name, value) {
		(void)value;
		if (!schema_find_column(table, name))
			return db_error_set(
				err,
				"unknown column",
				"No column %.60s in table %s.",
				name,
				table->name
			);
	}
	return 0;
}

/* Columns that the row does not mention are expected to have their defaults. */
static int expect_row(
	struct execution *execution,
	struct expected_rows *rows,
	const json_t *json,
	struct db_error *err
)
{
	const struct column_list *columns = rows->columns;
	struct expected *expected = xcalloc(1, sizeof(*expected) + columns->n * sizeof(void *));
	uint32_t hash;

	for (size_t i = 0; i < columns->n; i++) {
		const struct schema_column *column = columns->columns[i];
		const json_t *value = json_object_get(json, column->name);

		expected->values[i] = value
			? datum_parse(value, &column->type, &execution->symbols, err)
			: datum_ref(column->default_datum);
		if (!expected->values[i]) {
			expected_free(expected, i);
			return -1;
		}
	}
	hash = hash_values(columns, expected->values);
	if (find_expected(rows, expected->values, hash))
		expected_free(expected, columns->n);
	else
		hmap_add(&rows->map, &expected->node, hash);
	return 0;
}

static int expect_rows(
	struct execution *execution,
	const struct schema_table *table,
	const json_t *json,
	struct expected_rows *rows,
	struct db_error *err
)
{
	size_t n = json_array_size(json);

	if (!json_is_array(json))
		return db_error_set(err, db_syntax_error, "\"rows\" is missing or no array");
	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_array_get(json, i);

		if (!json_is_object(row))
			return db_error_set(err, db_syntax_error, "a row is an object");
		if (check_names(table, row, err) || expect_row(execution, rows, row, err))
			return -1;
	}
	return 0;
}

/* Are the rows found, seen through the columns, the expected ones? */
static bool matches(const struct expected_rows *rows, const struct row_list *found)
{
	const struct column_list *columns = rows->columns;
	struct datum **values = XNEW_N(struct datum *, columns->n + 1);
	size_t n_seen = 0;
	bool same = true;

	for (size_t i = 0; i < found->n && same; i++) {
		struct expected *expected;

		for (size_t k = 0; k < columns->n; k++)
			values[k] = (struct datum *)db_tuple_get(
				found->rows[i]->tuple, columns->columns[k]->index
			);
		expected = find_expected(rows, values, hash_values(columns, values));
		same = expected;
		if (expected && !expected->is_seen) {
			expected->is_seen = true;
			n_seen++;
		}
	}
	free(values);
	return same && n_seen == hmap_count(&rows->map);
}

static int
parse_timeout(const json_t *json, bool *has_timeout, int64_t *timeout, struct db_error *err)
{
	const json_t *member = json_object_get(json, "timeout");

	*has_timeout = member && !json_is_null(member);
	*timeout = INT64_MAX;
	if (!*has_timeout)
		return 0;
	if (!json_is_number(member) || json_number_value(member) < 0)
		return db_error_set(
			err, db_syntax_error, "\"timeout\" is a number of milliseconds"
		);
	if (json_number_value(member) < (double)(INT64_MAX / 2))
		*timeout = (int64_t)json_number_value(member);
	return 0;
}

static int parse_until(const json_t *json, bool *equal, struct db_error *err)
{
	const char *until = json_string_value(json_object_get(json, "until"));

	if (!until || (strcmp(until, "==") != 0 && strcmp(until, "!=") != 0))
		return db_error_set(err, db_syntax_error, "\"until\" is \"==\" or \"!=\"");
	*equal = !strcmp(until, "==");
	return 0;
}

/* Decides what a wait that does not hold means. */
static int
not_yet(struct execution *execution, bool has_timeout, int64_t timeout, struct db_error *err)
{
	if (execution->request->may_wait && execution->request->elapsed_ms < timeout) {
		execution->must_wait = true;
		execution->timeout_ms = timeout;
		return db_error_set(err, "wait", "to be run again");
	}
	if (has_timeout)
		return db_error_set(
			err,
			"timed out",
			"\"wait\" timed out after %lld ms",
			(long long)(timeout ? execution->request->elapsed_ms : 0)
		);
	return db_error_set(err, "timed out", "\"wait\" cannot wait here");
}

int operation_wait(
	struct execution *execution, const json_t *json, json_t *result, struct db_error *err
)
{
	struct db_table *table = query_table(execution, json, err);
	struct column_list columns;
	struct expected_rows rows = {.columns = &columns};
	bool has_timeout = false, equal = true, holds = false;
	struct expected *expected;
	struct row_list found;
	int64_t timeout = 0;
	int error;

	if (!table || parse_timeout(json, &has_timeout, &timeout, err) ||
	    parse_until(json, &equal, err) ||
	    query_columns(table->schema, json_object_get(json, "columns"), &columns, err))
		return -1;
	hmap_init(&rows.map);
	error = expect_rows(execution, table->schema, json_object_get(json, "rows"), &rows, err);
	if (!error)
		error = query_rows(execution, table, json, &found, err);
	if (!error) {
		holds = matches(&rows, &found) == equal;
		row_list_fini(&found);
	}
	HMAP_FOREACH_SAFE(expected, node, &rows.map)
		expected_free(expected, columns.n);
	hmap_fini(&rows.map);
	column_list_fini(&columns);
	if (error || holds)
		return error;
	return not_yet(execution, has_timeout, timeout, err);
}

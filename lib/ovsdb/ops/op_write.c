/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/ops/mutation.h"
#include "lib/ovsdb/ops/ops_priv.h"
#include "lib/xmalloc.h"

/* The columns and values of a <row>. */
struct assignment {
	const struct schema_column *column;
	struct datum *value;
};

struct assignments {
	struct assignment *items;
	size_t n;
};

static void assignments_fini(struct assignments *list)
{
	for (size_t i = 0; i < list->n; i++)
		datum_unref(list->items[i].value);
	free(list->items);
}

static int assignments_parse(
	struct execution *execution,
	const struct schema_table *table,
	const json_t *row,
	struct assignments *list,
	struct db_error *err
)
{
	const char *name;
	json_t *value;

	list->n = 0;
	list->items = NULL;
	if (!json_is_object(row))
		return db_error_set(err, db_syntax_error, "\"row\" is missing or no object");
	list->items = XNEW_N(struct assignment, json_object_size(row) + 1);
	json_object_foreach((json_t *)row, name, value) {
		struct assignment *item = &list->items[list->n];

		item->column = query_column(table, name, err);
		if (!item->column)
			goto err_free;
		item->value = query_value(execution, item->column, value, err);
		if (!item->value)
			goto err_free;
		list->n++;
	}
	return 0;

err_free:
	assignments_fini(list);
	return -1;
}

static void assign(struct execution *execution, struct db_row *row, const struct assignments *list)
{
	for (size_t i = 0; i < list->n; i++)
		db_txn_set(
			execution->txn,
			row,
			list->items[i].column->index,
			datum_ref(list->items[i].value)
		);
}

/* The UUID of the row to insert: given, promised to a uuid-name, or (false) any. */
static int choose_uuid(
	struct execution *execution, const json_t *json, struct uuid *uuid, struct db_error *err
)
{
	const json_t *given = json_object_get(json, "uuid");
	const char *name = json_string_value(json_object_get(json, "uuid-name"));
	struct symbol *symbol;

	uuid_new(uuid);
	if (given && (!json_is_string(given) || !uuid_parse(json_string_value(given), uuid)))
		return db_error_set(err, db_syntax_error, "\"uuid\" is no UUID");
	if (!json_object_get(json, "uuid-name"))
		return 0;
	if (!name || !schema_is_id(name))
		return db_error_set(
			err,
			db_syntax_error,
			"\"uuid-name\" consists of letters, digits and underscores and does not "
			"begin with a digit"
		);
	symbol = symbols_find(&execution->symbols, name);
	if (symbol->is_used)
		return db_error_set(
			err,
			"duplicate uuid-name",
			"This \"uuid-name\" appeared on an earlier \"insert\" operation: %.60s",
			name
		);
	symbol->is_used = true;
	*uuid = symbol->uuid;
	return 0;
}

int operation_insert(
	struct execution *execution, const json_t *json, json_t *result, struct db_error *err
)
{
	struct db_table *table = query_table(execution, json, err);
	struct assignments list;
	union atom atom;
	struct db_row *row;

	if (!table || choose_uuid(execution, json, &atom.uuid, err))
		return -1;
	if (assignments_parse(execution, table->schema, json_object_get(json, "row"), &list, err))
		return -1;
	row = db_txn_insert(execution->txn, table, &atom.uuid);
	if (row)
		assign(execution, row, &list);
	assignments_fini(&list);
	if (!row)
		return db_error_set(
			err,
			"duplicate uuid",
			"This UUID would duplicate a UUID already present within the table or "
			"deleted within the same transaction."
		);
	json_object_set_new(result, "uuid", atom_json(&atom, ATOM_UUID));
	return 0;
}

static int check_mutable(const struct assignments *list, struct db_error *err)
{
	for (size_t i = 0; i < list->n; i++)
		if (!list->items[i].column->is_mutable)
			return db_error_set(
				err,
				db_constraint_violation,
				"Cannot update immutable column %s.",
				list->items[i].column->name
			);
	return 0;
}

int operation_update(
	struct execution *execution, const json_t *json, json_t *result, struct db_error *err
)
{
	struct db_table *table = query_table(execution, json, err);
	struct assignments list;
	struct row_list rows;
	int error;

	if (!table ||
	    assignments_parse(execution, table->schema, json_object_get(json, "row"), &list, err))
		return -1;
	error = check_mutable(&list, err);
	if (!error)
		error = query_rows(execution, table, json, &rows, err);
	if (!error) {
		for (size_t i = 0; i < rows.n; i++)
			assign(execution, rows.rows[i], &list);
		json_object_set_new(result, "count", json_integer((json_int_t)rows.n));
		row_list_fini(&rows);
	}
	assignments_fini(&list);
	return error;
}

struct mutations {
	struct mutation *items;
	size_t n;
};

static void mutations_fini(struct mutations *list)
{
	for (size_t i = 0; i < list->n; i++)
		mutation_fini(&list->items[i]);
	free(list->items);
}

static int mutations_parse(
	struct execution *execution,
	const struct schema_table *table,
	const json_t *array,
	struct mutations *list,
	struct db_error *err
)
{
	size_t n = json_array_size(array);

	list->n = 0;
	list->items = XNEW_N(struct mutation, n + 1);
	if (!json_is_array(array)) {
		free(list->items);
		db_error_set(err, db_syntax_error, "\"mutations\" is missing or no array");
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (mutation_parse(
			    &list->items[i],
			    table,
			    json_array_get(array, i),
			    &execution->symbols,
			    err
		    )) {
			mutations_fini(list);
			return -1;
		}
		list->n++;
	}
	return 0;
}

static int mutate_row(
	struct execution *execution,
	struct db_row *row,
	const struct mutations *list,
	struct db_error *err
)
{
	for (size_t i = 0; i < list->n; i++) {
		unsigned column = list->items[i].column->index;
		struct datum *new;

		if (execution_spend(execution, db_row_count(row, column), 0, err))
			return -1;
		new = mutation_apply(&list->items[i], db_tuple_get(row->tuple, column), err);

		if (!new)
			return -1;
		db_txn_set(execution->txn, row, column, new);
	}
	return 0;
}

int operation_mutate(
	struct execution *execution, const json_t *json, json_t *result, struct db_error *err
)
{
	struct db_table *table = query_table(execution, json, err);
	struct mutations list;
	struct row_list rows;
	int error;

	if (!table ||
	    mutations_parse(
		    execution, table->schema, json_object_get(json, "mutations"), &list, err
	    ))
		return -1;
	error = query_rows(execution, table, json, &rows, err);
	if (!error) {
		for (size_t i = 0; i < rows.n && !error; i++)
			error = mutate_row(execution, rows.rows[i], &list, err);
		json_object_set_new(result, "count", json_integer((json_int_t)rows.n));
		row_list_fini(&rows);
	}
	mutations_fini(&list);
	return error;
}

int operation_delete(
	struct execution *execution, const json_t *json, json_t *result, struct db_error *err
)
{
	struct db_table *table = query_table(execution, json, err);
	struct row_list rows;

	if (!table || query_rows(execution, table, json, &rows, err))
		return -1;
	for (size_t i = 0; i < rows.n; i++)
		db_txn_delete(execution->txn, rows.rows[i]);
	json_object_set_new(result, "count", json_integer((json_int_t)rows.n));
	row_list_fini(&rows);
	return 0;
}

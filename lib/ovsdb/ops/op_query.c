/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lib/near.h"
#include "lib/ovsdb/ops/condition.h"
#include "lib/ovsdb/ops/ops_priv.h"
#include "lib/xmalloc.h"

struct db_table *query_table(struct execution *execution, const json_t *json, struct db_error *err)
{
	const char *name = json_string_value(json_object_get(json, "table"));
	struct db_table *table;

	if (!name) {
		db_error_set(err, db_syntax_error, "the operation needs a \"table\"");
		return NULL;
	}
	table = db_find_table(execution->db, name);
	if (!table)
		db_error_set(err, "unknown table", "No table named %.60s.", name);
	return table;
}

static void row_list_add(struct row_list *list, struct db_row *row)
{
	/* Grows at every power of two. */
	if (!(list->n & (list->n - 1)))
		list->rows =
			xrealloc(list->rows, (list->n ? 2 * list->n : 1) * sizeof(struct db_row *));
	list->rows[list->n++] = row;
}

void row_list_fini(struct row_list *list)
{
	free(list->rows);
}

static void
add_if_match(struct row_list *list, const struct condition *condition, struct db_row *row)
{
	if (row && !row->is_gone && condition_match_all(condition, row->tuple))
		row_list_add(list, row);
}

/* A clause that names its only possible row. */
static const struct condition_clause *find_uuid_clause(const struct condition *condition)
{
	for (size_t i = 0; i < condition->n; i++) {
		const struct condition_clause *clause = &condition->clauses[i];

		if (clause->column->index == SCHEMA_COLUMN_UUID &&
		    (clause->function == CONDITION_EQ || clause->function == CONDITION_INCLUDES) &&
		    clause->arg->n == 1)
			return clause;
	}
	return NULL;
}

/* A clause that an index of one column answers. */
static const struct condition_clause *find_index_clause(
	const struct schema_table *table, const struct condition *condition, size_t *index
)
{
	for (size_t i = 0; i < condition->n; i++)
		for (*index = 0; *index < table->n_indexes; ++*index)
			if (condition->clauses[i].function == CONDITION_EQ &&
			    table->indexes[*index].n == 1 &&
			    table->indexes[*index].columns[0] ==
				    condition->clauses[i].column->index)
				return &condition->clauses[i];
	return NULL;
}

static void find_by_index(
	struct execution *execution,
	struct db_table *table,
	const struct condition *condition,
	const struct datum *key,
	size_t index,
	struct row_list *list
)
{
	struct db_row *row = db_index_find(table, index, &key);
	struct db_change *change;

	/* Rows this transaction has changed are looked at one by one: the index is behind. */
	if (row && !row->change)
		add_if_match(list, condition, row);
	cds_list_for_each_entry(change, &execution->txn->changes, node)
		if (change->row->table == table)
			add_if_match(list, condition, change->row);
}

/* Returns how many rows it had to look at. */
static uint64_t find_rows(
	struct execution *execution,
	struct db_table *table,
	const struct condition *condition,
	struct row_list *list
)
{
	const struct condition_clause *clause = find_uuid_clause(condition);
	size_t index;

	if (clause) {
		add_if_match(
			list, condition, db_table_find(table, &datum_key(clause->arg, 0)->uuid)
		);
		return 1;
	}
	clause = find_index_clause(table->schema, condition, &index);
	if (clause) {
		find_by_index(execution, table, condition, clause->arg, index, list);
		return 1 + execution->txn->n_changes / 16;
	}
	DB_ROW_FOREACH(row, table)
		add_if_match(list, condition, row);
	return db_table_count(table);
}

int query_rows(
	struct execution *execution,
	struct db_table *table,
	const json_t *json,
	struct row_list *list,
	struct db_error *err
)
{
	struct condition *condition = condition_parse(
		table->schema, json_object_get(json, "where"), &execution->symbols, false, err
	);

	uint64_t n_looked_at;

	list->rows = NULL;
	list->n = 0;
	if (!condition)
		return -1;
	n_looked_at = find_rows(execution, table, condition, list);
	condition_free(condition);
	if (!execution_spend(execution, n_looked_at, 0, err))
		return 0;
	row_list_fini(list);
	return -1;
}

static int unknown_column(const struct schema_table *table, const char *name, struct db_error *err)
{
	const char *best;
	struct near near;

	near_init(&near, name);
	for (size_t i = 0; i < table->n_columns; i++)
		near_add(&near, table->columns[i].name);
	best = near_best(&near);
	return db_error_set(
		err,
		"unknown column",
		"No column %.60s in table %s.%s%s%s",
		name,
		table->name,
		best ? " Did you mean " : "",
		best ? best : "",
		best ? "?" : ""
	);
}

const struct schema_column *
query_column(const struct schema_table *table, const char *name, struct db_error *err)
{
	const struct schema_column *column = schema_find_column(table, name);

	if (!column) {
		unknown_column(table, name, err);
		return NULL;
	}
	if (column->index >= SCHEMA_FIRST_COLUMN)
		return column;
	db_error_set(err, db_constraint_violation, "column %s cannot be written", name);
	return NULL;
}

static int add_column(
	const struct schema_table *table,
	const json_t *name,
	struct column_list *list,
	struct db_error *err
)
{
	const struct schema_column *column;

	if (!json_is_string(name))
		return db_error_set(err, db_syntax_error, "\"columns\" are an array of names");
	column = schema_find_column(table, json_string_value(name));
	if (!column)
		return unknown_column(table, json_string_value(name), err);
	for (size_t i = 0; i < list->n; i++)
		if (list->columns[i] == column)
			return 0;
	list->columns[list->n++] = column;
	return 0;
}

int query_columns(
	const struct schema_table *table,
	const json_t *array,
	struct column_list *list,
	struct db_error *err
)
{
	size_t n = json_array_size(array);

	list->n = 0;
	list->columns = XNEW_N(const struct schema_column *, table->n_columns);
	if (!array) {
		for (size_t i = 0; i < table->n_columns; i++)
			list->columns[list->n++] = &table->columns[i];
		return 0;
	}
	if (!json_is_array(array)) {
		column_list_fini(list);
		return db_error_set(err, db_syntax_error, "\"columns\" are an array of names");
	}
	for (size_t i = 0; i < n; i++)
		if (add_column(table, json_array_get(array, i), list, err)) {
			column_list_fini(list);
			return -1;
		}
	return 0;
}

void column_list_fini(struct column_list *list)
{
	free(list->columns);
	list->columns = NULL;
}

struct datum *query_value(
	struct execution *execution,
	const struct schema_column *column,
	const json_t *json,
	struct db_error *err
)
{
	struct datum *datum = datum_parse(json, &column->type, &execution->symbols, err);

	if (datum && !column_type_check(&column->type, datum, err))
		return datum;
	datum_unref(datum);
	db_error_prefix(err, "column %s: ", column->name);
	return NULL;
}

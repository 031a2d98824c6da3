/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/xmalloc.h"
#include "vswitchd/vsctl/assignment.h"
#include "vswitchd/vsctl/grid.h"
#include "vswitchd/vsctl/lookup.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"

/* The verbs that print rows: list and find.  */

/* Which columns are printed, in order. */
struct columns {
	unsigned *list;
	size_t n;
};

static int choose_columns(
	const struct call *call,
	const struct schema_table *schema,
	struct columns *columns,
	struct errbuf *err
)
{
	const char *option = call_option(call, "--columns");
	char *copy, *state = NULL;

	*columns = (struct columns){0};
	if (!option) {
		columns->list = XNEW_N(unsigned, schema->n_columns);
		for (unsigned i = 0; i < schema->n_columns; i++)
			if (i != SCHEMA_COLUMN_VERSION)
				columns->list[columns->n++] = i;
		return 0;
	}
	copy = xstrdup(option);
	for (char *name = strtok_r(copy, ", ", &state); name; name = strtok_r(NULL, ", ", &state)) {
		int column = lookup_column(schema, name, err);

		if (column < 0) {
			free(copy);
			return column;
		}
		columns->list = xrealloc(columns->list, (columns->n + 1) * sizeof(*columns->list));
		columns->list[columns->n++] = (unsigned)column;
	}
	free(copy);
	if (!columns->n)
		return errbuf_set(err, -EINVAL, "must specify at least one column name");
	return 0;
}

static int
begin(struct call *call, struct db_table **table, struct columns *columns, struct errbuf *err)
{
	const struct schema_table *schema;
	int error;

	*columns = (struct columns){0};
	*table = lookup_table(call->request->db, call->args[0], err);
	if (!*table)
		return -EINVAL;
	schema = db_table_schema(*table);
	error = choose_columns(call, schema, columns, err);
	if (error)
		return error;
	call->grid = grid_new(&call->request->style);
	for (size_t i = 0; i < columns->n; i++)
		grid_add_heading(call->grid, schema->columns[columns->list[i]].name);
	return 0;
}

static void print_row(struct call *call, const struct db_row *row, const struct columns *columns)
{
	const struct schema_table *schema = db_table_schema(db_row_table(row));

	for (size_t i = 0; i < columns->n; i++)
		grid_add(
			call->grid,
			db_row_get(row, columns->list[i]),
			&schema->columns[columns->list[i]].type
		);
}

static int compare_rows(const void *a, const void *b)
{
	const struct db_row *const *x = a, *const *y = b;
	const struct schema_column *name =
		schema_find_column(db_table_schema(db_row_table(*x)), "name");
	int order = 0;

	if (name)
		order =
			strcmp(db_row_string(*x, name->index, ""),
			       db_row_string(*y, name->index, ""));
	return order ? order : uuid_compare(db_row_uuid(*x), db_row_uuid(*y));
}

/* All rows, by name. '*n' of them, to be freed. */
static struct db_row **sort_rows(const struct db_table *table, size_t *n)
{
	struct db_row **rows = XNEW_N(struct db_row *, db_table_count(table) + 1);

	*n = 0;
	DB_ROW_FOREACH(row, table)
		rows[(*n)++] = row;
	qsort(rows, *n, sizeof(*rows), compare_rows);
	return rows;
}

static void list_all(struct call *call, const struct db_table *table, const struct columns *columns)
{
	size_t n;
	struct db_row **rows = sort_rows(table, &n);

	for (size_t i = 0; i < n; i++)
		print_row(call, rows[i], columns);
	free(rows);
}

static int list(struct call *call, struct errbuf *err)
{
	bool must_exist = !call_option(call, "--if-exists");
	struct columns columns;
	struct db_table *table;
	int error = begin(call, &table, &columns, err);

	if (!error && call->n_args == 1)
		list_all(call, table, &columns);
	for (int i = 1; i < call->n_args && !error; i++) {
		struct db_row *row;

		error = lookup_row(call->request, table, call->args[i], must_exist, &row, err);
		if (!error && row)
			print_row(call, row, &columns);
	}
	free(columns.list);
	return error;
}

static int row_matches(
	struct call *call,
	struct db_table *table,
	const struct db_row *row,
	bool *matches,
	struct errbuf *err
)
{
	*matches = true;
	for (int i = 1; i < call->n_args && *matches; i++) {
		int error = assignment_test(call->request, table, row, call->args[i], matches, err);

		if (error)
			return error;
	}
	return 0;
}

/* So that nonsense is an error even if there are no rows. */
static int check_conditions(struct call *call, struct db_table *table, struct errbuf *err)
{
	bool holds;
	int error = 0;

	for (int i = 1; i < call->n_args && !error; i++)
		error = assignment_test(call->request, table, NULL, call->args[i], &holds, err);
	return error;
}

static int find(struct call *call, struct errbuf *err)
{
	struct columns columns;
	struct db_table *table;
	int error = begin(call, &table, &columns, err);
	struct db_row **rows = NULL;
	size_t n = 0;

	if (!error)
		error = check_conditions(call, table, err);
	if (!error)
		rows = sort_rows(table, &n);
	for (size_t i = 0; i < n && !error; i++) {
		bool matches;

		error = row_matches(call, table, rows[i], &matches, err);
		if (!error && matches)
			print_row(call, rows[i], &columns);
	}
	free(rows);
	free(columns.list);
	return error;
}

static const struct verb verb_list_rows = {
	.name = "list",
	.group = "Rows of the database",
	.usage = "TABLE [ROW]...",
	.options = "--if-exists --columns=",
	.takes = "table row",
	.min_args = 1,
	.max_args = VERB_ANY,
	.run = list,
	.help = "print rows of a table",
};
REGISTRY_ADD(verb, verb_list_rows);

static const struct verb verb_find_rows = {
	.name = "find",
	.group = "Rows of the database",
	.usage = "TABLE [COLUMN[:KEY]=VALUE]...",
	.options = "--columns=",
	.takes = "table column",
	.min_args = 1,
	.max_args = VERB_ANY,
	.run = find,
	.help = "print the rows that fulfill conditions",
};
REGISTRY_ADD(verb, verb_find_rows);

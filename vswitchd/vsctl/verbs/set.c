/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "vswitchd/vsctl/assignment.h"
#include "vswitchd/vsctl/lookup.h"
#include "vswitchd/vsctl/notation.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"

/* The verbs that change values of a row: set, add, remove, clear.  */

/* Finds the row that the first two arguments name. '*row' is NULL if it may be missing and is. */
static int
find_row(struct call *call, struct db_table **table, struct db_row **row, struct errbuf *err)
{
	*table = lookup_table(call->request->db, call->args[0], err);
	if (!*table)
		return -EINVAL;
	return lookup_row(
		call->request, *table, call->args[1], !call_option(call, "--if-exists"), row, err
	);
}

static int set(struct call *call, struct errbuf *err)
{
	struct db_table *table;
	struct db_row *row;
	int error = find_row(call, &table, &row, err);

	for (int i = 2; i < call->n_args && !error && row; i++)
		error = assignment_apply(call->request, row, call->args[i], err);
	return error;
}

/* The column that the third argument names; it must be one that may change. */
static const struct schema_column *
get_column(const struct db_table *table, const char *name, struct errbuf *err)
{
	const struct schema_table *schema = db_table_schema(table);
	int index = lookup_column(schema, name, err);

	if (index < 0)
		return NULL;
	if (index != SCHEMA_COLUMN_UUID && schema->columns[index].is_mutable)
		return &schema->columns[index];
	errbuf_set(
		err,
		-EPERM,
		"cannot modify read-only column %s in table %s",
		schema->columns[index].name,
		schema->name
	);
	return NULL;
}

/* The words as one value of any number of elements. */
static struct datum *parse_all(
	struct call *call,
	const struct column_type *type,
	const char *const *words,
	int n,
	struct errbuf *err
)
{
	struct datum *all = datum_new_empty(type);

	for (int i = 0; i < n; i++) {
		struct datum *one = notation_parse(words[i], type, &call->request->handles, err);
		struct datum *both;

		if (!one) {
			datum_unref(all);
			return NULL;
		}
		both = datum_union(all, one, type);
		datum_unref(all);
		datum_unref(one);
		all = both;
	}
	return all;
}

static struct column_type any_number(const struct column_type *type)
{
	struct column_type any = *type;

	any.min = 0;
	any.max = COLUMN_TYPE_UNLIMITED;
	return any;
}

static int
check_number(const struct schema_column *column, const struct datum *value, struct errbuf *err)
{
	if (value->n >= column->type.min && value->n <= column->type.max)
		return 0;
	return errbuf_set(
		err,
		-EINVAL,
		"column %s would have %u values; it has %s %u",
		column->name,
		value->n,
		value->n < column->type.min ? "at least" : "at most",
		value->n < column->type.min ? column->type.min : column->type.max
	);
}

static int
store(struct call *call,
      struct db_row *row,
      const struct schema_column *column,
      struct datum *take_value,
      struct errbuf *err)
{
	int error = check_number(column, take_value, err);

	if (error)
		datum_unref(take_value);
	else
		request_set(call->request, row, column->index, take_value);
	return error;
}

static int add(struct call *call, struct errbuf *err)
{
	const struct schema_column *column;
	struct column_type any;
	struct db_table *table;
	struct db_row *row;
	struct datum *more, *value;
	int error = find_row(call, &table, &row, err);

	if (error || !row)
		return error;
	column = get_column(table, call->args[2], err);
	if (!column)
		return -EINVAL;
	any = any_number(&column->type);
	more = parse_all(call, &any, call->args + 3, call->n_args - 3, err);
	if (!more)
		return -EINVAL;
	value = datum_union(db_row_get(row, column->index), more, &any);
	datum_unref(more);
	return store(call, row, column, value, err);
}

/* 'value' without what 'word' names: elements, pairs, or of a map the pairs with those keys. */
static struct datum *subtract_word(
	struct call *call,
	struct datum *take_value,
	const struct column_type *type,
	const char *word,
	struct errbuf *err
)
{
	struct column_type keys = {.key = type->key, .max = COLUMN_TYPE_UNLIMITED};
	struct datum *less, *rest = NULL;
	struct errbuf ignored;

	errbuf_init(&ignored);
	if (type->is_map) {
		less = notation_parse(word, type, &call->request->handles, &ignored);
		if (!less)
			less = notation_parse(word, &keys, &call->request->handles, err);
	} else {
		less = notation_parse(word, type, &call->request->handles, err);
	}
	if (less)
		rest = datum_subtract(take_value, less, type);
	datum_unref(less);
	datum_unref(take_value);
	return rest;
}

static int remove_values(struct call *call, struct errbuf *err)
{
	const struct schema_column *column;
	struct column_type any;
	struct db_table *table;
	struct db_row *row;
	struct datum *value;
	int error = find_row(call, &table, &row, err);

	if (error || !row)
		return error;
	column = get_column(table, call->args[2], err);
	if (!column)
		return -EINVAL;
	any = any_number(&column->type);
	value = datum_ref(db_row_get(row, column->index));
	for (int i = 3; i < call->n_args && value; i++)
		value = subtract_word(call, value, &any, call->args[i], err);
	if (!value)
		return -EINVAL;
	return store(call, row, column, value, err);
}

static int clear_column(struct call *call, struct db_row *row, const char *name, struct errbuf *err)
{
	const struct schema_column *column = get_column(db_row_table(row), name, err);

	if (!column)
		return -EINVAL;
	if (column->type.min)
		return errbuf_set(
			err,
			-EINVAL,
			"\"clear\" operation cannot be applied to column %s of table %s, which is "
			"not allowed to be empty",
			column->name,
			db_table_schema(db_row_table(row))->name
		);
	request_set(call->request, row, column->index, datum_new_empty(&column->type));
	return 0;
}

static int clear(struct call *call, struct errbuf *err)
{
	struct db_table *table;
	struct db_row *row;
	int error = find_row(call, &table, &row, err);

	for (int i = 2; i < call->n_args && !error && row; i++)
		error = clear_column(call, row, call->args[i], err);
	return error;
}

static const struct verb verb_set = {
	.name = "set",
	.group = "Rows of the database",
	.usage = "TABLE ROW COLUMN[:KEY]=VALUE...",
	.options = "--if-exists",
	.takes = "table row column",
	.min_args = 3,
	.max_args = VERB_ANY,
	.run = set,
	.help = "set values of a row",
};
REGISTRY_ADD(verb, verb_set);

static const struct verb verb_add = {
	.name = "add",
	.group = "Rows of the database",
	.usage = "TABLE ROW COLUMN [KEY=]VALUE...",
	.options = "--if-exists",
	.takes = "table row column new",
	.min_args = 4,
	.max_args = VERB_ANY,
	.run = add,
	.help = "add to a set or map",
};
REGISTRY_ADD(verb, verb_add);

static const struct verb verb_remove = {
	.name = "remove",
	.group = "Rows of the database",
	.usage = "TABLE ROW COLUMN KEY|[KEY=]VALUE...",
	.options = "--if-exists",
	.takes = "table row column new",
	.min_args = 4,
	.max_args = VERB_ANY,
	.run = remove_values,
	.help = "remove from a set or map",
};
REGISTRY_ADD(verb, verb_remove);

static const struct verb verb_clear = {
	.name = "clear",
	.group = "Rows of the database",
	.usage = "TABLE ROW COLUMN...",
	.options = "--if-exists",
	.takes = "table row column",
	.min_args = 3,
	.max_args = VERB_ANY,
	.run = clear,
	.help = "empty columns",
};
REGISTRY_ADD(verb, verb_clear);

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/ops/condition.h"

#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db_tuple.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

static const char *const function_names[] = {
	[CONDITION_LT] = "<",
	[CONDITION_LE] = "<=",
	[CONDITION_EQ] = "==",
	[CONDITION_NE] = "!=",
	[CONDITION_GE] = ">=",
	[CONDITION_GT] = ">",
	[CONDITION_INCLUDES] = "includes",
	[CONDITION_EXCLUDES] = "excludes",
};

static int parse_function(enum condition_function *function, const char *name, struct db_error *err)
{
	for (size_t i = 0; i < ARRAY_LENGTH(function_names); i++)
		if (!strcmp(function_names[i], name)) {
			*function = (enum condition_function)i;
			return 0;
		}
	return db_error_set(
		err,
		db_syntax_error,
		"\"%.60s\" is no comparison; use <, <=, ==, !=, >=, >, includes or excludes",
		name
	);
}

static bool is_order(enum condition_function function)
{
	return function == CONDITION_LT || function == CONDITION_LE || function == CONDITION_GE ||
		function == CONDITION_GT;
}

static bool has_order(const struct column_type *type)
{
	return !type->is_map && type->max == 1 &&
		(type->key.type == ATOM_INTEGER || type->key.type == ATOM_REAL);
}

static int clause_parse(
	struct condition_clause *clause,
	const struct schema_table *table,
	const json_t *json,
	const struct symbols *symbols,
	struct db_error *err
)
{
	const char *column = json_string_value(json_array_get(json, 0));
	const char *function = json_string_value(json_array_get(json, 1));

	if (json_array_size(json) != 3 || !column || !function)
		return db_error_set(
			err, db_syntax_error, "a condition is written as [column, function, value]"
		);
	clause->column = schema_find_column(table, column);
	if (!clause->column)
		return db_error_set(
			err, "unknown column", "table %s has no column %.60s", table->name, column
		);
	if (parse_function(&clause->function, function, err))
		return -1;
	if (is_order(clause->function) && !has_order(&clause->column->type))
		return db_error_set(
			err,
			db_syntax_error,
			"column %s cannot be compared with %s: it is no single number",
			column,
			function
		);
	clause->arg = datum_parse(json_array_get(json, 2), &clause->column->type, symbols, err);
	if (!clause->arg) {
		db_error_prefix(err, "condition on column %s: ", column);
		return -1;
	}
	if (!is_order(clause->function) || clause->arg->n == 1)
		return 0;
	datum_unref(clause->arg);
	return db_error_set(err, db_syntax_error, "%s needs one number", function);
}

struct condition *condition_parse(
	const struct schema_table *table,
	const json_t *json,
	const struct symbols *symbols,
	bool allow_booleans,
	struct db_error *err
)
{
	size_t n = json_array_size(json);
	struct condition *condition;

	if (!json_is_array(json)) {
		db_error_set(err, db_syntax_error, "\"where\" is an array of conditions");
		return NULL;
	}
	condition = xcalloc(1, sizeof(*condition) + n * sizeof(*condition->clauses));
	for (size_t i = 0; i < n; i++) {
		const json_t *clause = json_array_get(json, i);

		if (allow_booleans && json_is_boolean(clause)) {
			condition->clauses[i].function =
				json_is_true(clause) ? CONDITION_TRUE : CONDITION_FALSE;
		} else if (clause_parse(&condition->clauses[i], table, clause, symbols, err)) {
			condition_free(condition);
			return NULL;
		}
		condition->n = i + 1;
	}
	return condition;
}

void condition_free(struct condition *condition)
{
	if (!condition)
		return;
	for (size_t i = 0; i < condition->n; i++)
		datum_unref(condition->clauses[i].arg);
	free(condition);
}

static bool match_order(const struct condition_clause *clause, const struct datum *datum)
{
	int order;

	if (!datum->n)
		return false;
	order = atom_compare(
		datum_key(datum, 0), datum_key(clause->arg, 0), clause->column->type.key.type
	);
	switch (clause->function) {
	case CONDITION_LT:
		return order < 0;
	case CONDITION_LE:
		return order <= 0;
	case CONDITION_GE:
		return order >= 0;
	default:
		return order > 0;
	}
}

static bool match_clause(const struct condition_clause *clause, const struct db_tuple *tuple)
{
	const struct column_type *type;
	const struct datum *datum;

	if (!clause->column)
		return clause->function == CONDITION_TRUE;
	type = &clause->column->type;
	datum = db_tuple_get(tuple, clause->column->index);
	switch (clause->function) {
	case CONDITION_EQ:
		return datum_equal(datum, clause->arg, type);
	case CONDITION_NE:
		return !datum_equal(datum, clause->arg, type);
	case CONDITION_INCLUDES:
		return datum_includes(datum, clause->arg, type);
	case CONDITION_EXCLUDES:
		return datum_excludes(datum, clause->arg, type);
	default:
		return match_order(clause, datum);
	}
}

bool condition_match_all(const struct condition *condition, const struct db_tuple *tuple)
{
	for (size_t i = 0; i < condition->n; i++)
		if (!match_clause(&condition->clauses[i], tuple))
			return false;
	return true;
}

bool condition_match_any(const struct condition *condition, const struct db_tuple *tuple)
{
	for (size_t i = 0; i < condition->n; i++)
		if (match_clause(&condition->clauses[i], tuple))
			return true;
	return !condition->n;
}

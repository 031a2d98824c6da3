/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/ops/mutation.h"

#include <math.h>
#include <string.h>

#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/types.h"

static const char *const mutator_names[] = {
	[MUTATOR_ADD] = "+=",
	[MUTATOR_SUBTRACT] = "-=",
	[MUTATOR_MULTIPLY] = "*=",
	[MUTATOR_DIVIDE] = "/=",
	[MUTATOR_MODULO] = "%=",
	[MUTATOR_INSERT] = "insert",
	[MUTATOR_DELETE] = "delete",
};

static int parse_mutator(enum mutator *mutator, const char *name, struct db_error *err)
{
	for (size_t i = 0; i < ARRAY_LENGTH(mutator_names); i++)
		if (!strcmp(mutator_names[i], name)) {
			*mutator = (enum mutator)i;
			return 0;
		}
	return db_error_set(
		err,
		db_syntax_error,
		"\"%.60s\" is no mutator; use +=, -=, *=, /=, %%=, insert or delete",
		name
	);
}

static bool is_arithmetic(enum mutator mutator)
{
	return mutator < MUTATOR_INSERT;
}

static int check_type(const struct mutation *mutation, struct db_error *err)
{
	const struct column_type *type = &mutation->column->type;
	bool fits;

	if (mutation->mutator == MUTATOR_MODULO)
		fits = !type->is_map && type->key.type == ATOM_INTEGER;
	else if (is_arithmetic(mutation->mutator))
		fits = !type->is_map &&
			(type->key.type == ATOM_INTEGER || type->key.type == ATOM_REAL);
	else
		fits = !column_type_is_scalar(type);
	if (fits)
		return 0;
	return db_error_set(
		err,
		db_syntax_error,
		"column %s cannot be changed by \"%s\": its type does not allow it",
		mutation->column->name,
		mutator_names[mutation->mutator]
	);
}

/* "delete" takes keys as well as pairs from a map. */
static bool is_key_set(const struct mutation *mutation, const json_t *json)
{
	const char *class = json_string_value(json_array_get(json, 0));

	return mutation->mutator == MUTATOR_DELETE && mutation->column->type.is_map &&
		(!class || strcmp(class, "map") != 0);
}

int mutation_parse(
	struct mutation *mutation,
	const struct schema_table *table,
	const json_t *json,
	const struct symbols *symbols,
	struct db_error *err
)
{
	const char *column = json_string_value(json_array_get(json, 0));
	const char *mutator = json_string_value(json_array_get(json, 1));
	struct column_type type;

	if (json_array_size(json) != 3 || !column || !mutator)
		return db_error_set(
			err, db_syntax_error, "a mutation is written as [column, mutator, value]"
		);
	mutation->column = schema_find_column(table, column);
	if (!mutation->column)
		return db_error_set(
			err, "unknown column", "table %s has no column %.60s", table->name, column
		);
	if (!mutation->column->is_mutable || mutation->column->index < SCHEMA_FIRST_COLUMN)
		return db_error_set(
			err, db_constraint_violation, "column %s cannot be changed", column
		);
	if (parse_mutator(&mutation->mutator, mutator, err) || check_type(mutation, err))
		return -1;
	type = mutation->column->type;
	if (is_key_set(mutation, json_array_get(json, 2)))
		type.is_map = false;
	mutation->arg = datum_parse(json_array_get(json, 2), &type, symbols, err);
	if (!mutation->arg) {
		db_error_prefix(err, "mutation of column %s: ", column);
		return -1;
	}
	if (!is_arithmetic(mutation->mutator) || mutation->arg->n == 1)
		return 0;
	mutation_fini(mutation);
	return db_error_set(err, db_syntax_error, "%s needs one number", mutator);
}

void mutation_fini(struct mutation *mutation)
{
	datum_unref(mutation->arg);
	mutation->arg = NULL;
}

static int divide(int64_t *x, int64_t by, bool modulo, struct db_error *err)
{
	if (!by)
		return db_error_set(err, "domain error", "division by zero");
	if (*x == INT64_MIN && by == -1) {
		if (!modulo)
			return db_error_set(err, "range error", "the result is out of range");
		*x = 0;
		return 0;
	}
	*x = modulo ? *x % by : *x / by;
	return 0;
}

static int mutate_integer(int64_t *x, enum mutator mutator, int64_t by, struct db_error *err)
{
	bool overflow;

	switch (mutator) {
	case MUTATOR_ADD:
		overflow = __builtin_add_overflow(*x, by, x);
		break;
	case MUTATOR_SUBTRACT:
		overflow = __builtin_sub_overflow(*x, by, x);
		break;
	case MUTATOR_MULTIPLY:
		overflow = __builtin_mul_overflow(*x, by, x);
		break;
	default:
		return divide(x, by, mutator == MUTATOR_MODULO, err);
	}
	if (overflow)
		return db_error_set(err, "range error", "the result is out of range");
	return 0;
}

static int mutate_real(double *x, enum mutator mutator, double by, struct db_error *err)
{
	switch (mutator) {
	case MUTATOR_ADD:
		*x += by;
		break;
	case MUTATOR_SUBTRACT:
		*x -= by;
		break;
	case MUTATOR_MULTIPLY:
		*x *= by;
		break;
	default:
		if (by == 0)
			return db_error_set(err, "domain error", "division by zero");
		*x /= by;
	}
	if (!isfinite(*x))
		return db_error_set(err, "range error", "the result is out of range");
	return 0;
}

static struct datum *
calculate(const struct mutation *mutation, const struct datum *old, struct db_error *err)
{
	const struct column_type *type = &mutation->column->type;
	const union atom *by = datum_key(mutation->arg, 0);
	struct datum *new = datum_new(type, old->n);

	for (size_t i = 0; i < old->n; i++) {
		union atom *atom = &new->atoms[i];
		int error;

		*atom = *datum_key(old, i);
		error = type->key.type == ATOM_INTEGER
			? mutate_integer(&atom->integer, mutation->mutator, by->integer, err)
			: mutate_real(&atom->real, mutation->mutator, by->real, err);
		if (error) {
			datum_unref(new);
			return NULL;
		}
	}
	return datum_finish(new, type, err);
}

struct datum *
mutation_apply(const struct mutation *mutation, const struct datum *old, struct db_error *err)
{
	const struct column_type *type = &mutation->column->type;
	struct datum *new;

	if (mutation->mutator == MUTATOR_INSERT)
		new = datum_union(old, mutation->arg, type);
	else if (mutation->mutator == MUTATOR_DELETE)
		new = datum_subtract(old, mutation->arg, type);
	else
		new = calculate(mutation, old, err);
	if (new && !column_type_check(type, new, err))
		return new;
	datum_unref(new);
	db_error_prefix(err, "column %s: ", mutation->column->name);
	return NULL;
}

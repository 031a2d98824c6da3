/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Conditions: the "where" of operations and monitors (RFC 7047 §5.1).  */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct datum;
struct db_error;
struct db_tuple;
struct schema_column;
struct schema_table;
struct symbols;

enum condition_function {
	CONDITION_LT,
	CONDITION_LE,
	CONDITION_EQ,
	CONDITION_NE,
	CONDITION_GE,
	CONDITION_GT,
	CONDITION_INCLUDES,
	CONDITION_EXCLUDES,
	CONDITION_FALSE, /* the boolean clauses of monitors */
	CONDITION_TRUE
};

struct condition_clause {
	const struct schema_column *column; /* NULL of boolean clauses */
	enum condition_function function;
	struct datum *arg;
};

struct condition {
	size_t n;
	struct condition_clause clauses[];
};

/* Main thread. */

/* 'allow_booleans': true and false may stand for clauses, as in monitors. */
struct condition *condition_parse(
	const struct schema_table *table,
	const json_t *json,
	const struct symbols *symbols,
	bool allow_booleans,
	struct db_error *err
);
void condition_free(struct condition *condition); /* NULL is fine */
/* All clauses hold (operations). */
bool condition_match_all(const struct condition *condition, const struct db_tuple *tuple);
/* One clause holds, or there is none (monitors). */
bool condition_match_any(const struct condition *condition, const struct db_tuple *tuple);

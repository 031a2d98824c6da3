/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Mutations: how the "mutate" operation changes a column from its old value (RFC 7047 §5.1).  */

#include <jansson.h>

struct datum;
struct db_error;
struct schema_column;
struct schema_table;
struct symbols;

enum mutator {
	MUTATOR_ADD,
	MUTATOR_SUBTRACT,
	MUTATOR_MULTIPLY,
	MUTATOR_DIVIDE,
	MUTATOR_MODULO,
	MUTATOR_INSERT,
	MUTATOR_DELETE
};

struct mutation {
	const struct schema_column *column;
	enum mutator mutator;
	struct datum *arg;
};

/* Main thread. */

int mutation_parse(
	struct mutation *mutation,
	const struct schema_table *table,
	const json_t *json,
	const struct symbols *symbols,
	struct db_error *err
);
void mutation_fini(struct mutation *mutation);
/* The new value, checked against the column's constraints; NULL with 'err' set. */
struct datum *
mutation_apply(const struct mutation *mutation, const struct datum *old, struct db_error *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the operations and their runner share.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/ovsdb/db_engine.h"
#include "lib/ovsdb/ops/db_execute.h"
#include "lib/ovsdb/value/symbols.h"

struct condition;

struct execution {
	struct db *db;
	struct db_txn *txn;
	struct symbols symbols;
	const struct db_execute_request *request;
	uint64_t n_looked_at; /* rows and elements: what it costs in time */
	uint64_t size_returned; /* bytes of the results, about: what it costs in memory */
	int64_t timeout_ms;
	bool must_wait;
	bool is_durable;
};

/* Runs an operation. On success 'result' is an object to which it adds its members. */
typedef int operation_run_fn(
	struct execution *execution, const json_t *json, json_t *result, struct db_error *err
);

struct operation {
	const char *name;
	operation_run_fn *run;
	const char *members; /* those it may have, each between blanks */
	bool writes;
};

operation_run_fn operation_insert;
operation_run_fn operation_select;
operation_run_fn operation_update;
operation_run_fn operation_mutate;
operation_run_fn operation_delete;
operation_run_fn operation_wait;

/* Counts work; fails when the transaction asks for more than one client may have at once. */
int execution_spend(
	struct execution *execution,
	uint64_t n_looked_at,
	uint64_t size_returned,
	struct db_error *err
);

/* op_query.c: the rows that operations speak of. */
struct row_list {
	struct db_row **rows;
	size_t n;
};

/* The table named by the operation. */
struct db_table *query_table(struct execution *execution, const json_t *json, struct db_error *err);
/* The rows that match the operation's "where". To be freed with row_list_fini(). */
int query_rows(
	struct execution *execution,
	struct db_table *table,
	const json_t *json,
	struct row_list *list,
	struct db_error *err
);
void row_list_fini(struct row_list *list);

/* Columns by name; of a missing array all of them. */
struct column_list {
	const struct schema_column **columns;
	size_t n;
};

int query_columns(
	const struct schema_table *table,
	const json_t *array,
	struct column_list *list,
	struct db_error *err
);
void column_list_fini(struct column_list *list);

/* Parses a member of a <row>; checks the column's constraints. */
struct datum *query_value(
	struct execution *execution,
	const struct schema_column *column,
	const json_t *json,
	struct db_error *err
);
/* The column of a <row> that may be written. */
const struct schema_column *
query_column(const struct schema_table *table, const char *name, struct db_error *err);

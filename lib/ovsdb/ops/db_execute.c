/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/ops/db_execute.h"

#include <stdio.h>
#include <string.h>

#include "lib/ovsdb/ops/ops_priv.h"
#include "lib/types.h"

enum {
	/* About a second, in which nobody else is served. */
	MAX_LOOKED_AT = 50000000,
	MAX_RETURNED = 256 << 20,
	/* An empty result of an operation. */
	RESULT_SIZE = 256
};

int execution_spend(
	struct execution *execution,
	uint64_t n_looked_at,
	uint64_t size_returned,
	struct db_error *err
)
{
	execution->n_looked_at += n_looked_at;
	execution->size_returned += size_returned;
	if (execution->n_looked_at <= MAX_LOOKED_AT && execution->size_returned <= MAX_RETURNED)
		return 0;
	return db_error_set(
		err,
		"resources exhausted",
		"the transaction looks at too many rows or returns too many; split it"
	);
}

static int
run_commit(struct execution *execution, const json_t *json, json_t *result, struct db_error *err)
{
	const json_t *durable = json_object_get(json, "durable");

	if (!json_is_boolean(durable))
		return db_error_set(err, db_syntax_error, "\"durable\" is true or false");
	execution->is_durable |= json_is_true(durable);
	return 0;
}

static int
run_abort(struct execution *execution, const json_t *json, json_t *result, struct db_error *err)
{
	return db_error_set(err, "aborted", "aborted by request");
}

static int
run_comment(struct execution *execution, const json_t *json, json_t *result, struct db_error *err)
{
	const char *comment = json_string_value(json_object_get(json, "comment"));

	if (!comment)
		return db_error_set(err, db_syntax_error, "\"comment\" is a string");
	db_txn_comment(execution->txn, comment);
	return 0;
}

static int
run_assert(struct execution *execution, const json_t *json, json_t *result, struct db_error *err)
{
	const char *lock = json_string_value(json_object_get(json, "lock"));
	const struct db_execute_request *request = execution->request;

	if (!lock || !schema_is_id(lock))
		return db_error_set(err, db_syntax_error, "\"lock\" is the name of a lock");
	if (request->owns_lock && request->owns_lock(request->context, lock))
		return 0;
	return db_error_set(err, "not owner", "Asserted lock %.60s not held.", lock);
}

static const struct operation operations[] = {
	{"insert", operation_insert, " table row uuid-name uuid ", true},
	{"select", operation_select, " table where columns ", false},
	{"update", operation_update, " table where row ", true},
	{"mutate", operation_mutate, " table where mutations ", true},
	{"delete", operation_delete, " table where ", true},
	{"wait", operation_wait, " timeout table where columns until rows ", false},
	{"commit", run_commit, " durable ", false},
	{"abort", run_abort, " ", false},
	{"comment", run_comment, " comment ", false},
	{"assert", run_assert, " lock ", false},
};

static const struct operation *find_operation(const json_t *json, struct db_error *err)
{
	const char *name = json_string_value(json_object_get(json, "op"));

	if (!name) {
		db_error_set(err, db_syntax_error, "an operation is an object with an \"op\"");
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(operations); i++)
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	db_error_set(err, "unknown operation", "No operation \"%.60s\"", name);
	return NULL;
}

/* A misspelt member would otherwise be ignored in silence. */
static int
check_members(const struct operation *operation, const json_t *json, struct db_error *err)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)json, name, value) {
		char padded[24];

		(void)value;
		snprintf(padded, sizeof(padded), " %s ", name);
		if (strcmp(name, "op") != 0 && !strstr(operation->members, padded))
			return db_error_set(
				err,
				db_syntax_error,
				"unexpected member \"%.60s\" of \"%s\"",
				name,
				operation->name
			);
	}
	return 0;
}

static int
run_operation(struct execution *execution, const json_t *json, json_t *result, struct db_error *err)
{
	const struct operation *operation = find_operation(json, err);

	if (!operation || check_members(operation, json, err) ||
	    execution_spend(execution, 1, RESULT_SIZE, err))
		return -1;
	if (operation->writes && execution->db->is_read_only)
		return db_error_set(
			err,
			"not allowed",
			"%s operation not allowed when database server is in read only mode",
			operation->name
		);
	return operation->run(execution, json, result, err);
}

/* Names must be known before the first operation runs: it may refer to the last one's row. */
static void collect_names(struct execution *execution, const json_t *array)
{
	const json_t *json;
	size_t i;

	json_array_foreach(array, i, json) {
		const char *op = json_string_value(json_object_get(json, "op"));
		const char *name = json_string_value(json_object_get(json, "uuid-name"));
		const char *given = json_string_value(json_object_get(json, "uuid"));
		struct uuid uuid;

		if (op && name && !strcmp(op, "insert"))
			symbols_add(
				&execution->symbols,
				name,
				given && uuid_parse(given, &uuid) ? &uuid : NULL
			);
	}
}

static void add_nulls(json_t *results, size_t n)
{
	while (json_array_size(results) < n)
		json_array_append_new(results, json_null());
}

static int run_all(struct execution *execution, json_t *results, struct db_error *err)
{
	const json_t *array = execution->request->operations, *json;
	size_t i;

	json_array_foreach(array, i, json) {
		json_t *result = json_object();
		int error = run_operation(execution, json, result, err);

		if (!error) {
			json_array_append_new(results, result);
			continue;
		}
		json_decref(result);
		json_array_append_new(results, db_error_json(err));
		add_nulls(results, json_array_size(array));
		return error;
	}
	if (!db_commit_run(execution->txn, err))
		return 0;
	json_array_append_new(results, db_error_json(err));
	return -1;
}

void db_execute_run(
	struct db *db, const struct db_execute_request *request, struct db_execute_outcome *outcome
)
{
	struct execution execution = {.db = db, .request = request};
	json_t *results = json_array();
	struct db_error err;

	db_error_init(&err);
	execution.txn = db_txn_begin(db);
	symbols_init(&execution.symbols);
	collect_names(&execution, request->operations);
	if (run_all(&execution, results, &err))
		db_txn_rollback(execution.txn);
	db_txn_end(execution.txn);
	symbols_fini(&execution.symbols);
	if (execution.must_wait) {
		json_decref(results);
		results = NULL;
	}
	outcome->results = results;
	outcome->timeout_ms = execution.timeout_ms;
	outcome->is_durable = execution.is_durable;
}

json_t *db_execute(struct db *db, const json_t *operation_array)
{
	const struct db_execute_request request = {.operations = operation_array};
	struct db_execute_outcome outcome;

	db_execute_run(db, &request, &outcome);
	if (outcome.is_durable)
		db_sync(db, NULL);
	return outcome.results;
}

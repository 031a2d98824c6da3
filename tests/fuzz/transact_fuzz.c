/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include <jansson.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/ops/db_execute.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/db_error.h"
#include "tests/fuzz/fuzz.h"

static const char schema_text[] =
	"{\"name\":\"T\",\"version\":\"1.0.0\",\"tables\":{"
	"\"t\":{\"isRoot\":true,\"columns\":{"
	"\"n\":{\"type\":\"integer\"},"
	"\"s\":{\"type\":\"string\"},"
	"\"r\":{\"type\":\"real\"},"
	"\"set\":{\"type\":{\"key\":\"integer\",\"min\":0,\"max\":\"unlimited\"}},"
	"\"map\":{\"type\":{\"key\":\"string\",\"value\":\"string\",\"min\":0,\"max\":\"unlimited\"}},"
	"\"ref\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"u\"},\"min\":0,\"max\":9}}},"
	"\"indexes\":[[\"s\",\"n\"]]},"
	"\"u\":{\"columns\":{"
	"\"weak\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"t\",\"refType\":\"weak\"},"
	"\"min\":0,\"max\":9}},"
	"\"x\":{\"type\":\"boolean\"}}}}}";

static struct db *open_db(void)
{
	json_t *json = json_loads(schema_text, 0, NULL);
	struct db_config config = {NULL};
	struct db_error error;
	struct errbuf err;
	struct db *db;

	db_error_init(&error);
	errbuf_init(&err);
	config.schema = schema_parse(json, &error);
	json_decref(json);
	db = config.schema ? db_open(&config, &err) : NULL;
	if (!db)
		abort();
	return db;
}

/* Transactions of a client, each on an empty database: an array of operations, or anything. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *operations = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct db_execute_request request = {.operations = operations};
	struct db_execute_outcome outcome = {NULL};
	struct db *db;

	if (!operations)
		return 0;
	if (json_is_array(operations)) {
		db = open_db();
		db_execute_run(db, &request, &outcome);
		json_decref(outcome.results);
		db_close(db);
	}
	json_decref(operations);
	return 0;
}

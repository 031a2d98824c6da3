/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/journal/db_record.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/db_error.h"
#include "tests/fuzz/fuzz.h"

static const char schema_text[] =
	"{\"name\":\"T\",\"tables\":{"
	"\"t\":{\"isRoot\":true,\"columns\":{"
	"\"n\":{\"type\":{\"key\":{\"type\":\"integer\",\"maxInteger\":9}}},"
	"\"s\":{\"type\":{\"key\":{\"type\":\"string\",\"enum\":[\"set\",[\"a\",\"b\",\"\"]]}}},"
	"\"map\":{\"type\":{\"key\":\"string\",\"value\":\"real\",\"min\":0,\"max\":3}},"
	"\"ref\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"u\"},\"min\":0,\"max\":9}}},"
	"\"indexes\":[[\"n\"]]},"
	"\"u\":{\"columns\":{\"weak\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"t\","
	"\"refType\":\"weak\"},\"min\":0,\"max\":9}}}}}}";

static const char first_record[] =
	"{\"t\":{\"00000000-0000-4000-8000-000000000001\":{\"n\":1,\"s\":\"a\","
	"\"ref\":[\"uuid\",\"00000000-0000-4000-8000-000000000002\"]}},"
	"\"u\":{\"00000000-0000-4000-8000-000000000002\":{\"weak\":"
	"[\"uuid\",\"00000000-0000-4000-8000-000000000001\"]}}}";

static json_t *dump(struct db *db)
{
	static const char text[] =
		"[{\"op\":\"select\",\"table\":\"t\",\"where\":[[\"n\",\"==\",1]]},"
		"{\"op\":\"select\",\"table\":\"u\",\"where\":[]}]";
	json_t *operations = json_loads(text, 0, NULL);
	json_t *results = db_execute(db, operations);

	json_decref(operations);
	return results;
}

/* A record of a journal, applied to a database with two rows: it is applied, or refused and nothing
 * has changed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *record = json_loadb((const char *)data, size, 0, NULL);
	json_t *first = json_loads(first_record, 0, NULL);
	json_t *schema = json_loads(schema_text, 0, NULL);
	struct db_error err;
	struct db_config config = {.schema = schema_parse(schema, &err)};
	json_t *before, *after;
	struct db *db;

	if (!config.schema)
		abort();
	db = db_open(&config, NULL);
	if (db_record_apply(db, first, &err))
		abort();
	before = dump(db);
	if (json_is_object(record) && db_record_apply(db, record, &err)) {
		after = dump(db);
		if (!json_equal(before, after))
			abort();
		json_decref(after);
	}
	json_decref(before);
	db_close(db);
	json_decref(schema);
	json_decref(first);
	json_decref(record);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/server/server_priv.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/types.h"

#define OPTIONAL(type) "{\"type\":{\"key\":\"" type "\",\"min\":0,\"max\":1}}"

/* Names and types are those clients know (ovsdb-server(5)). */
static const char schema_text[] =
	"{\"name\":\"_Server\",\"version\":\"1.2.0\",\"tables\":{\"Database\":{\"columns\":{"
	"\"name\":{\"type\":\"string\"},"
	"\"model\":{\"type\":{\"key\":{\"type\":\"string\","
	"\"enum\":[\"set\",[\"clustered\",\"relay\",\"standalone\"]]}}},"
	"\"connected\":{\"type\":\"boolean\"},"
	"\"leader\":{\"type\":\"boolean\"},"
	"\"schema\":" OPTIONAL("string"
	) ","
	  "\"cid\":" OPTIONAL("uuid") ","
				      "\"sid\":" OPTIONAL("uuid") ","
								  "\"index\":" OPTIONAL("integer"
								  ) "}}}}";

struct db *server_db_new(void)
{
	json_t *json = json_loads(schema_text, 0, NULL);
	struct db_error err;
	struct db_config config = {.schema = schema_parse(json, &err)};
	struct db *db;

	assert(config.schema);
	json_decref(json);
	db = db_open(&config, NULL);
	db_set_read_only(db);
	return db;
}

void server_db_add(struct db *server_db, const struct db *db)
{
	struct db_table *table = db_find_table(server_db, "Database");
	const struct schema_table *schema = db_table_schema(table);
	char *text = json_dumps(schema_json(db_schema(db)), JSON_COMPACT);
	struct db_txn *txn = db_txn_new(server_db);
	struct db_row *row = db_txn_insert(txn, table, NULL);

	db_txn_set_string(txn, row, schema_find_column(schema, "name")->index, db_name(db));
	db_txn_set_string(txn, row, schema_find_column(schema, "model")->index, "standalone");
	db_txn_set_boolean(txn, row, schema_find_column(schema, "connected")->index, true);
	db_txn_set_boolean(txn, row, schema_find_column(schema, "leader")->index, true);
	db_txn_set_string(txn, row, schema_find_column(schema, "schema")->index, text);
	db_txn_commit(txn, NULL);
	free(text);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/xmalloc.h"
#include "vswitchd/config/setting.h"
#include "vswitchd/rows.h"

/* The schema was checked when weir was built. */
static struct schema *own_schema(void)
{
	json_t *json = json_loads(rows_schema_text, 0, NULL);
	struct schema *schema = schema_parse(json, NULL);

	json_decref(json);
	return schema;
}

/* Only the last directory is made: a path that is wrong further up is a mistake to report. */
static int make_parent(const char *path, struct errbuf *err)
{
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return 0;
	char *parent = xstrndup(path, (size_t)(slash - path));
	int error = 0;

	if (mkdir(parent, 0750) && errno != EEXIST)
		error = errbuf_set(
			err,
			-errno,
			"%s: cannot make the database's directory: %s (--db names another file)",
			parent,
			strerror(errno)
		);
	free(parent);
	return error;
}

static int make_switch_row(struct db *db, struct errbuf *err)
{
	struct db_table *table = db_find_table(db, "Open_vSwitch");

	if (db_table_first(table))
		return 0;
	struct db_txn *txn = db_txn_new(db);

	db_txn_insert(txn, table, NULL);
	return db_txn_commit(txn, err);
}

struct db *database_open(const char *path, struct uv_loop_s *loop, struct errbuf *err)
{
	struct db_config config = {.schema = own_schema(), .path = path, .loop = loop};

	if (make_parent(path, err)) {
		schema_free(config.schema);
		return NULL;
	}
	struct db *db = db_open(&config, err);

	if (db && make_switch_row(db, err)) {
		db_close(db);
		return NULL;
	}
	return db;
}

void database_close(struct db *db)
{
	db_close(db);
}

static struct db_row *switch_row(struct db *db)
{
	return db_table_first(db_find_table(db, "Open_vSwitch"));
}

const char *database_other_config(struct db *db, const char *key)
{
	struct db_row *row = switch_row(db);

	return row ? db_row_map_get(row, OPEN_VSWITCH_OTHER_CONFIG, key) : NULL;
}

bool database_is_set(struct db *db, const char *key)
{
	return setting_get_bool(switch_row(db), OPEN_VSWITCH_OTHER_CONFIG, key, false);
}

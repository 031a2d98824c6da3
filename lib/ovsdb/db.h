/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A database: tables of rows as a schema describes them, in memory, with a journal on disk.
 *
 * All of it belongs to the main thread. One transaction runs at a time and to its end, so whoever
 * reads between two transactions reads a consistent state and may keep row pointers until the
 * next one. Sockets are lib/ovsdb/server's business; the engine needs none.
 *
 *	schema = schema_load(path, err);
 *	db = db_open(&(struct db_config){.schema = schema, .path = "/var/lib/weir/conf.db"}, err);
 *	bridges = db_find_table(db, "Bridge");
 *	DB_ROW_FOREACH(row, bridges)
 *		printf("%s\n", db_row_string(row, column_name));  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/hmap.h"
#include "lib/ovsdb/value/uuid.h"

struct db;
struct db_commit;
struct db_row;
struct db_table;
struct db_txn;
struct errbuf;
struct schema;
struct schema_table;
struct uv_loop_s;

struct db_config {
	struct schema *schema; /* consumed, also on failure */
	const char *path; /* the journal, created when missing; NULL: memory only */
	struct uv_loop_s *loop; /* for fsync and compaction off this thread; NULL: in the caller */
};

/* Main thread. */

/* Opens (or creates) a database. A journal of another schema version is converted; what is lost in
 * that is logged and the old file kept beside. Fails with a sentence when the file is unreadable,
 * is used by another process, or is no database. */
struct db *db_open(const struct db_config *config, struct errbuf *err);
/* Writes what is pending to the disk and frees everything. No transaction may be open. */
void db_close(struct db *db);

const char *db_name(const struct db *db);
const struct schema *db_schema(const struct db *db);
/* The id of the last commit, for monitor_cond_since. */
const struct uuid *db_last_txn(const struct db *db);

/* Grows with every commit that changes something. */
uint64_t db_n_commits(const struct db *db);
/* Refuses changes by operations from now on; db_txn_new() still can. */
void db_set_read_only(struct db *db);

/* NULL when the schema has no such table. */
struct db_table *db_find_table(struct db *db, const char *name);
/* By the table's index in the schema. */
struct db_table *db_get_table(struct db *db, unsigned index);
const struct schema_table *db_table_schema(const struct db_table *table);
size_t db_table_count(const struct db_table *table);
struct db_row *db_table_find(const struct db_table *table, const struct uuid *uuid);
/* The row whose 'column' (index) is the string 'value'; quick if the schema indexes it. */
struct db_row *
db_table_find_string(const struct db_table *table, unsigned column, const char *value);
struct db_row *db_table_first(const struct db_table *table);
struct db_row *db_table_next(const struct db_table *table, const struct db_row *row);

/* The body must not run transactions. */
#define DB_ROW_FOREACH(row, table)                                                                 \
	for (struct db_row *row = db_table_first(table); row; row = db_table_next(table, row))

/* Commit hooks. Called after each commit that changed something, with what changed; the rows are
 * in their new state. A hook runs no transaction itself: it takes notes and returns. */
typedef void db_hook_fn(void *context, const struct db_commit *commit);
void db_add_hook(struct db *db, db_hook_fn *fn, void *context);
void db_del_hook(struct db *db, db_hook_fn *fn, void *context);

/* What one commit changed in one row. */
enum db_change_kind {
	DB_CHANGE_INSERT,
	DB_CHANGE_MODIFY,
	DB_CHANGE_DELETE
};

struct db_tuple;

struct db_delta {
	struct db_table *table;
	struct uuid uuid;
	struct db_row *row; /* NULL: deleted. Valid in hooks only */
	struct db_tuple *old; /* NULL: inserted */
	struct db_tuple *new; /* NULL: deleted */
};

struct db_commit {
	struct db *db;
	struct uuid txn_id;
	bool by_daemon; /* made by db_txn_commit(), not by a client */
	uint32_t refs;
	size_t n;
	struct db_delta deltas[]; /* grouped by table */
};

enum db_change_kind db_delta_kind(const struct db_delta *delta);
/* True if the value of 'column' (index) differs; always for inserted and deleted rows. */
bool db_delta_changed(const struct db_delta *delta, unsigned column);
/* The value before the commit; NULL for an inserted row. */
const struct datum *db_delta_old(const struct db_delta *delta, unsigned column);

/* Runs the operations ('operation_array' is one as in RFC 7047 §5.2, without the database's name) at once and
 * returns the results as "transact" would. A "wait" that does not hold fails with "timed out",
 * whatever its timeout. */
json_t *db_execute(struct db *db, const json_t *operation_array);

/* Has everything committed so far reached the disk? Blocks until it has. */
int db_sync(struct db *db, struct errbuf *err);
/* Calls 'done' when it has, or with the error; at once (from here) if it already has. */
typedef void db_durable_fn(void *context, const struct errbuf *err /* NULL: it has */);
void db_when_durable(struct db *db, db_durable_fn *done, void *context);
/* Forgets the calls to come for 'context'. */
void db_forget_durable(struct db *db, void *context);
/* Rewrites the journal as small as it can be; in the background if the database has a loop. */
int db_compact(struct db *db, struct errbuf *err);

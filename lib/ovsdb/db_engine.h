/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For lib/ovsdb and its sub-folders only. What the files of the engine share: the insides of databases, tables, rows and transactions.
 *
 * A transaction changes rows in place and remembers each row's old tuple in a change record; to
 * fail is to put the old tuples back. Reference counts and indexes move at commit only.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <urcu/list.h>

#include "lib/hmap.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_tuple.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/value/db_error.h"

struct db_journal;

struct db_row {
	struct hmap_node node; /* in its table's rows */
	struct db_table *table;
	struct db_tuple *tuple;
	struct db_change *change; /* NULL: the open transaction has not touched it */
	uint32_t n_refs; /* strong references to it, as of the last commit */
	bool is_gone; /* deleted by the open transaction */
	struct hmap_node index_nodes[]; /* one for each of the table's indexes */
};

struct db_table {
	struct db *db;
	const struct schema_table *schema;
	struct hmap rows;
	size_t n_rows; /* that are not gone */
	struct hmap *indexes;
};

struct db_hook {
	struct cds_list_head node;
	db_hook_fn *fn;
	void *context;
};

struct db_history {
	struct cds_list_head entries; /* oldest first */
	size_t n_entries, n_deltas;
};

struct db {
	struct schema *schema;
	struct db_table *tables;
	struct hmap weak_refs; /* struct weak_ref by the UUID referred to */
	struct cds_list_head hooks;
	struct db_history history;
	struct uuid last_txn;
	uint64_t n_commits;
	struct db_txn *txn; /* the open one */
	struct db_journal *journal; /* NULL: memory only */
	bool in_hook;
	bool is_read_only; /* for clients: _Server */
};

enum change_index {
	CHANGE_INDEX_OLD, /* the indexes have the old tuple */
	CHANGE_INDEX_NONE,
	CHANGE_INDEX_NEW
};

struct db_change {
	struct cds_list_head node; /* in its transaction's changes */
	struct cds_list_head orphan_node; /* in its orphans, or empty */
	struct db_row *row;
	struct db_tuple *old; /* NULL: the transaction inserted the row */
	enum change_index index;
};

struct db_txn {
	struct db *db;
	struct cds_list_head changes;
	struct cds_list_head orphans; /* changes of rows that nobody refers to any more */
	size_t n_changes;
	bool is_counting; /* references are being kept up to date */
	bool by_daemon;
	bool is_replay; /* from the journal: neither written nor announced */
	char *comment;
};

/* Main thread. */

/* db.c */
struct db *db_new(struct schema *take_schema);

/* db_txn.c */
struct db_txn *db_txn_begin(struct db *db);
struct db_change *db_txn_touch(struct db_txn *txn, struct db_row *row);
/* Ends a transaction whose changes are all undone or all done. */
void db_txn_end(struct db_txn *txn);
void db_txn_rollback(struct db_txn *txn);
/* As db_txn_commit(), but does not end the transaction; on failure nothing is undone yet. */
int db_commit_run(struct db_txn *txn, struct db_error *err);

/* The row of that UUID, also if it is gone. */
struct db_row *db_table_find_any(const struct db_table *table, const struct uuid *uuid);
struct db_row *db_row_new(struct db_table *table, struct db_tuple *take_tuple);
void db_row_free(struct db_row *row);

/* db_refs.c: reference counts, collection of rows nobody refers to, weak references. */
int db_refs_settle(struct db_txn *txn, struct db_error *err);
/* Counts what changes when 'column' of 'row' goes from 'old' to 'new' (either may be NULL). */
bool db_refs_adjust(
	struct db_txn *txn,
	const struct schema_column *column,
	const struct datum *old,
	const struct datum *new
);
/* The same for a whole row. */
void db_refs_adjust_row(
	struct db_txn *txn,
	const struct db_table *table,
	const struct db_tuple *old,
	const struct db_tuple *new
);
/* Brings the map of weak references up to date after a commit. */
void db_refs_publish(const struct db_change *change);
void db_refs_fini(struct db *db);

/* db_index.c: unique indexes. */
int db_index_check(struct db_txn *txn, struct db_error *err);
void db_index_rollback(struct db_txn *txn);
/* Candidates for an equality on the index's columns as committed. */
struct db_row *
db_index_find(const struct db_table *table, size_t index, const struct datum *const *key);

/* db_history.c: the last commits, for monitor_cond_since. */
void db_history_init(struct db_history *history);
void db_history_fini(struct db_history *history);
void db_history_add(struct db_history *history, struct db_commit *commit);

void db_commit_unref(struct db_commit *commit);

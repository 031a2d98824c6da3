/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db_engine.h"
#include "lib/ovsdb/journal/db_journal.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

static bool
is_same(const struct schema_table *table, const struct db_tuple *a, const struct db_tuple *b)
{
	for (unsigned i = SCHEMA_FIRST_COLUMN; i < table->n_columns; i++)
		if (!datum_equal(db_tuple_get(a, i), db_tuple_get(b, i), &table->columns[i].type))
			return false;
	return true;
}

/* Does the change change anything that others shall see? */
static bool is_effective(struct db_change *change)
{
	struct db_row *row = change->row;

	if (row->is_gone)
		return change->old;
	if (!change->old)
		return true;
	if (row->tuple == change->old)
		return false;
	if (!is_same(row->table->schema, change->old, row->tuple))
		return true;
	/* Changed there and back again. */
	db_tuple_unref(row->tuple);
	row->tuple = db_tuple_ref(change->old);
	return false;
}

static int check_max_rows(struct db *db, struct db_error *err)
{
	for (size_t i = 0; i < db->schema->n_tables; i++) {
		const struct db_table *table = &db->tables[i];

		if (table->n_rows <= table->schema->max_rows)
			continue;
		return db_error_set(
			err,
			db_constraint_violation,
			"transaction causes \"%s\" table to contain %zu rows, greater than the "
			"schema-defined limit of %u row(s)",
			table->schema->name,
			table->n_rows,
			table->schema->max_rows
		);
	}
	return 0;
}

static void delta_fill(struct db_delta *delta, struct db_change *change)
{
	struct db_row *row = change->row;

	delta->table = row->table;
	delta->uuid = *db_tuple_uuid(row->tuple);
	delta->old = db_tuple_ref(change->old);
	if (row->is_gone)
		return;
	if (change->old)
		uuid_new(&row->tuple->version.atom.uuid);
	delta->row = row;
	delta->new = db_tuple_ref(row->tuple);
}

/* Lists what changed, table by table. */
static struct db_commit *commit_new(struct db_txn *txn)
{
	struct db *db = txn->db;
	size_t *next = XNEW_N(size_t, db->schema->n_tables + 1);
	struct db_commit *commit;
	struct db_change *change;
	size_t n = 0;

	cds_list_for_each_entry(change, &txn->changes, node) {
		if (!is_effective(change))
			continue;
		next[change->row->table->schema->index + 1]++;
		n++;
	}
	for (size_t i = 0; i < db->schema->n_tables; i++)
		next[i + 1] += next[i];
	commit = xcalloc(1, sizeof(*commit) + n * sizeof(*commit->deltas));
	commit->db = db;
	commit->refs = 1;
	commit->n = n;
	commit->by_daemon = txn->by_daemon;
	uuid_new(&commit->txn_id);
	cds_list_for_each_entry(change, &txn->changes, node)
		if (is_effective(change))
			delta_fill(
				&commit->deltas[next[change->row->table->schema->index]++], change
			);
	free(next);
	return commit;
}

void db_commit_unref(struct db_commit *commit)
{
	if (!commit || --commit->refs)
		return;
	for (size_t i = 0; i < commit->n; i++) {
		db_tuple_unref(commit->deltas[i].old);
		db_tuple_unref(commit->deltas[i].new);
	}
	free(commit);
}

/* From here on nothing can fail any more. */
static void apply(struct db_txn *txn)
{
	struct db_change *change;

	cds_list_for_each_entry(change, &txn->changes, node)
		db_refs_publish(change);
	cds_list_for_each_entry(change, &txn->changes, node) {
		struct db_row *row = change->row;

		row->change = NULL;
		if (!row->is_gone)
			continue;
		hmap_del(&row->table->rows, &row->node);
		db_row_free(row);
	}
}

static void announce(struct db *db, const struct db_commit *commit)
{
	struct db_hook *hook, *next;

	db->in_hook = true;
	cds_list_for_each_entry_safe(hook, next, &db->hooks, node)
		hook->fn(hook->context, commit);
	db->in_hook = false;
}

static int write_journal(struct db_txn *txn, const struct db_commit *commit, struct db_error *err)
{
	struct errbuf why;

	if (!txn->db->journal || txn->is_replay || !commit->n)
		return 0;
	errbuf_init(&why);
	if (!db_journal_append(txn->db->journal, commit, txn->comment, &why))
		return 0;
	return db_error_set(err, "I/O error", "%s", why.text);
}

int db_commit_run(struct db_txn *txn, struct db_error *err)
{
	struct db *db = txn->db;
	struct db_commit *commit;

	if (db_refs_settle(txn, err) || check_max_rows(db, err) || db_index_check(txn, err))
		return -1;
	commit = commit_new(txn);
	if (write_journal(txn, commit, err)) {
		db_commit_unref(commit);
		return -1;
	}
	apply(txn);
	if (commit->n && !txn->is_replay) {
		db->last_txn = commit->txn_id;
		db->n_commits++;
		db_history_add(&db->history, commit);
		/* Hooks see a database between two transactions. */
		db->txn = NULL;
		announce(db, commit);
		db->txn = txn;
	}
	db_commit_unref(commit);
	return 0;
}

enum db_change_kind db_delta_kind(const struct db_delta *delta)
{
	if (!delta->old)
		return DB_CHANGE_INSERT;
	return delta->new ? DB_CHANGE_MODIFY : DB_CHANGE_DELETE;
}

bool db_delta_changed(const struct db_delta *delta, unsigned column)
{
	if (!delta->old || !delta->new)
		return true;
	return !datum_equal(
		db_tuple_get(delta->old, column),
		db_tuple_get(delta->new, column),
		&delta->table->schema->columns[column].type
	);
}

const struct datum *db_delta_old(const struct db_delta *delta, unsigned column)
{
	return delta->old ? db_tuple_get(delta->old, column) : NULL;
}

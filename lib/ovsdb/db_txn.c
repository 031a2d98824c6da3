/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/db_txn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db_engine.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

struct db_txn *db_txn_begin(struct db *db)
{
	struct db_txn *txn = XNEW(struct db_txn);

	assert(!db->txn && !db->in_hook);
	txn->db = db;
	CDS_INIT_LIST_HEAD(&txn->changes);
	CDS_INIT_LIST_HEAD(&txn->orphans);
	db->txn = txn;
	return txn;
}

struct db_txn *db_txn_new(struct db *db)
{
	struct db_txn *txn = db_txn_begin(db);

	txn->by_daemon = true;
	return txn;
}

struct db_txn *db_txn_new_for_user(struct db *db)
{
	return db_txn_begin(db);
}

struct db_change *db_txn_touch(struct db_txn *txn, struct db_row *row)
{
	struct db_change *change = row->change;

	if (change)
		return change;
	change = XNEW(struct db_change);
	change->row = row;
	change->old = db_tuple_ref(row->tuple);
	CDS_INIT_LIST_HEAD(&change->orphan_node);
	cds_list_add_tail(&change->node, &txn->changes);
	txn->n_changes++;
	row->change = change;
	return change;
}

struct db_row *db_row_new(struct db_table *table, struct db_tuple *take_tuple)
{
	size_t n_indexes = table->schema->n_indexes;
	struct db_row *row = xcalloc(1, sizeof(*row) + n_indexes * sizeof(*row->index_nodes));

	row->table = table;
	row->tuple = take_tuple;
	hmap_add(&table->rows, &row->node, uuid_hash(db_tuple_uuid(take_tuple)));
	table->n_rows++;
	return row;
}

void db_row_free(struct db_row *row)
{
	db_tuple_unref(row->tuple);
	free(row);
}

struct db_row *db_txn_insert(struct db_txn *txn, struct db_table *table, const struct uuid *uuid)
{
	struct db_change *change;
	struct uuid random;
	struct db_row *row;

	if (!uuid) {
		uuid_new(&random);
		uuid = &random;
	}
	if (db_table_find_any(table, uuid))
		return NULL;
	row = db_row_new(table, db_tuple_new(table->schema, uuid));
	change = db_txn_touch(txn, row);
	db_tuple_unref(change->old);
	change->old = NULL;
	change->index = CHANGE_INDEX_NONE;
	return row;
}

void db_txn_delete(struct db_txn *txn, struct db_row *row)
{
	if (row->is_gone)
		return;
	db_txn_touch(txn, row);
	row->is_gone = true;
	row->table->n_rows--;
	if (txn->is_counting)
		db_refs_adjust_row(txn, row->table, row->tuple, NULL);
}

void db_txn_set(struct db_txn *txn, struct db_row *row, unsigned column, struct datum *take_value)
{
	const struct schema_column *schema = &row->table->schema->columns[column];
	const struct datum *old = db_tuple_get(row->tuple, column);
	struct db_change *change;

	if (datum_equal(old, take_value, &schema->type)) {
		datum_unref(take_value);
		return;
	}
	change = db_txn_touch(txn, row);
	if (row->tuple == change->old) {
		row->tuple = db_tuple_copy(change->old);
		db_tuple_unref(change->old); /* the row's reference; the change keeps its own */
	}
	if (txn->is_counting)
		db_refs_adjust(txn, schema, old, take_value);
	db_tuple_set(row->tuple, column, take_value);
}

void db_txn_comment(struct db_txn *txn, const char *text)
{
	char *joined = txn->comment ? xasprintf("%s\n%s", txn->comment, text) : xstrdup(text);

	free(txn->comment);
	txn->comment = joined;
}

static void undo_change(struct db_change *change)
{
	struct db_row *row = change->row;
	struct db_table *table = row->table;

	if (row->is_gone)
		table->n_rows++;
	row->is_gone = false;
	row->change = NULL;
	if (!change->old) {
		table->n_rows--;
		hmap_del(&table->rows, &row->node);
		db_row_free(row);
		return;
	}
	db_tuple_unref(row->tuple);
	row->tuple = db_tuple_ref(change->old);
}

void db_txn_rollback(struct db_txn *txn)
{
	struct db_change *change;

	/* Counts are taken back while every row they speak of is still there. */
	if (txn->is_counting)
		cds_list_for_each_entry(change, &txn->changes, node)
			db_refs_adjust_row(
				txn,
				change->row->table,
				change->row->is_gone ? NULL : change->row->tuple,
				change->old
			);
	db_index_rollback(txn);
	cds_list_for_each_entry(change, &txn->changes, node)
		undo_change(change);
}

void db_txn_end(struct db_txn *txn)
{
	struct db_change *change, *next;

	cds_list_for_each_entry_safe(change, next, &txn->changes, node) {
		db_tuple_unref(change->old);
		free(change);
	}
	txn->db->txn = NULL;
	free(txn->comment);
	free(txn);
}

int db_txn_commit(struct db_txn *txn, struct errbuf *err)
{
	struct db_error error;
	int result;

	db_error_init(&error);
	result = db_commit_run(txn, &error);
	if (result) {
		db_txn_rollback(txn);
		errbuf_set(err, -EINVAL, "%s: %s", error.kind, error.details);
	}
	db_txn_end(txn);
	return result;
}

void db_txn_abort(struct db_txn *txn)
{
	db_txn_rollback(txn);
	db_txn_end(txn);
}

void db_txn_set_string(struct db_txn *txn, struct db_row *row, unsigned column, const char *value)
{
	if (value)
		db_txn_set(txn, row, column, datum_new_string(value));
	else
		db_txn_set_empty(txn, row, column);
}

void db_txn_set_integer(struct db_txn *txn, struct db_row *row, unsigned column, int64_t value)
{
	db_txn_set(txn, row, column, datum_new_integer(value));
}

void db_txn_set_boolean(struct db_txn *txn, struct db_row *row, unsigned column, bool value)
{
	db_txn_set(txn, row, column, datum_new_boolean(value));
}

void db_txn_set_empty(struct db_txn *txn, struct db_row *row, unsigned column)
{
	db_txn_set(txn, row, column, datum_new_empty(&row->table->schema->columns[column].type));
}

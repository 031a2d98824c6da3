/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db_engine.h"
#include "lib/ovsdb/journal/db_journal.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

struct db *db_new(struct schema *take_schema)
{
	struct db *db = XNEW(struct db);

	db->schema = take_schema;
	hmap_init(&db->weak_refs);
	CDS_INIT_LIST_HEAD(&db->hooks);
	db_history_init(&db->history);
	uuid_new(&db->last_txn);
	db->tables = XNEW_N(struct db_table, take_schema->n_tables + 1);
	for (size_t i = 0; i < take_schema->n_tables; i++) {
		struct db_table *table = &db->tables[i];

		table->db = db;
		table->schema = &take_schema->tables[i];
		hmap_init(&table->rows);
		table->indexes = XNEW_N(struct hmap, table->schema->n_indexes + 1);
		for (size_t k = 0; k < table->schema->n_indexes; k++)
			hmap_init(&table->indexes[k]);
	}
	return db;
}

struct db *db_open(const struct db_config *config, struct errbuf *err)
{
	struct db *db = db_new(config->schema);

	if (!config->path)
		return db;
	db->journal = db_journal_open(db, config->path, config->loop, err);
	if (db->journal)
		return db;
	db_close(db);
	return NULL;
}

static void table_fini(struct db_table *table)
{
	struct db_row *row;

	HMAP_FOREACH_SAFE(row, node, &table->rows)
		db_row_free(row);
	hmap_fini(&table->rows);
	for (size_t i = 0; i < table->schema->n_indexes; i++)
		hmap_fini(&table->indexes[i]);
	free(table->indexes);
}

void db_close(struct db *db)
{
	struct db_hook *hook, *next;

	if (!db)
		return;
	assert(!db->txn);
	db_journal_close(db->journal);
	db_history_fini(&db->history);
	db_refs_fini(db);
	cds_list_for_each_entry_safe(hook, next, &db->hooks, node)
		free(hook);
	for (size_t i = 0; i < db->schema->n_tables; i++)
		table_fini(&db->tables[i]);
	free(db->tables);
	schema_free(db->schema);
	free(db);
}

const char *db_name(const struct db *db)
{
	return db->schema->name;
}

const struct schema *db_schema(const struct db *db)
{
	return db->schema;
}

const struct uuid *db_last_txn(const struct db *db)
{
	return &db->last_txn;
}

uint64_t db_n_commits(const struct db *db)
{
	return db->n_commits;
}

void db_set_read_only(struct db *db)
{
	db->is_read_only = true;
}

struct db_table *db_find_table(struct db *db, const char *name)
{
	const struct schema_table *table = schema_find_table(db->schema, name);

	return table ? &db->tables[table->index] : NULL;
}

struct db_table *db_get_table(struct db *db, unsigned index)
{
	assert(index < db->schema->n_tables);
	return &db->tables[index];
}

const struct schema_table *db_table_schema(const struct db_table *table)
{
	return table->schema;
}

size_t db_table_count(const struct db_table *table)
{
	return table->n_rows;
}

struct db_row *db_table_find_any(const struct db_table *table, const struct uuid *uuid)
{
	struct db_row *row;

	HMAP_FOREACH_WITH_HASH(row, node, uuid_hash(uuid), &table->rows)
		if (uuid_equal(db_tuple_uuid(row->tuple), uuid))
			return row;
	return NULL;
}

struct db_row *db_table_find(const struct db_table *table, const struct uuid *uuid)
{
	struct db_row *row = db_table_find_any(table, uuid);

	return row && !row->is_gone ? row : NULL;
}

static long find_index(const struct schema_table *table, unsigned column)
{
	for (size_t i = 0; i < table->n_indexes; i++)
		if (table->indexes[i].n == 1 && table->indexes[i].columns[0] == column)
			return (long)i;
	return -1;
}

struct db_row *
db_table_find_string(const struct db_table *table, unsigned column, const char *value)
{
	long index = find_index(table->schema, column);

	/* While a transaction is open the indexes are behind. */
	if (index >= 0 && !table->db->txn) {
		struct datum *key = datum_new_string(value);
		struct db_row *row =
			db_index_find(table, (size_t)index, (const struct datum *const *)&key);

		datum_unref(key);
		return row;
	}
	DB_ROW_FOREACH(row, table) {
		const char *text = db_row_string(row, column, NULL);

		if (text && !strcmp(text, value))
			return row;
	}
	return NULL;
}

static struct db_row *skip_gone(const struct db_table *table, struct hmap_node *node)
{
	while (node) {
		struct db_row *row = container_of(node, struct db_row, node);

		if (!row->is_gone)
			return row;
		node = hmap_next(&table->rows, node);
	}
	return NULL;
}

struct db_row *db_table_first(const struct db_table *table)
{
	return skip_gone(table, hmap_first(&table->rows));
}

struct db_row *db_table_next(const struct db_table *table, const struct db_row *row)
{
	return skip_gone(table, hmap_next(&table->rows, &row->node));
}

void db_add_hook(struct db *db, db_hook_fn *fn, void *context)
{
	struct db_hook *hook = XNEW(struct db_hook);

	hook->fn = fn;
	hook->context = context;
	cds_list_add_tail(&hook->node, &db->hooks);
}

void db_del_hook(struct db *db, db_hook_fn *fn, void *context)
{
	struct db_hook *hook, *next;

	cds_list_for_each_entry_safe(hook, next, &db->hooks, node) {
		if (hook->fn != fn || hook->context != context)
			continue;
		cds_list_del(&hook->node);
		free(hook);
	}
}

int db_sync(struct db *db, struct errbuf *err)
{
	return db->journal ? db_journal_sync(db->journal, err) : 0;
}

void db_when_durable(struct db *db, db_durable_fn *done, void *context)
{
	if (db->journal)
		db_journal_when_durable(db->journal, done, context);
	else
		done(context, NULL);
}

void db_forget_durable(struct db *db, void *context)
{
	if (db->journal)
		db_journal_forget(db->journal, context);
}

int db_compact(struct db *db, struct errbuf *err)
{
	return db->journal ? db_journal_compact(db->journal, err) : 0;
}

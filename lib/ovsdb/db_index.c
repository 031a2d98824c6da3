/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/db_engine.h"
#include "lib/strbuf.h"
#include "lib/types.h"

/* Up to the end of a transaction rows may share a key; the indexes hold what is committed. At its
 * end the old keys of all changed rows leave, then their new ones enter or collide. */

static const struct datum *
key_column(const struct schema_index *index, const struct db_tuple *tuple, size_t i)
{
	return db_tuple_get(tuple, index->columns[i]);
}

static uint32_t tuple_hash(
	const struct schema_table *table,
	const struct schema_index *index,
	const struct db_tuple *tuple
)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < index->n; i++)
		hash = datum_hash(
			key_column(index, tuple, i), &table->columns[index->columns[i]].type, hash
		);
	return hash;
}

static bool same_key(
	const struct schema_table *table,
	const struct schema_index *index,
	const struct db_tuple *a,
	const struct db_tuple *b
)
{
	for (size_t i = 0; i < index->n; i++)
		if (!datum_equal(
			    key_column(index, a, i),
			    key_column(index, b, i),
			    &table->columns[index->columns[i]].type
		    ))
			return false;
	return true;
}

static struct db_row *node_row(struct hmap_node *node, size_t i)
{
	return container_of(node - i, struct db_row, index_nodes[0]);
}

static struct db_row *
find_same(const struct db_table *table, size_t i, const struct db_tuple *tuple, uint32_t hash)
{
	const struct schema_index *index = &table->schema->indexes[i];

	for (struct hmap_node *node = hmap_find(&table->indexes[i], hash); node;
	     node = hmap_find_from(node->next, hash)) {
		struct db_row *row = node_row(node, i);

		if (same_key(table->schema, index, row->tuple, tuple))
			return row;
	}
	return NULL;
}

static void remove_row(struct db_row *row)
{
	for (size_t i = 0; i < row->table->schema->n_indexes; i++)
		hmap_del(&row->table->indexes[i], &row->index_nodes[i]);
}

static void add_row(struct db_row *row, const struct db_tuple *tuple)
{
	const struct schema_table *table = row->table->schema;

	for (size_t i = 0; i < table->n_indexes; i++)
		hmap_add(
			&row->table->indexes[i],
			&row->index_nodes[i],
			tuple_hash(table, &table->indexes[i], tuple)
		);
}

static bool touches_index(const struct db_change *change)
{
	const struct db_row *row = change->row;
	const struct schema_table *table = row->table->schema;

	if (row->is_gone || !change->old)
		return true;
	for (size_t i = 0; i < table->n_indexes; i++)
		if (!same_key(table, &table->indexes[i], change->old, row->tuple))
			return true;
	return false;
}

static int
refuse(const struct db_row *row,
       const struct db_row *other,
       const struct schema_index *index,
       struct db_error *err)
{
	const struct schema_table *table = row->table->schema;
	struct strbuf key = STRBUF_INIT;
	char uuids[2][UUID_TEXT_LENGTH + 1];

	for (size_t i = 0; i < index->n; i++) {
		const struct schema_column *column = &table->columns[index->columns[i]];

		strbuf_addf(&key, "%s%s ", i ? ", " : "", column->name);
		datum_print(db_tuple_get(row->tuple, column->index), &column->type, &key);
	}
	uuid_format(db_tuple_uuid(other->tuple), uuids[0]);
	uuid_format(db_tuple_uuid(row->tuple), uuids[1]);
	db_error_set(
		err,
		db_constraint_violation,
		"Transaction causes multiple rows in \"%s\" table to have identical values "
		"(%.150s): rows %s and %s.",
		table->name,
		strbuf_text(&key),
		uuids[0],
		uuids[1]
	);
	strbuf_fini(&key);
	return -1;
}

static int insert_row(struct db_change *change, struct db_error *err)
{
	struct db_row *row = change->row;
	const struct schema_table *table = row->table->schema;

	for (size_t i = 0; i < table->n_indexes; i++) {
		uint32_t hash = tuple_hash(table, &table->indexes[i], row->tuple);
		const struct db_row *other = find_same(row->table, i, row->tuple, hash);

		if (other)
			return refuse(row, other, &table->indexes[i], err);
	}
	add_row(row, row->tuple);
	change->index = CHANGE_INDEX_NEW;
	return 0;
}

int db_index_check(struct db_txn *txn, struct db_error *err)
{
	struct db_change *change;

	cds_list_for_each_entry(change, &txn->changes, node) {
		if (change->index != CHANGE_INDEX_OLD || !touches_index(change))
			continue;
		remove_row(change->row);
		change->index = CHANGE_INDEX_NONE;
	}
	cds_list_for_each_entry(change, &txn->changes, node) {
		if (change->index != CHANGE_INDEX_NONE || change->row->is_gone)
			continue;
		if (insert_row(change, err))
			return -1;
	}
	return 0;
}

void db_index_rollback(struct db_txn *txn)
{
	struct db_change *change;

	cds_list_for_each_entry(change, &txn->changes, node) {
		if (change->index == CHANGE_INDEX_NEW)
			remove_row(change->row);
		if (change->index != CHANGE_INDEX_OLD && change->old)
			add_row(change->row, change->old);
	}
}

struct db_row *
db_index_find(const struct db_table *table, size_t index, const struct datum *const *key)
{
	const struct schema_index *schema = &table->schema->indexes[index];
	uint32_t hash = 0;

	for (size_t i = 0; i < schema->n; i++)
		hash = datum_hash(key[i], &table->schema->columns[schema->columns[i]].type, hash);
	for (struct hmap_node *node = hmap_find(&table->indexes[index], hash); node;
	     node = hmap_find_from(node->next, hash)) {
		struct db_row *row = node_row(node, index);
		bool same = true;

		/* What is indexed is the committed tuple, even if a transaction has changed it. */
		const struct db_tuple *tuple = row->change ? row->change->old : row->tuple;

		for (size_t i = 0; i < schema->n && same; i++)
			same = datum_equal(
				key_column(schema, tuple, i),
				key[i],
				&table->schema->columns[schema->columns[i]].type
			);
		if (same)
			return row;
	}
	return NULL;
}

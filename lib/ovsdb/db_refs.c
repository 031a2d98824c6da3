/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db_engine.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

/* Somewhere in 'column' of 'row' is (or was) a weak reference to a row with the node's hash. */
struct weak_ref {
	struct hmap_node node;
	struct db_row *row;
	unsigned column;
};

static struct db_row *
find_target(struct db *db, const struct base_type *base, const struct uuid *uuid)
{
	return db_table_find_any(&db->tables[base->ref->index], uuid);
}

static bool is_strong(const struct base_type *base)
{
	return base->ref && !base->is_weak;
}

/* Adds 'by' to the count of the row that 'atom' refers to. False if there is none. */
static bool
adjust_atom(struct db_txn *txn, const struct base_type *base, const union atom *atom, int by)
{
	struct db_row *target = find_target(txn->db, base, &atom->uuid);
	struct db_change *change;

	if (!target)
		return false;
	target->n_refs = (uint32_t)((int64_t)target->n_refs + by);
	if (target->n_refs || target->table->schema->is_root || target->is_gone)
		return true;
	change = db_txn_touch(txn, target);
	if (cds_list_empty(&change->orphan_node))
		cds_list_add_tail(&change->orphan_node, &txn->orphans);
	return true;
}

/* Only what differs is looked up: adding one port to a bridge of thousands stays cheap. */
static bool adjust_keys(
	struct db_txn *txn,
	const struct base_type *base,
	const struct datum *old,
	const struct datum *new
)
{
	size_t n_old = old ? old->n : 0, n_new = new ? new->n : 0;
	size_t i = 0, j = 0;
	bool all_found = true;

	while (i < n_old || j < n_new) {
		int order = i == n_old ? 1
			: j == n_new
			? -1
			: uuid_compare(&datum_key(old, i)->uuid, &datum_key(new, j)->uuid);

		if (order < 0) {
			adjust_atom(txn, base, datum_key(old, i), -1);
		} else if (order > 0 && !adjust_atom(txn, base, datum_key(new, j), 1)) {
			all_found = false;
		}
		i += order <= 0;
		j += order >= 0;
	}
	return all_found;
}

static bool adjust_values(
	struct db_txn *txn,
	const struct base_type *base,
	const struct datum *old,
	const struct datum *new
)
{
	bool all_found = true;

	/* New before old, so that a count that stays above zero never touches zero. */
	for (size_t i = 0; new &&i < new->n; i++)
		if (!adjust_atom(txn, base, datum_value(new, i), 1))
			all_found = false;
	for (size_t i = 0; old && i < old->n; i++)
		adjust_atom(txn, base, datum_value(old, i), -1);
	return all_found;
}

bool db_refs_adjust(
	struct db_txn *txn,
	const struct schema_column *column,
	const struct datum *old,
	const struct datum *new
)
{
	bool all_found = true;

	if (old == new)
		return true;
	if (is_strong(&column->type.key))
		all_found = adjust_keys(txn, &column->type.key, old, new);
	if (column->type.is_map && is_strong(&column->type.value))
		all_found = adjust_values(txn, &column->type.value, old, new) && all_found;
	return all_found;
}

/* Returns the first column that refers to a row that is not there, or NULL. */
static const struct schema_column *adjust_row(
	struct db_txn *txn,
	const struct schema_table *table,
	const struct db_tuple *old,
	const struct db_tuple *new
)
{
	const struct schema_column *missing = NULL;

	for (unsigned i = SCHEMA_FIRST_COLUMN; i < table->n_columns; i++) {
		const struct schema_column *column = &table->columns[i];

		if (!column->has_refs)
			continue;
		if (!db_refs_adjust(
			    txn,
			    column,
			    old ? db_tuple_get(old, i) : NULL,
			    new ? db_tuple_get(new, i) : NULL
		    ) &&
		    !missing)
			missing = column;
	}
	return missing;
}

void db_refs_adjust_row(
	struct db_txn *txn,
	const struct db_table *table,
	const struct db_tuple *old,
	const struct db_tuple *new
)
{
	adjust_row(txn, table->schema, old, new);
}

/* Says which reference of 'column' leads nowhere. */
static void explain_missing(
	struct db *db,
	const struct db_row *row,
	const struct schema_column *column,
	struct db_error *err
)
{
	const struct datum *datum = db_tuple_get(row->tuple, column->index);
	const struct base_type *base = NULL;
	char from[UUID_TEXT_LENGTH + 1], to[UUID_TEXT_LENGTH + 1] = "";

	for (size_t i = 0; i < datum->n && !base; i++) {
		const struct column_type *type = &column->type;

		if (is_strong(&type->key) &&
		    !find_target(db, &type->key, &datum_key(datum, i)->uuid)) {
			base = &type->key;
			uuid_format(&datum_key(datum, i)->uuid, to);
		} else if (type->is_map && is_strong(&type->value) &&
			   !find_target(db, &type->value, &datum_value(datum, i)->uuid)) {
			base = &type->value;
			uuid_format(&datum_value(datum, i)->uuid, to);
		}
	}
	uuid_format(db_tuple_uuid(row->tuple), from);
	/* What a column that must refer to a row has until somebody says to which. */
	if (base && !strcmp(to, "00000000-0000-0000-0000-000000000000")) {
		db_error_set(
			err,
			db_integrity_violation,
			"Table %s column %s row %s must refer to a row of table %s.",
			row->table->schema->name,
			column->name,
			from,
			base->ref_table
		);
		return;
	}
	db_error_set(
		err,
		db_integrity_violation,
		"Table %s column %s row %s references row %s, which table %s does not have.",
		row->table->schema->name,
		column->name,
		from,
		to,
		base ? base->ref_table : "?"
	);
}

/* Counts what the transaction's operations changed. From here on counts follow each change. */
static int count_changes(struct db_txn *txn, struct db_error *err)
{
	const struct db_row *culprit = NULL;
	const struct schema_column *column = NULL;
	struct db_change *change;

	txn->is_counting = true;
	cds_list_for_each_entry(change, &txn->changes, node) {
		const struct schema_column *missing = adjust_row(
			txn,
			change->row->table->schema,
			change->old,
			change->row->is_gone ? NULL : change->row->tuple
		);

		/* The rest is counted all the same: taking back counts everything, too. */
		if (missing && !culprit) {
			culprit = change->row;
			column = missing;
		}
	}
	if (!culprit)
		return 0;
	explain_missing(txn->db, culprit, column, err);
	return -1;
}

static void find_orphans(struct db_txn *txn)
{
	struct db_change *change;

	cds_list_for_each_entry(change, &txn->changes, node) {
		const struct db_row *row = change->row;

		if (!row->n_refs && !row->table->schema->is_root && !row->is_gone &&
		    cds_list_empty(&change->orphan_node))
			cds_list_add_tail(&change->orphan_node, &txn->orphans);
	}
}

static void collect_orphans(struct db_txn *txn)
{
	while (!cds_list_empty(&txn->orphans)) {
		struct db_change *change =
			cds_list_first_entry(&txn->orphans, struct db_change, orphan_node);

		cds_list_del_init(&change->orphan_node);
		if (!change->row->n_refs)
			db_txn_delete(txn, change->row);
	}
}

static bool is_dangling(struct db *db, const struct base_type *base, const union atom *atom)
{
	const struct db_row *target;

	if (!base->ref || !base->is_weak)
		return false;
	target = find_target(db, base, &atom->uuid);
	return !target || target->is_gone;
}

static bool
is_dangling_at(struct db *db, const struct column_type *type, const struct datum *datum, size_t i)
{
	return is_dangling(db, &type->key, datum_key(datum, i)) ||
		(type->is_map && is_dangling(db, &type->value, datum_value(datum, i)));
}

/* Removes weak references to rows that are not there. */
static int purge_column(
	struct db_txn *txn,
	struct db_row *row,
	const struct schema_column *column,
	struct db_error *err
)
{
	const struct column_type *type = &column->type;
	const struct datum *datum = db_tuple_get(row->tuple, column->index);
	struct datum *dangling;
	size_t n = 0;

	for (size_t i = 0; i < datum->n; i++)
		n += is_dangling_at(txn->db, type, datum, i);
	if (!n)
		return 0;
	dangling = datum_new(type, n);
	n = 0;
	for (size_t i = 0; i < datum->n; i++) {
		if (!is_dangling_at(txn->db, type, datum, i))
			continue;
		dangling->atoms[n] = *datum_key(datum, i);
		atom_ref(&dangling->atoms[n], type->key.type);
		if (type->is_map) {
			dangling->atoms[dangling->n + n] = *datum_value(datum, i);
			atom_ref(&dangling->atoms[dangling->n + n], type->value.type);
		}
		n++;
	}
	db_txn_set(txn, row, column->index, datum_subtract(datum, dangling, type));
	datum_unref(dangling);
	datum = db_tuple_get(row->tuple, column->index);
	if (datum->n >= type->min)
		return 0;
	return db_error_set(
		err,
		db_constraint_violation,
		"Table %s column %s needs a reference, but the row it referred to is deleted.",
		row->table->schema->name,
		column->name
	);
}

static bool has_weak(const struct schema_column *column)
{
	return column->has_refs &&
		((column->type.key.ref && column->type.key.is_weak) ||
		 (column->type.value.ref && column->type.value.is_weak));
}

static int purge_own(struct db_txn *txn, struct db_change *change, struct db_error *err)
{
	struct db_row *row = change->row;
	const struct schema_table *table = row->table->schema;

	for (unsigned i = SCHEMA_FIRST_COLUMN; i < table->n_columns; i++)
		if (has_weak(&table->columns[i]) && purge_column(txn, row, &table->columns[i], err))
			return -1;
	return 0;
}

static int purge_referrers(struct db_txn *txn, const struct db_row *gone, struct db_error *err)
{
	uint32_t hash = uuid_hash(db_tuple_uuid(gone->tuple));
	struct weak_ref *ref;

	HMAP_FOREACH_WITH_HASH(ref, node, hash, &txn->db->weak_refs)
		if (!ref->row->is_gone &&
		    purge_column(
			    txn, ref->row, &ref->row->table->schema->columns[ref->column], err
		    ))
			return -1;
	return 0;
}

static int purge_weak(struct db_txn *txn, struct db_error *err)
{
	struct db_change *change;

	cds_list_for_each_entry(change, &txn->changes, node) {
		int error = change->row->is_gone ? purge_referrers(txn, change->row, err)
						 : purge_own(txn, change, err);

		if (error)
			return error;
	}
	return 0;
}

static int check_deleted(struct db_txn *txn, struct db_error *err)
{
	struct db_change *change;
	char text[UUID_TEXT_LENGTH + 1];

	cds_list_for_each_entry(change, &txn->changes, node) {
		const struct db_row *row = change->row;

		if (!row->is_gone || !row->n_refs)
			continue;
		uuid_format(db_tuple_uuid(row->tuple), text);
		return db_error_set(
			err,
			db_integrity_violation,
			"cannot delete %s row %s because of %u remaining reference(s)",
			row->table->schema->name,
			text,
			row->n_refs
		);
	}
	return 0;
}

int db_refs_settle(struct db_txn *txn, struct db_error *err)
{
	if (count_changes(txn, err))
		return -1;
	find_orphans(txn);
	/* A weak reference that goes may take a strong one along (in a map), and so on. */
	do {
		collect_orphans(txn);
		if (purge_weak(txn, err))
			return -1;
	} while (!cds_list_empty(&txn->orphans));
	return check_deleted(txn, err);
}

static void forget_weak(const struct db_row *row, const struct uuid *to, unsigned column)
{
	struct hmap *map = &row->table->db->weak_refs;
	struct weak_ref *ref;

	HMAP_FOREACH_WITH_HASH(ref, node, uuid_hash(to), map)
		if (ref->row == row && ref->column == column) {
			hmap_del(map, &ref->node);
			free(ref);
			return;
		}
}

static void remember_weak(struct db_row *row, const struct uuid *to, unsigned column)
{
	struct weak_ref *ref = XNEW(struct weak_ref);

	ref->row = row;
	ref->column = column;
	hmap_add(&row->table->db->weak_refs, &ref->node, uuid_hash(to));
}

static void publish_datum(
	struct db_row *row, const struct schema_column *column, const struct datum *datum, bool add
)
{
	for (size_t i = 0; datum && i < datum->n; i++) {
		const struct uuid *targets[2] = {NULL, NULL};

		if (column->type.key.ref && column->type.key.is_weak)
			targets[0] = &datum_key(datum, i)->uuid;
		if (column->type.value.ref && column->type.value.is_weak)
			targets[1] = &datum_value(datum, i)->uuid;
		for (size_t k = 0; k < ARRAY_LENGTH(targets); k++) {
			if (targets[k] && add)
				remember_weak(row, targets[k], column->index);
			else if (targets[k])
				forget_weak(row, targets[k], column->index);
		}
	}
}

void db_refs_publish(const struct db_change *change)
{
	struct db_row *row = change->row;
	const struct schema_table *table = row->table->schema;

	for (unsigned i = SCHEMA_FIRST_COLUMN; i < table->n_columns; i++) {
		const struct schema_column *column = &table->columns[i];
		const struct datum *old, *new;

		if (!has_weak(column))
			continue;
		old = change->old ? db_tuple_get(change->old, i) : NULL;
		new = row->is_gone ? NULL : db_tuple_get(row->tuple, i);
		if (old == new)
			continue;
		publish_datum(row, column, old, false);
		publish_datum(row, column, new, true);
	}
}

void db_refs_fini(struct db *db)
{
	struct weak_ref *ref;

	HMAP_FOREACH_SAFE(ref, node, &db->weak_refs)
		free(ref);
	hmap_fini(&db->weak_refs);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tuples: one version of a row.
 *
 * Committed tuples never change; a transaction replaces a row's tuple by a copy. Monitors, the
 * history and compaction keep old ones by counting a reference.  */

#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"

struct db_tuple {
	uint32_t refs;
	uint32_t n; /* of columns[] */
	struct datum_one id;
	struct datum_one version;
	struct datum *columns[]; /* without _uuid and _version */
};

/* Any thread. */

static inline const struct datum *db_tuple_get(const struct db_tuple *tuple, unsigned column)
{
	if (column >= SCHEMA_FIRST_COLUMN)
		return tuple->columns[column - SCHEMA_FIRST_COLUMN];
	return (const struct datum *)(column == SCHEMA_COLUMN_UUID ? &tuple->id : &tuple->version);
}

static inline const struct uuid *db_tuple_uuid(const struct db_tuple *tuple)
{
	return &tuple->id.atom.uuid;
}

/* Main thread. */

/* All columns have their defaults. */
struct db_tuple *db_tuple_new(const struct schema_table *table, const struct uuid *uuid);
struct db_tuple *db_tuple_copy(const struct db_tuple *tuple);
void db_tuple_unref(struct db_tuple *tuple); /* NULL is fine */
/* Only for a tuple that nobody else has seen. */
void db_tuple_set(struct db_tuple *tuple, unsigned column, struct datum *take_value);

static inline struct db_tuple *db_tuple_ref(struct db_tuple *tuple)
{
	if (tuple)
		tuple->refs++;
	return tuple;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/journal/db_convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/ovsdb/db_engine.h"
#include "lib/xmalloc.h"

LOG_TOPIC(convert);

struct column_map {
	const struct schema_column *from, *to; /* 'to' NULL: dropped */
	size_t n_dropped; /* values that were not the default */
	size_t n_refused; /* values the new column does not allow */
};

static void convert_value(
	struct db_txn *txn, struct db_row *row, struct column_map *map, const struct datum *old
)
{
	struct db_error error;
	struct datum *new;
	json_t *json;

	if (datum_equal(old, map->from->default_datum, &map->from->type))
		return;
	if (!map->to) {
		map->n_dropped++;
		return;
	}
	json = datum_json(old, &map->from->type);
	new = datum_parse(json, &map->to->type, NULL, &error);
	json_decref(json);
	if (new && !column_type_check(&map->to->type, new, &error)) {
		db_txn_set(txn, row, map->to->index, new);
		return;
	}
	datum_unref(new);
	map->n_refused++;
}

static void report(const struct schema_table *table, const struct column_map *maps)
{
	for (unsigned i = SCHEMA_FIRST_COLUMN; i < table->n_columns; i++) {
		if (maps[i].n_dropped)
			log_warn(
				"column %s of %s is not known to this version: left out in %zu rows",
				maps[i].from->name,
				table->name,
				maps[i].n_dropped
			);
		if (maps[i].n_refused)
			log_warn(
				"column %s of %s: values this version does not allow were reset in "
				"%zu rows",
				maps[i].from->name,
				table->name,
				maps[i].n_refused
			);
	}
}

static void convert_table(struct db_txn *txn, const struct db_table *from, struct db_table *to)
{
	struct column_map *maps = XNEW_N(struct column_map, from->schema->n_columns);

	for (unsigned i = SCHEMA_FIRST_COLUMN; i < from->schema->n_columns; i++) {
		maps[i].from = &from->schema->columns[i];
		maps[i].to = schema_find_column(to->schema, maps[i].from->name);
	}
	DB_ROW_FOREACH(old, from) {
		struct db_row *new = db_txn_insert(txn, to, db_row_uuid(old));

		for (unsigned i = SCHEMA_FIRST_COLUMN; i < from->schema->n_columns; i++)
			convert_value(txn, new, &maps[i], db_row_get(old, i));
	}
	report(from->schema, maps);
	free(maps);
}

static void backup(const char *path, const char *version)
{
	char *name = xasprintf("%s.backup-%s", path, *version ? version : "unversioned");

	/* The version is the file's word: it must not lead to another directory. */
	for (char *c = name + strlen(path); *c; c++)
		if (*c == '/')
			*c = '_';
	if (!link(path, name) || errno == EEXIST)
		log_info("the database as it was is kept in %s", name);
	else
		log_warn("cannot keep a backup in %s: %s", name, strerror(errno));
	free(name);
}

int db_convert(struct db *from, struct db *to, const char *path, struct errbuf *err)
{
	struct db_txn *txn = db_txn_begin(to);
	struct db_error error;
	int failed;

	log_info(
		"converting %s from schema version %s to %s",
		path,
		from->schema->version,
		to->schema->version
	);
	txn->is_replay = true;
	for (size_t i = 0; i < from->schema->n_tables; i++) {
		const struct db_table *table = &from->tables[i];
		struct db_table *target = db_find_table(to, table->schema->name);

		if (target)
			convert_table(txn, table, target);
		else if (table->n_rows)
			log_warn(
				"table %s is not known to this version: %zu rows left out",
				table->schema->name,
				table->n_rows
			);
	}
	db_error_init(&error);
	failed = db_commit_run(txn, &error);
	if (failed)
		db_txn_rollback(txn);
	db_txn_end(txn);
	if (failed)
		return errbuf_set(
			err,
			-EINVAL,
			"database %s (schema version %.20s) cannot be converted to version %.20s: %s",
			path,
			from->schema->version,
			to->schema->version,
			error.details
		);
	backup(path, from->schema->version);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/journal/db_record.h"

#include <string.h>
#include <time.h>

#include "lib/ovsdb/db_engine.h"
#include "lib/strbuf.h"

static long long date_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void print_head(const char *comment, bool is_diff, struct strbuf *out)
{
	strbuf_addf(out, "{\"_date\":%lld", date_ms());
	if (comment) {
		strbuf_add(out, ",\"_comment\":");
		atom_print_string(comment, strlen(comment), out);
	}
	if (is_diff)
		strbuf_add(out, ",\"_is_diff\":true");
}

/* Begins the place for a row, and before it its table's if that is another one. */
static void print_row_key(
	const struct schema_table *table,
	const struct schema_table **last,
	const struct uuid *uuid,
	struct strbuf *out
)
{
	char text[UUID_TEXT_LENGTH + 1];

	uuid_format(uuid, text);
	if (table == *last)
		strbuf_addf(out, ",\"%s\":", text);
	else
		strbuf_addf(out, "%s,\"%s\":{\"%s\":", *last ? "}" : "", table->name, text);
	*last = table;
}

static bool
is_kept(const struct schema_column *column, const struct db_tuple *old, const struct db_tuple *new)
{
	const struct datum *before = old ? db_tuple_get(old, column->index) : column->default_datum;

	if (column->is_ephemeral)
		return false;
	return !datum_equal(before, db_tuple_get(new, column->index), &column->type);
}

static void print_column(
	const struct schema_column *column,
	const struct db_tuple *old,
	const struct db_tuple *new,
	struct strbuf *out
)
{
	const struct datum *value = db_tuple_get(new, column->index);
	const struct datum *before = old ? db_tuple_get(old, column->index) : NULL;
	struct datum *diff;

	if (!before || datum_equal(before, column->default_datum, &column->type)) {
		datum_print(value, &column->type, out);
		return;
	}
	diff = datum_diff(before, value, &column->type);
	datum_print(diff, &column->type, out);
	datum_unref(diff);
}

static void print_tuple(
	const struct schema_table *table,
	const struct db_tuple *old,
	const struct db_tuple *new,
	struct strbuf *out
)
{
	char separator = '{';

	for (unsigned i = SCHEMA_FIRST_COLUMN; i < table->n_columns; i++) {
		const struct schema_column *column = &table->columns[i];

		if (!is_kept(column, old, new))
			continue;
		strbuf_add_char(out, separator);
		strbuf_addf(out, "\"%s\":", column->name);
		print_column(column, old, new, out);
		separator = ',';
	}
	if (separator == '{')
		strbuf_add_char(out, '{');
	strbuf_add_char(out, '}');
}

static bool delta_is_kept(const struct db_delta *delta)
{
	const struct schema_table *table = delta->table->schema;

	if (db_delta_kind(delta) != DB_CHANGE_MODIFY)
		return true;
	for (unsigned i = SCHEMA_FIRST_COLUMN; i < table->n_columns; i++)
		if (is_kept(&table->columns[i], delta->old, delta->new))
			return true;
	return false;
}

bool db_record_print_commit(const struct db_commit *commit, const char *comment, struct strbuf *out)
{
	const struct schema_table *last = NULL;

	for (size_t i = 0; i < commit->n; i++) {
		const struct db_delta *delta = &commit->deltas[i];

		if (!delta_is_kept(delta))
			continue;
		if (!last)
			print_head(comment, true, out);
		print_row_key(delta->table->schema, &last, &delta->uuid, out);
		if (delta->new)
			print_tuple(delta->table->schema, delta->old, delta->new, out);
		else
			strbuf_add(out, "null");
	}
	if (!last)
		return false;
	strbuf_add(out, "}}\n");
	return true;
}

void db_record_print_rows(
	const struct db_record_row *rows, size_t n, const char *comment, struct strbuf *out
)
{
	const struct schema_table *last = NULL;

	print_head(comment, false, out);
	for (size_t i = 0; i < n; i++) {
		print_row_key(rows[i].table, &last, db_tuple_uuid(rows[i].tuple), out);
		print_tuple(rows[i].table, NULL, rows[i].tuple, out);
	}
	strbuf_add(out, last ? "}}\n" : "}\n");
}

struct reader {
	struct db_txn *txn;
	struct db_table *table;
	bool is_diff;
};

static int apply_column(
	const struct reader *reader,
	struct db_row *row,
	const char *name,
	const json_t *value,
	struct db_error *err
)
{
	const struct schema_table *table = reader->table->schema;
	const struct schema_column *column = schema_find_column(table, name);
	const struct datum *old;
	struct datum *datum;

	if (!column || column->index < SCHEMA_FIRST_COLUMN)
		return db_error_set(
			err, db_syntax_error, "table %s has no column %.60s", table->name, name
		);
	datum = datum_parse(value, &column->type, NULL, err);
	if (!datum)
		goto err_prefix;
	old = db_tuple_get(row->tuple, column->index);
	if (reader->is_diff && !datum_equal(old, column->default_datum, &column->type)) {
		struct datum *diff = datum;

		datum = datum_apply_diff(old, diff, &column->type);
		datum_unref(diff);
	}
	if (column_type_check(&column->type, datum, err)) {
		datum_unref(datum);
		goto err_prefix;
	}
	db_txn_set(reader->txn, row, column->index, datum);
	return 0;

err_prefix:
	db_error_prefix(err, "table %s, column %s: ", table->name, name);
	return -1;
}

static int
apply_row(const struct reader *reader, const char *id, const json_t *columns, struct db_error *err)
{
	const char *table = reader->table->schema->name;
	struct uuid uuid;
	struct db_row *row;
	const char *name;
	json_t *value;

	if (!uuid_parse(id, &uuid))
		return db_error_set(err, db_syntax_error, "table %s: %.60s is no UUID", table, id);
	row = db_table_find(reader->table, &uuid);
	if (json_is_null(columns)) {
		if (!row)
			return db_error_set(
				err, db_syntax_error, "table %s: no row %s to delete", table, id
			);
		db_txn_delete(reader->txn, row);
		return 0;
	}
	if (!json_is_object(columns))
		return db_error_set(
			err, db_syntax_error, "table %s: row %s is no object", table, id
		);
	if (!row)
		row = db_txn_insert(reader->txn, reader->table, &uuid);
	if (!row)
		return db_error_set(
			err, db_syntax_error, "table %s: row %s occurs twice", table, id
		);
	json_object_foreach((json_t *)columns, name, value)
		if (apply_column(reader, row, name, value, err))
			return -1;
	return 0;
}

static int
apply_table(struct reader *reader, const char *name, const json_t *rows, struct db_error *err)
{
	const char *id;
	json_t *columns;

	reader->table = db_find_table(reader->txn->db, name);
	if (!reader->table)
		return db_error_set(err, db_syntax_error, "the schema has no table %.60s", name);
	if (!json_is_object(rows))
		return db_error_set(err, db_syntax_error, "table %s is no object", name);
	json_object_foreach((json_t *)rows, id, columns)
		if (apply_row(reader, id, columns, err))
			return -1;
	return 0;
}

int db_record_apply(struct db *db, const json_t *record, struct db_error *err)
{
	struct reader reader = {
		.txn = db_txn_begin(db),
		.is_diff = json_is_true(json_object_get(record, "_is_diff")),
	};
	const char *name;
	json_t *rows;
	int error = 0;

	reader.txn->is_replay = true;
	json_object_foreach((json_t *)record, name, rows) {
		if (*name != '_' && !error)
			error = apply_table(&reader, name, rows, err);
	}
	if (!error)
		error = db_commit_run(reader.txn, err);
	if (error)
		db_txn_rollback(reader.txn);
	db_txn_end(reader.txn);
	return error;
}

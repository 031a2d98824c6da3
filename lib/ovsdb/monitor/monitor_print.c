/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_tuple.h"
#include "lib/ovsdb/monitor/monitor_shape.h"
#include "lib/ovsdb/ops/condition.h"

static bool is_default(const struct schema_column *column, const struct datum *datum)
{
	return column->index >= SCHEMA_FIRST_COLUMN &&
		datum_equal(datum, column->default_datum, &column->type);
}

static bool has_changed(
	const struct schema_column *column, const struct db_tuple *old, const struct db_tuple *new
)
{
	return !datum_equal(
		db_tuple_get(old, column->index), db_tuple_get(new, column->index), &column->type
	);
}

/* Does one of the columns whose modifications are wanted differ? */
static bool is_modified(
	const struct monitor_table *table, const struct db_tuple *old, const struct db_tuple *new
)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].select & MONITOR_MODIFY &&
		    has_changed(table->columns[i].column, old, new))
			return true;
	return false;
}

static void print_name(const struct schema_column *column, char *separator, struct strbuf *out)
{
	strbuf_add_char(out, *separator);
	strbuf_add_char(out, '"');
	strbuf_add(out, column->name);
	strbuf_add_n(out, "\":", 2);
	*separator = ',';
}

static void print_close(char separator, struct strbuf *out)
{
	if (separator == '{')
		strbuf_add_char(out, '{');
	strbuf_add_char(out, '}');
}

/* The columns wanted for this kind of change. 'other' not NULL: only those that differ from it.
 * 'omit_defaults' is update2's way. */
static void print_values(
	const struct monitor_table *table,
	enum monitor_select kind,
	const struct db_tuple *tuple,
	const struct db_tuple *other,
	bool omit_defaults,
	struct strbuf *out
)
{
	char separator = '{';

	for (size_t i = 0; i < table->n_columns; i++) {
		const struct schema_column *column = table->columns[i].column;
		const struct datum *datum = db_tuple_get(tuple, column->index);

		if (!(table->columns[i].select & kind) ||
		    (other && !has_changed(column, other, tuple)) ||
		    (omit_defaults && is_default(column, datum)))
			continue;
		print_name(column, &separator, out);
		datum_print(datum, &column->type, out);
	}
	print_close(separator, out);
}

static void print_differences(
	const struct monitor_table *table,
	const struct db_tuple *old,
	const struct db_tuple *new,
	struct strbuf *out
)
{
	char separator = '{';

	for (size_t i = 0; i < table->n_columns; i++) {
		const struct schema_column *column = table->columns[i].column;
		struct datum *diff;

		if (!(table->columns[i].select & MONITOR_MODIFY) || !has_changed(column, old, new))
			continue;
		diff = datum_diff(
			db_tuple_get(old, column->index),
			db_tuple_get(new, column->index),
			&column->type
		);
		print_name(column, &separator, out);
		datum_print(diff, &column->type, out);
		datum_unref(diff);
	}
	print_close(separator, out);
}

static void print_update(
	const struct monitor_table *table,
	enum monitor_select kind,
	const struct db_tuple *old,
	const struct db_tuple *new,
	struct strbuf *out
)
{
	strbuf_add_char(out, '{');
	if (old) {
		strbuf_add(out, "\"old\":");
		print_values(table, kind, old, new, false, out);
	}
	if (new) {
		strbuf_add(out, old ? ",\"new\":" : "\"new\":");
		print_values(table, kind, new, NULL, false, out);
	}
	strbuf_add_char(out, '}');
}

static void print_update2(
	const struct monitor_table *table,
	enum monitor_select kind,
	const struct db_tuple *old,
	const struct db_tuple *new,
	struct strbuf *out
)
{
	switch (kind) {
	case MONITOR_INITIAL:
		strbuf_add(out, "{\"initial\":");
		print_values(table, kind, new, NULL, true, out);
		break;
	case MONITOR_INSERT:
		strbuf_add(out, "{\"insert\":");
		print_values(table, kind, new, NULL, true, out);
		break;
	case MONITOR_MODIFY:
		strbuf_add(out, "{\"modify\":");
		print_differences(table, old, new, out);
		break;
	default:
		strbuf_add(out, "{\"delete\":null");
		break;
	}
	strbuf_add_char(out, '}');
}

static void print_place(
	struct monitor_printer *printer, const struct schema_table *table, const struct uuid *uuid
)
{
	char text[UUID_TEXT_LENGTH + 1];
	struct strbuf *out = printer->out;

	uuid_format(uuid, text);
	if (printer->table == table) {
		strbuf_add_char(out, ',');
	} else {
		if (printer->table)
			strbuf_add_char(out, '}');
		strbuf_add_char(out, printer->is_begun ? ',' : '{');
		strbuf_add_char(out, '"');
		strbuf_add(out, table->name);
		strbuf_add_n(out, "\":{", 3);
		printer->is_begun = true;
		printer->table = table;
	}
	strbuf_add_char(out, '"');
	strbuf_add_n(out, text, UUID_TEXT_LENGTH);
	strbuf_add_n(out, "\":", 2);
}

void monitor_print_row(
	struct monitor_printer *printer, const struct db_delta *delta, enum monitor_select kind
)
{
	const struct schema_table *schema = db_table_schema(delta->table);
	const struct monitor_table *table = printer->shape->tables[schema->index];
	const struct db_tuple *old = delta->old, *new = delta->new;

	if (!(table->select & kind) || (kind == MONITOR_MODIFY && !is_modified(table, old, new)))
		return;
	print_place(printer, schema, &delta->uuid);
	if (printer->shape->version == DB_MONITOR_UPDATE)
		print_update(table, kind, old, new, printer->out);
	else
		print_update2(table, kind, old, new, printer->out);
}

void monitor_print_delta(struct monitor_printer *printer, const struct db_delta *delta)
{
	const struct schema_table *schema = db_table_schema(delta->table);
	const struct monitor_table *table = printer->shape->tables[schema->index];
	struct db_delta seen = *delta;

	if (!table)
		return;
	if (seen.old && !condition_match_any(table->condition, seen.old))
		seen.old = NULL;
	if (seen.new && !condition_match_any(table->condition, seen.new))
		seen.new = NULL;
	if (seen.old && seen.new)
		monitor_print_row(printer, &seen, MONITOR_MODIFY);
	else if (seen.new)
		monitor_print_row(printer, &seen, MONITOR_INSERT);
	else if (seen.old)
		monitor_print_row(printer, &seen, MONITOR_DELETE);
}

bool monitor_print_end(struct monitor_printer *printer, bool always)
{
	if (printer->is_begun)
		strbuf_add_n(printer->out, "}}", 2);
	else if (always)
		strbuf_add_n(printer->out, "{}", 2);
	return printer->is_begun;
}

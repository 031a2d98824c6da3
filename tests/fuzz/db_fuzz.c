/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/journal/db_record.h"
#include "lib/ovsdb/monitor/db_monitor.h"
#include "lib/ovsdb/ops/db_execute.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/strbuf.h"
#include "tests/fuzz/fuzz.h"

/* Bytes choose operations on a small schema with every kind of reference. What a transaction
 * writes to the journal is applied to a second database: after each transaction, whether it went
 * through or not, the two must hold the same rows.  */

static const char schema_text[] =
	"{\"name\":\"T\",\"tables\":{"
	"\"r\":{\"isRoot\":true,\"maxRows\":4,\"columns\":{"
	"\"n\":{\"type\":\"integer\"},"
	"\"kids\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"k\"},\"min\":0,"
	"\"max\":\"unlimited\"}},"
	"\"named\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"r\",\"refType\":\"weak\"},"
	"\"value\":{\"type\":\"uuid\",\"refTable\":\"k\"},\"min\":0,\"max\":\"unlimited\"}},"
	"\"weak\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"k\",\"refType\":\"weak\"},"
	"\"min\":0,\"max\":3}}}},"
	"\"k\":{\"columns\":{"
	"\"n\":{\"type\":\"integer\"},"
	"\"next\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"k\"},\"min\":0}},"
	"\"must\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"r\",\"refType\":\"weak\"},"
	"\"min\":0,\"max\":2}}},\"indexes\":[[\"n\"]]}}}";

struct input {
	const uint8_t *data;
	size_t size;
};

static unsigned take(struct input *input, unsigned n)
{
	if (!input->size)
		return 0;
	input->size--;
	return *input->data++ % n;
}

static void add_uuid(struct input *input, struct strbuf *out)
{
	if (take(input, 2))
		strbuf_addf(out, "[\"named-uuid\",\"x%u\"]", take(input, 4));
	else
		strbuf_addf(
			out, "[\"uuid\",\"00000000-0000-4000-8000-00000000000%u\"]", take(input, 8)
		);
}

static void add_uuids(struct input *input, struct strbuf *out)
{
	unsigned n = take(input, 4);

	strbuf_add(out, "[\"set\",[");
	for (unsigned i = 0; i < n; i++) {
		if (i)
			strbuf_add_char(out, ',');
		add_uuid(input, out);
	}
	strbuf_add(out, "]]");
}

static void add_column(struct input *input, bool is_root, struct strbuf *out)
{
	static const char *const columns[2][4] = {
		{"n", "next", "must", "next"}, {"n", "kids", "named", "weak"}};
	unsigned which = take(input, 4);

	strbuf_addf(out, "\"%s\":", columns[is_root][which]);
	if (!which) {
		strbuf_addf(out, "%u", take(input, 4));
	} else if (is_root && which == 2) {
		strbuf_add(out, "[\"map\",[[");
		add_uuid(input, out);
		strbuf_add_char(out, ',');
		add_uuid(input, out);
		strbuf_add(out, "]]]");
	} else {
		add_uuids(input, out);
	}
}

static void add_where(struct input *input, struct strbuf *out)
{
	switch (take(input, 4)) {
	case 0:
		strbuf_add(out, "\"where\":[]");
		break;
	case 1:
		strbuf_add(out, "\"where\":[[\"_uuid\",\"==\",");
		add_uuid(input, out);
		strbuf_add(out, "]]");
		break;
	default:
		strbuf_addf(out, "\"where\":[[\"n\",\"==\",%u]]", take(input, 4));
	}
}

static void add_operation(struct input *input, struct strbuf *out)
{
	bool is_root = take(input, 2);
	unsigned kind = take(input, 5);

	strbuf_addf(out, ",{\"table\":\"%s\",", is_root ? "r" : "k");
	switch (kind) {
	case 0:
	case 1:
		strbuf_add(out, "\"op\":\"insert\",\"row\":{");
		add_column(input, is_root, out);
		strbuf_addf(out, "},\"uuid-name\":\"x%u\"", take(input, 4));
		if (take(input, 2))
			strbuf_addf(
				out,
				",\"uuid\":\"00000000-0000-4000-8000-00000000000%u\"",
				take(input, 8)
			);
		break;
	case 2:
		strbuf_add(out, "\"op\":\"update\",\"row\":{");
		add_column(input, is_root, out);
		strbuf_add(out, "},");
		add_where(input, out);
		break;
	case 3:
		strbuf_addf(
			out,
			"\"op\":\"mutate\",\"mutations\":[[\"%s\",\"%s\",",
			is_root ? "kids" : "must",
			take(input, 2) ? "insert" : "delete"
		);
		add_uuids(input, out);
		strbuf_add(out, "]],");
		add_where(input, out);
		break;
	default:
		strbuf_add(out, "\"op\":\"delete\",");
		add_where(input, out);
	}
	strbuf_add_char(out, '}');
}

static struct db *open_db(void)
{
	json_t *json = json_loads(schema_text, 0, NULL);
	struct db_error err;
	struct db_config config = {.schema = schema_parse(json, &err)};

	json_decref(json);
	if (!config.schema)
		abort();
	return db_open(&config, NULL);
}

static void mirror(void *context, const struct db_commit *commit)
{
	struct strbuf text = STRBUF_INIT;
	struct db_error err;
	json_t *record;

	if (db_record_print_commit(commit, "x", &text)) {
		record = json_loads(strbuf_text(&text), 0, NULL);
		if (!record || db_record_apply(context, record, &err))
			abort();
		json_decref(record);
	}
	strbuf_fini(&text);
}

static void compare_row(const struct db_row *row, struct db_table *other)
{
	const struct schema_table *schema = db_table_schema(other);
	const struct db_row *twin = db_table_find(other, db_row_uuid(row));

	if (!twin)
		abort();
	for (unsigned i = SCHEMA_FIRST_COLUMN; i < schema->n_columns; i++)
		if (!datum_equal(db_row_get(row, i), db_row_get(twin, i), &schema->columns[i].type))
			abort();
}

static void compare(struct db *db, struct db *copy)
{
	for (unsigned i = 0; i < db_schema(db)->n_tables; i++) {
		struct db_table *table = db_get_table(db, i), *other = db_get_table(copy, i);

		if (db_table_count(table) != db_table_count(other))
			abort();
		DB_ROW_FOREACH(row, table)
			compare_row(row, other);
	}
}

static void ignore(void *context, const struct uuid *txn_id, const char *updates, size_t length)
{
	json_t *json = json_loadb(updates, length, 0, NULL);

	if (!json)
		abort();
	json_decref(json);
}

static struct db_monitor *
add_monitor(struct db_monitors *monitors, enum db_monitor_version version, const char *text)
{
	json_t *json = json_loads(text, 0, NULL);
	struct db_monitor *monitor = db_monitor_new(monitors, version, json, ignore, NULL, NULL);

	json_decref(json);
	return monitor;
}

static void transact(struct db *db, struct input *input)
{
	struct strbuf text = STRBUF_INIT;
	unsigned n = 1 + take(input, 6);
	json_t *operations;

	strbuf_add(&text, "[{\"op\":\"comment\",\"comment\":\"x\"}");
	for (unsigned i = 0; i < n; i++)
		add_operation(input, &text);
	strbuf_add_char(&text, ']');
	operations = json_loads(strbuf_text(&text), 0, NULL);
	if (!operations)
		abort();
	json_decref(db_execute(db, operations));
	json_decref(operations);
	strbuf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct db *db = open_db(), *copy = open_db();
	struct db_monitors *monitors = db_monitors_new(db);
	struct db_monitor *all = add_monitor(monitors, DB_MONITOR_UPDATE, "{\"r\":{},\"k\":{}}");
	struct db_monitor *some =
		add_monitor(monitors, DB_MONITOR_UPDATE2, "{\"k\":{\"where\":[[\"n\",\"<\",2]]}}");

	db_add_hook(db, mirror, copy);
	for (int i = 0; i < 20 && input.size; i++) {
		transact(db, &input);
		compare(db, copy);
	}
	db_monitor_free(all);
	db_monitor_free(some);
	db_monitors_free(monitors);
	db_close(db);
	db_close(copy);
	return 0;
}

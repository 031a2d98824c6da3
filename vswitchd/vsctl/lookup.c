/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/lookup.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/near.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/strbuf.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/notation.h"
#include "vswitchd/vsctl/request.h"

/* How rows of a table are named: by a column of their own, or by the column of the table 'via'
 * that refers to them, whose rows are named by 'column'. */
static const struct row_name {
	const char *table;
	const char *column;
	const char *via;
	const char *via_column;
} row_names[] = {
	{.table = "AutoAttach", .column = "name", .via = "Bridge", .via_column = "auto_attach"},
	{.table = "Bridge", .column = "name"},
	{.table = "Controller", .column = "name", .via = "Bridge", .via_column = "controller"},
	{.table = "Flow_Sample_Collector_Set", .column = "id"},
	{.table = "Flow_Table", .column = "name"},
	{.table = "IPFIX", .column = "name", .via = "Bridge", .via_column = "ipfix"},
	{.table = "Interface", .column = "name"},
	{.table = "Manager", .column = "target"},
	{.table = "Mirror", .column = "name"},
	{.table = "NetFlow", .column = "name", .via = "Bridge", .via_column = "netflow"},
	{.table = "Port", .column = "name"},
	{.table = "QoS", .column = "name", .via = "Port", .via_column = "qos"},
	{.table = "sFlow", .column = "name", .via = "Bridge", .via_column = "sflow"},
};

enum match {
	MATCH_NOT,
	MATCH_PREFIX,
	MATCH_FOLDED, /* but for case, '-' and '_' */
	MATCH_EXACT
};

static char fold(char c)
{
	return c == '-' ? '_' : (char)tolower((unsigned char)c);
}

static enum match compare(const char *name, const char *typed)
{
	const char *n = name, *t = typed;

	if (!strcmp(name, typed))
		return MATCH_EXACT;
	while (*t && fold(*n) == fold(*t)) {
		n++;
		t++;
	}
	if (*t || t == typed)
		return MATCH_NOT;
	return *n ? MATCH_PREFIX : MATCH_FOLDED;
}

/* The best match so far, and whether it is the only one of its kind. */
struct best {
	const char *typed;
	enum match match;
	int index;
	int n;
	struct strbuf names;
};

static void best_init(struct best *best, const char *typed)
{
	*best = (struct best){.typed = typed, .index = -1};
}

static void best_add(struct best *best, const char *name, int index)
{
	enum match match = compare(name, best->typed);

	if (match == MATCH_NOT || match < best->match)
		return;
	if (match > best->match) {
		best->match = match;
		best->n = 0;
		strbuf_clear(&best->names);
	}
	best->n++;
	best->index = index;
	strbuf_addf(&best->names, "%s%s", best->n > 1 ? ", " : "", name);
}

static void unknown_table(const struct schema *schema, const char *name, struct errbuf *err)
{
	struct near near;

	near_init(&near, name);
	for (size_t i = 0; i < schema->n_tables; i++)
		near_add(&near, schema->tables[i].name);
	near_refuse(&near, err, -EINVAL, "unknown table \"%s\"", name);
}

static void unknown_column(const struct schema_table *table, const char *name, struct errbuf *err)
{
	struct near near;

	near_init(&near, name);
	for (size_t i = SCHEMA_FIRST_COLUMN; i < table->n_columns; i++)
		near_add(&near, table->columns[i].name);
	near_refuse(
		&near,
		err,
		-EINVAL,
		"%s does not contain a column whose name matches \"%s\"",
		table->name,
		name
	);
}

struct db_table *lookup_table(struct db *db, const char *name, struct errbuf *err)
{
	const struct schema *schema = db_schema(db);
	struct db_table *table = db_find_table(db, name);
	struct best best;

	if (table)
		return table;
	best_init(&best, name);
	for (size_t i = 0; i < schema->n_tables; i++)
		best_add(&best, schema->tables[i].name, (int)i);
	if (best.n == 1) {
		table = db_get_table(db, (unsigned)best.index);
	} else if (best.n) {
		errbuf_set(
			err,
			-EINVAL,
			"\"%s\" matches multiple table names: %s",
			name,
			strbuf_text(&best.names)
		);
	} else {
		unknown_table(schema, name, err);
	}
	strbuf_fini(&best.names);
	return table;
}

int lookup_column(const struct schema_table *table, const char *name, struct errbuf *err)
{
	const struct schema_column *exact = schema_find_column(table, name);
	struct best best;
	int index = -1;

	if (exact && exact->index != SCHEMA_COLUMN_VERSION)
		return (int)exact->index;
	best_init(&best, name);
	for (size_t i = 0; i < table->n_columns; i++)
		if (i != SCHEMA_COLUMN_VERSION)
			best_add(&best, table->columns[i].name, (int)i);
	if (best.n == 1) {
		index = best.index;
	} else if (best.n) {
		errbuf_set(
			err,
			-EINVAL,
			"%s contains more than one column whose name matches \"%s\": %s",
			table->name,
			name,
			strbuf_text(&best.names)
		);
	} else {
		unknown_column(table, name, err);
	}
	strbuf_fini(&best.names);
	return index;
}

/* Several rows may go by one name; then none of them is meant. */
struct found {
	struct db_row *row;
	bool many;
};

static void found_add(struct found *found, struct db_row *row)
{
	if (found->row && found->row != row)
		found->many = true;
	found->row = row;
}

static void find_by_uuid(struct db_table *table, const char *name, struct found *found)
{
	struct uuid uuid;
	struct db_row *row = uuid_parse(name, &uuid) ? db_table_find(table, &uuid) : NULL;

	if (row)
		found_add(found, row);
}

/* The beginning of a UUID. */
static void find_by_prefix(struct db_table *table, const char *name, struct found *found)
{
	size_t n = strlen(name);

	if (n < 4 || n > UUID_TEXT_LENGTH || strspn(name, "0123456789abcdefABCDEF-") != n)
		return;
	DB_ROW_FOREACH(row, table) {
		char text[UUID_TEXT_LENGTH + 1];

		uuid_format(db_row_uuid(row), text);
		if (!strncasecmp(text, name, n))
			found_add(found, row);
	}
}

static bool row_is_called(const struct db_row *row, unsigned column, const char *name)
{
	const struct schema_column *schema = &db_table_schema(db_row_table(row))->columns[column];
	char *end;

	if (schema->type.key.type == ATOM_INTEGER) {
		long long id = strtoll(name, &end, 10);

		return end != name && !*end && db_row_integer(row, column, -1) == id;
	}
	return !strcmp(db_row_string(row, column, ""), name);
}

static bool is_unique(const struct schema_table *table, unsigned column)
{
	for (size_t i = 0; i < table->n_indexes; i++)
		if (table->indexes[i].n == 1 && table->indexes[i].columns[0] == column)
			return true;
	return false;
}

static void find_by_column(
	struct request *request,
	struct db_table *table,
	const char *column,
	const char *name,
	struct found *found
)
{
	unsigned index = attr_index(table, column);
	struct db_row *row;

	if (!is_unique(db_table_schema(table), index)) {
		DB_ROW_FOREACH(other, table)
			if (row_is_called(other, index, name))
				found_add(found, other);
		return;
	}
	if (strcmp(column, "name"))
		row = db_table_find_string(table, index, name);
	else
		row = request_find(request, table, name);
	if (row)
		found_add(found, row);
}

static void find_by_name(
	struct request *request,
	struct db_table *table,
	const struct row_name *how,
	const char *name,
	struct found *found
)
{
	struct found named = {0};

	if (!how->via) {
		find_by_column(request, table, how->column, name, found);
		return;
	}
	find_by_column(request, db_find_table(request->db, how->via), how->column, name, &named);
	if (named.row && !named.many && attr_count(named.row, how->via_column) == 1) {
		struct db_row *row = attr_ref_at(named.row, how->via_column, 0);

		if (row)
			found_add(found, row);
	}
}

static void
find(struct request *request, struct db_table *table, const char *name, struct found *found)
{
	if (!strcmp(name, ".")) {
		if (db_table_count(table) == 1)
			found_add(found, db_table_first(table));
		return;
	}
	find_by_uuid(table, name, found);
	for (size_t i = 0; i < sizeof(row_names) / sizeof(row_names[0]); i++)
		if (!found->row && !strcmp(row_names[i].table, db_table_schema(table)->name))
			find_by_name(request, table, &row_names[i], name, found);
	/* Last, because names may look like it. */
	if (!found->row)
		find_by_prefix(table, name, found);
}

static void near_row(void *context, const char *name)
{
	near_add(context, name);
}

int lookup_row(
	struct request *request,
	struct db_table *table,
	const char *name,
	bool must_exist,
	struct db_row **row,
	struct errbuf *err
)
{
	const char *table_name = db_table_schema(table)->name;
	struct found found = {0};

	if (name[0] == '@') {
		const struct handle *handle = handles_find(&request->handles, name);

		if (handle && handle->made)
			found.row = db_table_find(table, &handle->uuid);
	} else {
		find(request, table, name, &found);
	}
	if (found.many)
		return errbuf_set(
			err, -EINVAL, "multiple rows in %s match \"%s\"", table_name, name
		);
	*row = found.row;
	if (!*row && must_exist) {
		struct near near;

		if (db_table_schema(table)->max_rows == 1 && db_table_first(table))
			return errbuf_set(
				err,
				-ENOENT,
				"no row \"%s\" in table %s: the only one is called \".\"",
				name,
				table_name
			);
		near_init(&near, name);
		lookup_names(request->db, table, near_row, &near);
		return near_refuse(
			&near, err, -ENOENT, "no row \"%s\" in table %s", name, table_name
		);
	}
	return 0;
}

void lookup_names(
	struct db *db, struct db_table *table, void (*add)(void *, const char *), void *context
)
{
	const char *name = db_table_schema(table)->name;

	for (size_t i = 0; i < sizeof(row_names) / sizeof(row_names[0]); i++) {
		const struct row_name *how = &row_names[i];
		struct db_table *named = how->via ? db_find_table(db, how->via) : table;

		if (strcmp(how->table, name))
			continue;
		DB_ROW_FOREACH(row, named)
			if (!how->via || attr_count(row, how->via_column))
				add(context, attr_string(row, how->column));
	}
}

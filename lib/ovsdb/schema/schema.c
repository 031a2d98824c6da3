/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/schema/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/xmalloc.h"

bool schema_is_id(const char *name)
{
	if (!*name || (*name >= '0' && *name <= '9'))
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") ==
		strlen(name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The members' names in alphabetical order; they belong to 'object'. */
static const char **sorted_names(const json_t *object, size_t *n)
{
	const char **names = XNEW_N(const char *, json_object_size(object) + 1);
	const char *name;
	json_t *value;

	*n = 0;
	json_object_foreach((json_t *)object, name, value) {
		(void)value;
		names[(*n)++] = name;
	}
	qsort(names, *n, sizeof(*names), compare_names);
	return names;
}

static int parse_flag(bool *flag, const json_t *object, const char *name, struct db_error *err)
{
	const json_t *json = json_object_get(object, name);

	if (!json)
		return 0;
	if (!json_is_boolean(json))
		return db_error_set(err, db_syntax_error, "%s is true or false", name);
	*flag = json_is_true(json);
	return 0;
}

static void column_init_internal(struct schema_column *column, unsigned index, const char *name)
{
	memset(column, 0, sizeof(*column));
	column->name = xstrdup(name);
	column->index = index;
	column->type.key.type = ATOM_UUID;
	column->type.min = column->type.max = 1;
	column->default_datum = datum_new_default(&column->type);
}

static int column_parse(
	struct schema_column *column, const char *name, const json_t *json, struct db_error *err
)
{
	if (!schema_is_id(name) || *name == '_')
		return db_error_set(
			err,
			db_syntax_error,
			"\"%.60s\" cannot name a column: letters, digits and underscores only, "
			"beginning with a letter",
			name
		);
	if (!json_is_object(json))
		return db_error_set(err, db_syntax_error, "column %s is not an object", name);
	column->is_mutable = true;
	if (parse_flag(&column->is_ephemeral, json, "ephemeral", err) ||
	    parse_flag(&column->is_mutable, json, "mutable", err) ||
	    column_type_parse(&column->type, json_object_get(json, "type"), err)) {
		db_error_prefix(err, "column %s: ", name);
		return -1;
	}
	column->name = xstrdup(name);
	column->default_datum = datum_new_default(&column->type);
	return 0;
}

static int parse_columns(struct schema_table *table, const json_t *json, struct db_error *err)
{
	const char **names;
	int error = 0;
	size_t n;

	if (!json_is_object(json))
		return db_error_set(err, db_syntax_error, "\"columns\" is missing or no object");
	names = sorted_names(json, &n);
	table->columns = XNEW_N(struct schema_column, n + SCHEMA_FIRST_COLUMN);
	column_init_internal(&table->columns[SCHEMA_COLUMN_UUID], SCHEMA_COLUMN_UUID, "_uuid");
	column_init_internal(
		&table->columns[SCHEMA_COLUMN_VERSION], SCHEMA_COLUMN_VERSION, "_version"
	);
	table->n_columns = SCHEMA_FIRST_COLUMN;
	for (size_t i = 0; i < n && !error; i++) {
		struct schema_column *column = &table->columns[table->n_columns];

		column->index = (unsigned)table->n_columns;
		error = column_parse(column, names[i], json_object_get(json, names[i]), err);
		if (!error)
			table->n_columns++;
	}
	free(names);
	return error;
}

static int parse_index(
	struct schema_index *index,
	const struct schema_table *table,
	const json_t *json,
	struct db_error *err
)
{
	size_t n = json_array_size(json);

	if (!n)
		return db_error_set(err, db_syntax_error, "an index is an array of column names");
	index->columns = XNEW_N(unsigned, n);
	for (size_t i = 0; i < n; i++) {
		const char *name = json_string_value(json_array_get(json, i));
		const struct schema_column *column = name ? schema_find_column(table, name) : NULL;

		if (!column || column->is_ephemeral || column->index < SCHEMA_FIRST_COLUMN)
			return db_error_set(
				err,
				db_syntax_error,
				"an index needs names of columns that are kept on disk"
			);
		for (size_t j = 0; j < i; j++)
			if (index->columns[j] == column->index)
				return db_error_set(
					err, db_syntax_error, "an index names column %s twice", name
				);
		index->columns[i] = column->index;
		index->n = i + 1;
	}
	return 0;
}

static int parse_indexes(struct schema_table *table, const json_t *json, struct db_error *err)
{
	size_t n = json_array_size(json);

	if (!json)
		return 0;
	if (!json_is_array(json))
		return db_error_set(err, db_syntax_error, "\"indexes\" is not an array");
	table->indexes = XNEW_N(struct schema_index, n + 1);
	table->n_indexes = n;
	for (size_t i = 0; i < n; i++)
		if (parse_index(&table->indexes[i], table, json_array_get(json, i), err))
			return -1;
	return 0;
}

static int parse_max_rows(struct schema_table *table, const json_t *json, struct db_error *err)
{
	json_int_t n = json_integer_value(json);

	table->max_rows = UINT_MAX;
	if (!json)
		return 0;
	if (!json_is_integer(json) || n < 1 || n > UINT_MAX)
		return db_error_set(err, db_syntax_error, "maxRows is a number from 1 up");
	table->max_rows = (unsigned)n;
	return 0;
}

static int
table_parse(struct schema_table *table, const char *name, const json_t *json, struct db_error *err)
{
	table->name = xstrdup(name);
	if (!schema_is_id(name) || *name == '_')
		return db_error_set(
			err,
			db_syntax_error,
			"\"%.60s\" cannot name a table: letters, digits and underscores only, "
			"beginning with a letter",
			name
		);
	if (!json_is_object(json))
		return db_error_set(err, db_syntax_error, "table %s is not an object", name);
	if (!parse_flag(&table->is_root, json, "isRoot", err) &&
	    !parse_max_rows(table, json_object_get(json, "maxRows"), err) &&
	    !parse_columns(table, json_object_get(json, "columns"), err) &&
	    !parse_indexes(table, json_object_get(json, "indexes"), err))
		return 0;
	db_error_prefix(err, "table %s: ", name);
	return -1;
}

static int parse_tables(struct schema *schema, const json_t *json, struct db_error *err)
{
	const char **names;
	int error = 0;
	size_t n;

	if (!json_is_object(json))
		return db_error_set(err, db_syntax_error, "\"tables\" is missing or no object");
	names = sorted_names(json, &n);
	schema->tables = XNEW_N(struct schema_table, n + 1);
	for (size_t i = 0; i < n && !error; i++) {
		schema->tables[i].index = (unsigned)i;
		schema->n_tables++;
		error = table_parse(
			&schema->tables[i], names[i], json_object_get(json, names[i]), err
		);
	}
	free(names);
	return error;
}

static int link_base(const struct schema *schema, struct base_type *base, struct db_error *err)
{
	if (!base->ref_table)
		return 0;
	base->ref = schema_find_table(schema, base->ref_table);
	if (base->ref)
		return 0;
	return db_error_set(
		err, db_syntax_error, "refTable \"%.60s\" is not in this schema", base->ref_table
	);
}

static int link_column(struct schema *schema, struct schema_column *column, struct db_error *err)
{
	struct column_type *type = &column->type;

	if (link_base(schema, &type->key, err) || link_base(schema, &type->value, err)) {
		db_error_prefix(err, "column %s: ", column->name);
		return -1;
	}
	column->has_refs = type->key.ref || type->value.ref;
	/* A strong reference keeps its row from being collected; one that is not written to the
	 * disk would let the row vanish at the next start. */
	if (column->is_ephemeral)
		type->key.is_weak = type->value.is_weak = true;
	return 0;
}

static int link_tables(struct schema *schema, struct db_error *err)
{
	bool has_root = false;

	for (size_t i = 0; i < schema->n_tables; i++) {
		struct schema_table *table = &schema->tables[i];

		has_root |= table->is_root;
		for (size_t c = SCHEMA_FIRST_COLUMN; c < table->n_columns; c++)
			if (link_column(schema, &table->columns[c], err)) {
				db_error_prefix(err, "table %s: ", table->name);
				return -1;
			}
	}
	/* Schemas from before isRoot existed have none: all their tables are roots. */
	for (size_t i = 0; i < schema->n_tables && !has_root; i++)
		schema->tables[i].is_root = true;
	return 0;
}

struct schema *schema_parse(const json_t *json, struct db_error *err)
{
	const json_t *version = json_object_get(json, "version");
	const json_t *cksum = json_object_get(json, "cksum");
	const char *name = json_string_value(json_object_get(json, "name"));
	struct schema *schema;

	if (!json_is_object(json) || !name || !schema_is_id(name)) {
		db_error_set(err, db_syntax_error, "a schema is an object with a \"name\"");
		return NULL;
	}
	if ((version && !json_is_string(version)) || (cksum && !json_is_string(cksum))) {
		db_error_set(err, db_syntax_error, "\"version\" and \"cksum\" are strings");
		return NULL;
	}
	schema = XNEW(struct schema);
	schema->name = xstrdup(name);
	schema->version = xstrdup(version ? json_string_value(version) : "");
	schema->json = json_incref((json_t *)json);
	if (parse_tables(schema, json_object_get(json, "tables"), err) ||
	    link_tables(schema, err)) {
		schema_free(schema);
		return NULL;
	}
	return schema;
}

struct schema *schema_load(const char *path, struct errbuf *err)
{
	struct db_error error;
	struct schema *schema;
	json_error_t where;
	json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &where);

	if (!json) {
		errbuf_set(
			err,
			-EINVAL,
			"%s: cannot load the schema: %s (line %d)",
			path,
			where.text,
			where.line
		);
		return NULL;
	}
	db_error_init(&error);
	schema = schema_parse(json, &error);
	if (!schema)
		errbuf_set(err, -EINVAL, "%s: not a valid schema: %s", path, error.details);
	json_decref(json);
	return schema;
}

static void table_fini(struct schema_table *table)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		free(table->columns[i].name);
		datum_unref(table->columns[i].default_datum);
		column_type_fini(&table->columns[i].type);
	}
	for (size_t i = 0; i < table->n_indexes; i++)
		free(table->indexes[i].columns);
	free(table->indexes);
	free(table->columns);
	free(table->name);
}

void schema_free(struct schema *schema)
{
	if (!schema)
		return;
	for (size_t i = 0; i < schema->n_tables; i++)
		table_fini(&schema->tables[i]);
	free(schema->tables);
	json_decref(schema->json);
	free(schema->version);
	free(schema->name);
	free(schema);
}

const json_t *schema_json(const struct schema *schema)
{
	return schema->json;
}

const struct schema_table *schema_find_table(const struct schema *schema, const char *name)
{
	size_t low = 0, high = schema->n_tables;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, schema->tables[middle].name);

		if (!order)
			return &schema->tables[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static const struct schema_column *find_internal(const struct schema_table *table, const char *name)
{
	for (size_t i = 0; i < SCHEMA_FIRST_COLUMN; i++)
		if (!strcmp(name, table->columns[i].name))
			return &table->columns[i];
	return NULL;
}

const struct schema_column *schema_find_column(const struct schema_table *table, const char *name)
{
	size_t low = SCHEMA_FIRST_COLUMN, high = table->n_columns;

	if (*name == '_')
		return find_internal(table, name);
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, table->columns[middle].name);

		if (!order)
			return &table->columns[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

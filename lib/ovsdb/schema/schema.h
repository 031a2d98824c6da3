/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Database schemas, from any .ovsschema file (RFC 7047 §3.2).
 *
 * Tables and columns are kept in the order of their names, so a column's index follows from the
 * schema alone; generated code relies on it. The first two columns of each table are _uuid and
 * _version. The schema as it was given (with its version and cksum) stays available.  */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "lib/ovsdb/schema/column_type.h"

struct db_error;
struct errbuf;

enum {
	SCHEMA_COLUMN_UUID = 0,
	SCHEMA_COLUMN_VERSION = 1,
	SCHEMA_FIRST_COLUMN = 2
};

struct schema_column {
	char *name;
	unsigned index; /* in its table */
	struct column_type type;
	bool is_ephemeral;
	bool is_mutable;
	bool has_refs; /* some of its atoms refer to rows */
	struct datum *default_datum;
};

struct schema_index {
	size_t n;
	unsigned *columns;
};

struct schema_table {
	char *name;
	unsigned index; /* in the schema */
	bool is_root;
	unsigned max_rows;
	size_t n_columns;
	struct schema_column *columns;
	size_t n_indexes;
	struct schema_index *indexes;
};

struct schema {
	char *name;
	char *version; /* "" when not given */
	json_t *json;
	size_t n_tables;
	struct schema_table *tables;
};

/* Main thread. */

struct schema *schema_parse(const json_t *json, struct db_error *err);
/* Reads and parses a file. */
struct schema *schema_load(const char *path, struct errbuf *err);
void schema_free(struct schema *schema);

/* Do they mean the same, however they are written? */
bool schema_equal(const struct schema *a, const struct schema *b);

/* The schema as it was given (borrowed). */
const json_t *schema_json(const struct schema *schema);
/* NULL when there is none of that name. */
const struct schema_table *schema_find_table(const struct schema *schema, const char *name);
const struct schema_column *schema_find_column(const struct schema_table *table, const char *name);
/* A valid name of a table or column: letters, digits, underscores. */
bool schema_is_id(const char *name);

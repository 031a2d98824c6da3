/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rows, and typed access to their columns.
 *
 * 'column' is a column's index in its table (see schema.h); generated code (rowgen.py) has names for
 * them, and reads all columns of a row into a struct of C types.
 * What a getter returns is the row's own and lives until the next transaction.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct datum;
struct db_row;
struct db_table;
struct uuid;

/* Main thread. */

const struct uuid *db_row_uuid(const struct db_row *row);
struct db_table *db_row_table(const struct db_row *row);

const struct datum *db_row_get(const struct db_row *row, unsigned column);
/* Number of elements: 0 or 1 for an optional value. */
size_t db_row_count(const struct db_row *row, unsigned column);

/* The first element, or the given fallback when the column is empty. */
const char *db_row_string(const struct db_row *row, unsigned column, const char *fallback);
int64_t db_row_integer(const struct db_row *row, unsigned column, int64_t fallback);
double db_row_real(const struct db_row *row, unsigned column, double fallback);
bool db_row_boolean(const struct db_row *row, unsigned column, bool fallback);

/* The first element where it stands, or NULL when the column is empty. */
const int64_t *db_row_integer_or_null(const struct db_row *row, unsigned column);
const double *db_row_real_or_null(const struct db_row *row, unsigned column);
const bool *db_row_boolean_or_null(const struct db_row *row, unsigned column);

/* The i-th of db_row_count() elements (of a map: its key). */
const char *db_row_string_at(const struct db_row *row, unsigned column, size_t i);
int64_t db_row_integer_at(const struct db_row *row, unsigned column, size_t i);
/* The row that the i-th element (of a map: its value, if that refers to rows) refers to;
 * NULL when there are fewer. */
struct db_row *db_row_ref_at(const struct db_row *row, unsigned column, size_t i);
/* The first row referred to, or NULL. */
struct db_row *db_row_ref(const struct db_row *row, unsigned column);

/* The value under 'key' in a map of strings to strings, or NULL. */
const char *db_row_map_get(const struct db_row *row, unsigned column, const char *key);
/* A map with string keys as a new object {"key": value}. */
json_t *db_row_map_json(const struct db_row *row, unsigned column);
/* The column as RFC 7047's <value>. */
json_t *db_row_json(const struct db_row *row, unsigned column);

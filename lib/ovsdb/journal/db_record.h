/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Records: what one transaction changed, as JSON in the journal.
 *
 *	{"_date": ms, "_comment": "…", "_is_diff": true, "Table": {"<uuid>": {"column": value}}}
 *
 * A deleted row is null. With _is_diff the columns of a modified row are differences, unless they
 * had their default before. Ephemeral columns and defaults are left out.  */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct db;
struct db_commit;
struct db_error;
struct db_tuple;
struct schema_table;
struct strbuf;

/* A row for a snapshot. */
struct db_record_row {
	const struct schema_table *table;
	struct db_tuple *tuple;
};

/* Any thread (that is handed tuples nobody changes). */

/* Appends a record, with its newline, that holds the rows, grouped by table. */
void db_record_print_rows(
	const struct db_record_row *rows, size_t n, const char *comment, struct strbuf *out
);

/* Main thread. */

/* Appends the commit's record; false if nothing of it is to be kept on disk. */
bool db_record_print_commit(
	const struct db_commit *commit, const char *comment, struct strbuf *out
);
/* Applies a record to the database it was written for. */
int db_record_apply(struct db *db, const json_t *record, struct db_error *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Lookup: which table, column or row did the user mean?
 *
 * Tables and columns may be abbreviated, case does not matter, and '-' is as good as '_'. Rows go
 * by UUID (or its first digits), by @handle, by their name, or by what refers to them: the NetFlow
 * row of bridge br0 is "NetFlow br0".  */

#include <stdbool.h>

struct db;
struct db_row;
struct db_table;
struct errbuf;
struct request;
struct schema_table;

/* Main thread. */

struct db_table *lookup_table(struct db *db, const char *name, struct errbuf *err);
/* The column's index, or negative. */
int lookup_column(const struct schema_table *table, const char *name, struct errbuf *err);
/* '*row' is NULL if there is none and 'must_exist' is false. */
int lookup_row(
	struct request *request,
	struct db_table *table,
	const char *name,
	bool must_exist,
	struct db_row **row,
	struct errbuf *err
);
/* Calls 'add' with each name by which rows of the table go. */
void lookup_names(
	struct db *db, struct db_table *table, void (*add)(void *, const char *), void *context
);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Conversion between versions of a schema, when a journal of another version is opened.  */

struct db;
struct errbuf;

/* Main thread. */

/* Copies all rows of 'from' to the empty 'to', table by table and column by column as their names
 * agree. What 'to' has no place for is logged. Keeps the file at 'path' beside it as a backup. */
int db_convert(struct db *from, struct db *to, const char *path, struct errbuf *err);

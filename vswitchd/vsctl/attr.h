/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Attributes: columns of rows by their names, for code that meets them once per command and need not
 * be fast. The names must be in the schema.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct datum;
struct db_row;
struct db_table;
struct request;

/* Main thread. */

unsigned attr_index(const struct db_table *table, const char *column);
/* "" and 0 when empty. */
const char *attr_string(const struct db_row *row, const char *column);
int64_t attr_integer(const struct db_row *row, const char *column);
bool attr_boolean(const struct db_row *row, const char *column);
size_t attr_count(const struct db_row *row, const char *column);
/* NULL if there are not so many. */
struct db_row *attr_ref_at(const struct db_row *row, const char *column, size_t i);
const char *attr_map_get(const struct db_row *row, const char *column, const char *key);
/* Whether the set of references has 'target'. */
bool attr_refers(const struct db_row *row, const char *column, const struct db_row *target);

void attr_set(
	struct request *request, struct db_row *row, const char *column, struct datum *take_value
);
void attr_clear(struct request *request, struct db_row *row, const char *column);
/* To and from a set of references. */
void attr_add_ref(
	struct request *request, struct db_row *row, const char *column, const struct db_row *target
);
void attr_del_ref(
	struct request *request, struct db_row *row, const char *column, const struct db_row *target
);
/* In a map of strings; 'value' NULL removes the key. */
void attr_set_key(
	struct request *request,
	struct db_row *row,
	const char *column,
	const char *key,
	const char *value
);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shapes: what a monitor asks for, parsed, and printing updates in that form.  */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "lib/hmap.h"
#include "lib/ovsdb/monitor/db_monitor.h"
#include "lib/strbuf.h"

struct condition;
struct db_delta;
struct db_error;
struct schema;
struct schema_column;
struct schema_table;

enum monitor_select {
	MONITOR_INITIAL = 1 << 0,
	MONITOR_INSERT = 1 << 1,
	MONITOR_DELETE = 1 << 2,
	MONITOR_MODIFY = 1 << 3,
	MONITOR_ALL = 15
};

struct monitor_column {
	const struct schema_column *column;
	unsigned select; /* enum monitor_select */
};

struct monitor_table {
	const struct schema_table *schema;
	unsigned select; /* of any column */
	size_t n_columns;
	struct monitor_column *columns;
	json_t *where; /* an array of clauses */
	struct condition *condition; /* the same, parsed */
};

struct monitor_shape {
	struct hmap_node node; /* by key */
	unsigned refs;
	enum db_monitor_version version;
	char *key; /* equal keys, equal shapes */
	size_t n_tables;
	struct monitor_table **tables; /* by index in the schema; NULL: not monitored */
};

/* Main thread. */

struct monitor_shape *monitor_shape_new(
	const struct schema *schema,
	enum db_monitor_version version,
	const json_t *requests,
	struct db_error *err
);
/* A copy with the conditions in 'requests' in place of its own. */
struct monitor_shape *monitor_shape_change(
	const struct schema *schema,
	const struct monitor_shape *shape,
	const json_t *requests,
	struct db_error *err
);
void monitor_shape_free(struct monitor_shape *shape);

/* An update being printed: tables open and close as rows come. */
struct monitor_printer {
	const struct monitor_shape *shape;
	const struct schema_table *table; /* the open one, or NULL */
	bool is_begun;
	struct strbuf *out;
};

/* Prints what the change of a row means to the shape, if anything. */
void monitor_print_delta(struct monitor_printer *printer, const struct db_delta *delta);
/* Prints a row of a table that is monitored, whatever its condition. */
void monitor_print_row(
	struct monitor_printer *printer, const struct db_delta *delta, enum monitor_select kind
);
/* Closes the object. False if nothing was printed; 'always' prints "{}" then. */
bool monitor_print_end(struct monitor_printer *printer, bool always);

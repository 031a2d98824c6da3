/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Grids: rows and columns of results, printed as people or programs want them.  */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct column_type;
struct datum;
struct errbuf;
struct strbuf;

enum grid_format {
	GRID_LIST, /* "column: value" lines, an empty line between rows */
	GRID_TABLE,
	GRID_CSV,
	GRID_HTML,
	GRID_JSON
};

enum grid_data {
	GRID_STRING, /* as typed: quotes and brackets */
	GRID_BARE,
	GRID_DATA_JSON
};

struct grid_style {
	enum grid_format format;
	enum grid_data data;
	bool headings;
	bool pretty; /* JSON over several lines */
	size_t max_width; /* of a cell of GRID_TABLE; 0: any */
};

struct grid;

/* Main thread. */

int grid_parse_format(const char *name, enum grid_format *format, struct errbuf *err);
int grid_parse_data(const char *name, enum grid_data *data, struct errbuf *err);

/* 'style' must outlive the grid. */
struct grid *grid_new(const struct grid_style *style);
void grid_free(struct grid *grid); /* NULL is fine */
void grid_add_heading(struct grid *grid, const char *name);
/* The next cell, row by row. */
void grid_add(struct grid *grid, const struct datum *datum, const struct column_type *type);
void grid_add_text(struct grid *grid, const char *text);
void grid_print(const struct grid *grid, struct strbuf *out);

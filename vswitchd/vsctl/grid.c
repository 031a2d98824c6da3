/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/grid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "vswitchd/vsctl/notation.h"

struct grid {
	const struct grid_style *style;
	char **headings;
	size_t n_headings;
	/* Row by row; texts, or with GRID_JSON values. */
	char **texts;
	json_t **values;
	size_t n, size;
};

static const char *const formats[] = {
	[GRID_LIST] = "list",
	[GRID_TABLE] = "table",
	[GRID_CSV] = "csv",
	[GRID_HTML] = "html",
	[GRID_JSON] = "json",
};

static const char *const data_formats[] = {
	[GRID_STRING] = "string",
	[GRID_BARE] = "bare",
	[GRID_DATA_JSON] = "json",
};

int grid_parse_format(const char *name, enum grid_format *format, struct errbuf *err)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(name, formats[i])) {
			*format = (enum grid_format)i;
			return 0;
		}
	return errbuf_set(
		err,
		-EINVAL,
		"unknown output format \"%s\": use list, table, csv, html or json",
		name
	);
}

int grid_parse_data(const char *name, enum grid_data *data, struct errbuf *err)
{
	for (size_t i = 0; i < sizeof(data_formats) / sizeof(data_formats[0]); i++)
		if (!strcmp(name, data_formats[i])) {
			*data = (enum grid_data)i;
			return 0;
		}
	return errbuf_set(
		err, -EINVAL, "unknown data format \"%s\": use string, bare or json", name
	);
}

struct grid *grid_new(const struct grid_style *style)
{
	struct grid *grid = XNEW(struct grid);

	grid->style = style;
	return grid;
}

void grid_free(struct grid *grid)
{
	if (!grid)
		return;
	for (size_t i = 0; i < grid->n_headings; i++)
		free(grid->headings[i]);
	for (size_t i = 0; i < grid->n; i++) {
		free(grid->texts[i]);
		json_decref(grid->values[i]);
	}
	free(grid->headings);
	free(grid->texts);
	free(grid->values);
	free(grid);
}

void grid_add_heading(struct grid *grid, const char *name)
{
	grid->headings = xrealloc(grid->headings, (grid->n_headings + 1) * sizeof(*grid->headings));
	grid->headings[grid->n_headings++] = xstrdup(name);
}

static void add_cell(struct grid *grid, char *take_text, json_t *take_value)
{
	if (grid->n == grid->size) {
		grid->size = grid->size ? 2 * grid->size : 64;
		grid->texts = xrealloc(grid->texts, grid->size * sizeof(*grid->texts));
		grid->values = xrealloc(grid->values, grid->size * sizeof(*grid->values));
	}
	grid->texts[grid->n] = take_text;
	grid->values[grid->n++] = take_value;
}

void grid_add(struct grid *grid, const struct datum *datum, const struct column_type *type)
{
	struct strbuf text = STRBUF_INIT;

	if (grid->style->format == GRID_JSON) {
		add_cell(grid, NULL, datum_json(datum, type));
		return;
	}
	if (grid->style->data == GRID_DATA_JSON)
		datum_print(datum, type, &text);
	else if (grid->style->data == GRID_BARE)
		notation_print_bare(datum, type, &text);
	else
		notation_print(datum, type, &text);
	strbuf_text(&text);
	add_cell(grid, strbuf_steal(&text), NULL);
}

void grid_add_text(struct grid *grid, const char *text)
{
	if (grid->style->format == GRID_JSON)
		add_cell(grid, NULL, json_string(text));
	else
		add_cell(grid, xstrdup(text), NULL);
}

static const char *cell(const struct grid *grid, size_t row, size_t column)
{
	const char *text = grid->texts[row * grid->n_headings + column];

	return text ? text : "";
}

static size_t n_rows(const struct grid *grid)
{
	return grid->n_headings ? grid->n / grid->n_headings : 0;
}

static void print_list(const struct grid *grid, struct strbuf *out)
{
	for (size_t row = 0; row < n_rows(grid); row++) {
		if (row)
			strbuf_add_char(out, '\n');
		for (size_t i = 0; i < grid->n_headings; i++) {
			if (grid->style->headings)
				strbuf_addf(out, "%-20s: ", grid->headings[i]);
			strbuf_add(out, cell(grid, row, i));
			strbuf_add_char(out, '\n');
		}
	}
}

static void chomp_blanks(struct strbuf *out)
{
	while (out->length && out->text[out->length - 1] == ' ')
		strbuf_chomp(out, ' ');
}

static void print_line(
	const struct grid *grid, const char *const *texts, const size_t *widths, struct strbuf *out
)
{
	for (size_t i = 0; i < grid->n_headings; i++)
		strbuf_addf(
			out,
			"%s%-*.*s",
			i ? " " : "",
			(int)widths[i],
			(int)widths[i],
			texts[i] ? texts[i] : ""
		);
	chomp_blanks(out);
	strbuf_add_char(out, '\n');
}

static void print_rule(const struct grid *grid, const size_t *widths, struct strbuf *out)
{
	for (size_t i = 0; i < grid->n_headings; i++) {
		if (i)
			strbuf_add_char(out, ' ');
		for (size_t k = 0; k < widths[i]; k++)
			strbuf_add_char(out, '-');
	}
	strbuf_add_char(out, '\n');
}

static size_t width(const struct grid *grid, size_t column)
{
	size_t max = 0;

	for (size_t row = 0; row < n_rows(grid); row++) {
		size_t length = strlen(cell(grid, row, column));

		if (length > max)
			max = length;
	}
	if (grid->style->max_width && max > grid->style->max_width)
		max = grid->style->max_width;
	if (grid->style->headings && max < strlen(grid->headings[column]))
		max = strlen(grid->headings[column]);
	return max;
}

static void print_table(const struct grid *grid, struct strbuf *out)
{
	size_t *widths = XNEW_N(size_t, grid->n_headings + 1);

	for (size_t i = 0; i < grid->n_headings; i++)
		widths[i] = width(grid, i);
	if (grid->style->headings) {
		print_line(grid, (const char *const *)grid->headings, widths, out);
		print_rule(grid, widths, out);
	}
	for (size_t row = 0; row < n_rows(grid); row++)
		print_line(
			grid, (const char *const *)&grid->texts[row * grid->n_headings], widths, out
		);
	free(widths);
}

static void print_csv_cell(const char *text, struct strbuf *out)
{
	if (!text[strcspn(text, "\n\",")]) {
		strbuf_add(out, text);
		return;
	}
	strbuf_add_char(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			strbuf_add_char(out, '"');
		strbuf_add_char(out, *text);
	}
	strbuf_add_char(out, '"');
}

static void print_csv(const struct grid *grid, struct strbuf *out)
{
	if (grid->style->headings) {
		for (size_t i = 0; i < grid->n_headings; i++) {
			if (i)
				strbuf_add_char(out, ',');
			print_csv_cell(grid->headings[i], out);
		}
		strbuf_add_char(out, '\n');
	}
	for (size_t row = 0; row < n_rows(grid); row++) {
		for (size_t i = 0; i < grid->n_headings; i++) {
			if (i)
				strbuf_add_char(out, ',');
			print_csv_cell(cell(grid, row, i), out);
		}
		strbuf_add_char(out, '\n');
	}
}

static void print_html_cell(const char *tag, const char *text, struct strbuf *out)
{
	strbuf_addf(out, "    <%s>", tag);
	for (; *text; text++) {
		if (*text == '&')
			strbuf_add(out, "&amp;");
		else if (*text == '<')
			strbuf_add(out, "&lt;");
		else if (*text == '>')
			strbuf_add(out, "&gt;");
		else
			strbuf_add_char(out, *text);
	}
	strbuf_addf(out, "</%s>\n", tag);
}

static void print_html(const struct grid *grid, struct strbuf *out)
{
	strbuf_add(out, "<table border=1>\n");
	if (grid->style->headings) {
		strbuf_add(out, "  <tr>\n");
		for (size_t i = 0; i < grid->n_headings; i++)
			print_html_cell("th", grid->headings[i], out);
		strbuf_add(out, "  </tr>\n");
	}
	for (size_t row = 0; row < n_rows(grid); row++) {
		strbuf_add(out, "  <tr>\n");
		for (size_t i = 0; i < grid->n_headings; i++)
			print_html_cell("td", cell(grid, row, i), out);
		strbuf_add(out, "  </tr>\n");
	}
	strbuf_add(out, "</table>\n");
}

static void print_json(const struct grid *grid, struct strbuf *out)
{
	json_auto_t *data = json_array();
	json_auto_t *headings = json_array();
	json_auto_t *all = json_object();
	char *text;

	for (size_t row = 0; row < n_rows(grid); row++) {
		json_t *cells = json_array();

		for (size_t i = 0; i < grid->n_headings; i++)
			json_array_append(cells, grid->values[row * grid->n_headings + i]);
		json_array_append_new(data, cells);
	}
	for (size_t i = 0; i < grid->n_headings; i++)
		json_array_append_new(headings, json_string(grid->headings[i]));
	json_object_set(all, "data", data);
	json_object_set(all, "headings", headings);
	text = json_dumps(all, grid->style->pretty ? JSON_INDENT(2) : JSON_COMPACT);
	strbuf_addf(out, "%s\n", text);
	free(text);
}

void grid_print(const struct grid *grid, struct strbuf *out)
{
	static void (*const printers[])(const struct grid *, struct strbuf *) = {
		[GRID_LIST] = print_list,
		[GRID_TABLE] = print_table,
		[GRID_CSV] = print_csv,
		[GRID_HTML] = print_html,
		[GRID_JSON] = print_json,
	};

	printers[grid->style->format](grid, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/render.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/strbuf.h"
#include "lib/xmalloc.h"

enum {
	COLUMNS_MAX = 32
};

/* A value within a line or a cell. */
static void add_scalar(const json_t *json, struct strbuf *out)
{
	switch (json_typeof(json)) {
	case JSON_STRING:
		strbuf_add(out, json_string_value(json));
		break;
	case JSON_INTEGER:
		strbuf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
		break;
	case JSON_REAL:
		strbuf_addf(out, "%.3g", json_real_value(json));
		break;
	case JSON_TRUE:
		strbuf_add(out, "true");
		break;
	case JSON_FALSE:
		strbuf_add(out, "false");
		break;
	case JSON_NULL:
		break;
	default: {
		char *text = json_dumps(json, JSON_COMPACT);

		strbuf_add(out, text);
		free(text);
	}
	}
}

static bool is_table(const json_t *json)
{
	return json_is_array(json) && json_is_object(json_array_get(json, 0));
}

/* The keys of all rows, in the order they first appear. */
static size_t find_columns(const json_t *rows, const char **columns)
{
	size_t n = 0, i;
	json_t *row, *value;
	const char *key;

	json_array_foreach(rows, i, row) {
		json_object_foreach(row, key, value) {
			size_t c = 0;

			while (c < n && strcmp(columns[c], key))
				c++;
			if (c == n && n < COLUMNS_MAX)
				columns[n++] = key;
		}
	}
	return n;
}

static char *cell_text(const json_t *row, const char *column)
{
	json_t *value = json_object_get(row, column);
	struct strbuf text = STRBUF_INIT;

	if (value)
		add_scalar(value, &text);
	return strbuf_steal(&text);
}

static void add_cell(const char *text, size_t width, bool right, struct strbuf *out)
{
	strbuf_addf(out, right ? "%*s" : "%-*s", (int)width, text);
	strbuf_add(out, "  ");
}

static void end_line(struct strbuf *out)
{
	while (out->length && out->text[out->length - 1] == ' ')
		strbuf_chomp(out, ' ');
	strbuf_add_char(out, '\n');
}

static void add_table(const json_t *rows, struct strbuf *out)
{
	const char *columns[COLUMNS_MAX];
	size_t widths[COLUMNS_MAX], n = find_columns(rows, columns), i;
	bool right[COLUMNS_MAX];
	json_t *row;

	for (size_t c = 0; c < n; c++) {
		widths[c] = strlen(columns[c]);
		right[c] = true;
		json_array_foreach(rows, i, row) {
			json_t *value = json_object_get(row, columns[c]);
			char *text = cell_text(row, columns[c]);

			widths[c] = strlen(text) > widths[c] ? strlen(text) : widths[c];
			right[c] = right[c] && (!value || json_is_number(value));
			free(text);
		}
		add_cell(columns[c], widths[c], right[c], out);
	}
	end_line(out);
	json_array_foreach(rows, i, row) {
		for (size_t c = 0; c < n; c++) {
			char *text = cell_text(row, columns[c]);

			add_cell(text, widths[c], right[c], out);
			free(text);
		}
		end_line(out);
	}
}

static void add_lines(const json_t *object, struct strbuf *out)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) {
		if (is_table(value)) {
			strbuf_addf(out, "%s:\n", key);
			add_table(value, out);
			continue;
		}
		strbuf_addf(out, "%s: ", key);
		add_scalar(value, out);
		end_line(out);
	}
}

void render_json(const json_t *json, struct strbuf *out)
{
	size_t i;
	json_t *element;

	if (is_table(json)) {
		add_table(json, out);
	} else if (json_is_array(json)) {
		json_array_foreach(json, i, element) {
			add_scalar(element, out);
			strbuf_add_char(out, '\n');
		}
	} else if (json_is_object(json)) {
		add_lines(json, out);
	} else if (json) {
		add_scalar(json, out);
		if (out->length && out->text[out->length - 1] != '\n')
			strbuf_add_char(out, '\n');
	}
}

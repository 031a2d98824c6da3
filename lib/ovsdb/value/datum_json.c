/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/ovsdb/schema/column_type.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/strbuf.h"

static bool has_class(const json_t *json, const char *class)
{
	const char *text = json_string_value(json_array_get(json, 0));

	return json_array_size(json) == 2 && text && !strcmp(text, class);
}

/* Parses one element of a set or pair of a map into place i; on failure nothing is held there. */
static int parse_element(
	struct datum *datum,
	size_t i,
	const json_t *json,
	const struct column_type *type,
	const struct symbols *symbols,
	struct db_error *err
)
{
	int error;

	if (!type->is_map)
		return atom_parse(&datum->atoms[i], type->key.type, json, symbols, err);
	if (json_array_size(json) != 2)
		return db_error_set(
			err, db_syntax_error, "a map's pair is written as [key, value]"
		);
	error = atom_parse(&datum->atoms[i], type->key.type, json_array_get(json, 0), symbols, err);
	if (error)
		return error;
	error = atom_parse(
		&datum->atoms[datum->n + i], type->value.type, json_array_get(json, 1), symbols, err
	);
	if (error)
		atom_unref(&datum->atoms[i], type->key.type);
	return error;
}

static struct datum *parse_elements(
	const json_t *array,
	const struct column_type *type,
	const struct symbols *symbols,
	struct db_error *err
)
{
	size_t n = json_array_size(array);
	struct datum *datum;

	if (n > DATUM_MAX) {
		db_error_set(
			err,
			"resources exhausted",
			"a value may have %d elements, not %zu",
			DATUM_MAX,
			n
		);
		return NULL;
	}
	datum = datum_new(type, n);
	for (size_t i = 0; i < n; i++) {
		if (!parse_element(datum, i, json_array_get(array, i), type, symbols, err))
			continue;
		/* Only the elements before this one are there to be released. */
		if (datum->is_map)
			memmove(&datum->atoms[i], &datum->atoms[n], i * sizeof(union atom));
		datum->n = i;
		datum_unref(datum);
		return NULL;
	}
	return datum_finish(datum, type, err);
}

struct datum *datum_parse(
	const json_t *json,
	const struct column_type *type,
	const struct symbols *symbols,
	struct db_error *err
)
{
	const char *class = type->is_map ? "map" : "set";
	struct datum *datum;

	if (type->is_map || has_class(json, class)) {
		const json_t *array = json_array_get(json, 1);

		if (has_class(json, class) && json_is_array(array))
			return parse_elements(array, type, symbols, err);
		db_error_set(
			err, db_syntax_error, "a %s is written as [\"%s\", […]]", class, class
		);
		return NULL;
	}
	datum = datum_new(type, 1);
	if (!atom_parse(&datum->atoms[0], type->key.type, json, symbols, err))
		return datum;
	datum->n = 0;
	datum_unref(datum);
	return NULL;
}

json_t *datum_json(const struct datum *datum, const struct column_type *type)
{
	json_t *array;

	if (!type->is_map && datum->n == 1)
		return atom_json(datum_key(datum, 0), type->key.type);
	array = json_array();
	for (size_t i = 0; i < datum->n; i++) {
		json_t *json = atom_json(datum_key(datum, i), type->key.type);

		if (type->is_map)
			json = json_pack(
				"[o,o]", json, atom_json(datum_value(datum, i), type->value.type)
			);
		json_array_append_new(array, json);
	}
	return json_pack("[s,o]", type->is_map ? "map" : "set", array);
}

void datum_print(const struct datum *datum, const struct column_type *type, struct strbuf *out)
{
	if (!type->is_map && datum->n == 1) {
		atom_print(datum_key(datum, 0), type->key.type, out);
		return;
	}
	strbuf_add_n(out, type->is_map ? "[\"map\",[" : "[\"set\",[", 8);
	for (size_t i = 0; i < datum->n; i++) {
		if (i)
			strbuf_add_char(out, ',');
		if (type->is_map)
			strbuf_add_char(out, '[');
		atom_print(datum_key(datum, i), type->key.type, out);
		if (type->is_map) {
			strbuf_add_char(out, ',');
			atom_print(datum_value(datum, i), type->value.type, out);
			strbuf_add_char(out, ']');
		}
	}
	strbuf_add_n(out, "]]", 2);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/notation.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/schema/column_type.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "vswitchd/vsctl/handle.h"

enum {
	RANGE_MAX = 4096, /* integers that A-B may stand for */
};

/* The elements read so far. */
struct elements {
	union atom *keys, *values;
	size_t n, size;
};

static bool is_delimiter(char c)
{
	return c && strchr(":=, []{}!<>", c);
}

int notation_token(const char **at, struct strbuf *token, struct errbuf *err)
{
	const char *start = *at, *p = start;
	bool quoted = false;

	for (; *p && (quoted || !is_delimiter(*p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		if (*p == '\\' && !*++p)
			return errbuf_set(err, -EINVAL, "%s: backslash at end of argument", start);
	}
	if (quoted)
		return errbuf_set(
			err, -EINVAL, "%s: quoted string extends past end of argument", start
		);
	strbuf_add_n(token, start, (size_t)(p - start));
	*at = p;
	return 0;
}

static int parse_string(const char *text, union atom *atom, struct errbuf *err)
{
	json_error_t json_err;
	json_auto_t *json = NULL;

	if (!*text)
		return errbuf_set(
			err,
			-EINVAL,
			"An empty string is not valid as input; use \"\" to represent the empty "
			"string"
		);
	if (*text != '"') {
		atom->string = text_new(text, strlen(text));
		return 0;
	}
	json = json_loads(text, JSON_DECODE_ANY, &json_err);
	if (!json_is_string(json))
		return errbuf_set(err, -EINVAL, "%s: not a quoted string as in JSON", text);
	atom->string = text_new(json_string_value(json), json_string_length(json));
	return 0;
}

static bool is_word_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(text, *words))
			return true;
	return false;
}

static int parse_boolean(const char *text, union atom *atom, struct errbuf *err)
{
	static const char *const yes[] = {"true", "yes", "on", "1", NULL};
	static const char *const no[] = {"false", "no", "off", "0", NULL};

	atom->boolean = is_word_of(text, yes);
	if (atom->boolean || is_word_of(text, no))
		return 0;
	return errbuf_set(
		err, -EINVAL, "\"%s\" is not a valid boolean (use \"true\" or \"false\")", text
	);
}

static bool parse_integer(const char *text, int64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	return end != text && !*end && !errno;
}

static int
parse_uuid(const char *text, struct handles *handles, union atom *atom, struct errbuf *err)
{
	if (*text == '@' && handles) {
		atom->uuid = handles_get(handles, text)->uuid;
		return 0;
	}
	if (uuid_parse(text, &atom->uuid))
		return 0;
	return errbuf_set(err, -EINVAL, "\"%s\" is not a valid UUID", text);
}

int notation_parse_atom(
	const char *text,
	enum atom_type type,
	struct handles *handles,
	union atom *atom,
	struct errbuf *err
)
{
	char *end;

	switch (type) {
	case ATOM_INTEGER:
		if (parse_integer(text, &atom->integer))
			return 0;
		return errbuf_set(err, -EINVAL, "\"%s\" is not a valid integer or range", text);
	case ATOM_REAL:
		atom->real = strtod(text, &end);
		if (end != text && !*end)
			return 0;
		return errbuf_set(err, -EINVAL, "\"%s\" is not a valid real number", text);
	case ATOM_BOOLEAN:
		return parse_boolean(text, atom, err);
	case ATOM_STRING:
		return parse_string(text, atom, err);
	case ATOM_UUID:
		return parse_uuid(text, handles, atom, err);
	default:
		return errbuf_set(err, -EINVAL, "\"%s\": no such type", text);
	}
}

static void add_element(struct elements *elements)
{
	if (elements->n == elements->size) {
		elements->size = elements->size ? 2 * elements->size : 8;
		elements->keys = xrealloc(elements->keys, elements->size * sizeof(*elements->keys));
		elements->values =
			xrealloc(elements->values, elements->size * sizeof(*elements->values));
	}
	memset(&elements->keys[elements->n], 0, sizeof(*elements->keys));
	memset(&elements->values[elements->n], 0, sizeof(*elements->values));
	elements->n++;
}

static void elements_fini(struct elements *elements, const struct column_type *type)
{
	for (size_t i = 0; i < elements->n; i++) {
		if (type->key.type != ATOM_STRING || elements->keys[i].string)
			atom_unref(&elements->keys[i], type->key.type);
		if (type->is_map && (type->value.type != ATOM_STRING || elements->values[i].string))
			atom_unref(&elements->values[i], type->value.type);
	}
	free(elements->keys);
	free(elements->values);
}

/* "4-7" of integers. False if 'text' is something else. */
static bool is_range(const char *text, int64_t *low, int64_t *high)
{
	int end = 0;

	return sscanf(text, "%" SCNd64 "-%" SCNd64 "%n", low, high, &end) == 2 && !text[end];
}

static int parse_range(const char *text, struct elements *elements, struct errbuf *err)
{
	int64_t low = 0, high = 0;

	is_range(text, &low, &high);
	if (high < low)
		return errbuf_set(
			err,
			-EINVAL,
			"\"%s\" is not a valid range. Range end cannot be before start.",
			text
		);
	if ((uint64_t)high - (uint64_t)low >= RANGE_MAX)
		return errbuf_set(
			err,
			-EINVAL,
			"\"%s\" is not a valid range. It may have %d elements at most.",
			text,
			RANGE_MAX
		);
	for (int64_t i = 0, n = high - low; i <= n; i++) {
		add_element(elements);
		elements->keys[elements->n - 1].integer = low + i;
	}
	return 0;
}

static int parse_token_atom(
	const char **at,
	enum atom_type type,
	struct handles *handles,
	union atom *atom,
	struct errbuf *err
)
{
	struct strbuf token = STRBUF_INIT;
	const char *start = *at;
	int error = notation_token(at, &token, err);

	if (!error && *at == start)
		error = errbuf_set(
			err,
			-EINVAL,
			"unexpected \"%c\": put double quotes around strings that contain it",
			*start
		);
	if (!error)
		error = notation_parse_atom(strbuf_text(&token), type, handles, atom, err);
	strbuf_fini(&token);
	return error;
}

static int parse_element(
	const char **at,
	const struct column_type *type,
	struct handles *handles,
	struct elements *elements,
	struct errbuf *err
)
{
	int error;

	if (!type->is_map && type->key.type == ATOM_INTEGER) {
		struct strbuf token = STRBUF_INIT;
		const char *p = *at;
		int64_t low, high;

		error = notation_token(&p, &token, err);
		if (!error && is_range(strbuf_text(&token), &low, &high)) {
			error = parse_range(strbuf_text(&token), elements, err);
			strbuf_fini(&token);
			*at = p;
			return error;
		}
		strbuf_fini(&token);
		if (error)
			return error;
	}
	add_element(elements);
	error = parse_token_atom(
		at, type->key.type, handles, &elements->keys[elements->n - 1], err
	);
	if (error || !type->is_map)
		return error;
	if (**at != '=')
		return errbuf_set(
			err,
			-EINVAL,
			"a map is wanted: write KEY=VALUE, with quotes around odd strings"
		);
	++*at;
	return parse_token_atom(
		at, type->value.type, handles, &elements->values[elements->n - 1], err
	);
}

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " ");
}

static int parse_elements(
	const char *text,
	const struct column_type *type,
	struct handles *handles,
	struct elements *elements,
	struct errbuf *err
)
{
	const char *p = skip_blanks(text);
	char open = type->is_map ? '{' : '[', close = 0;

	if (*p == open) {
		close = type->is_map ? '}' : ']';
		p = skip_blanks(p + 1);
	}
	while (*p && *p != close) {
		int error = parse_element(&p, type, handles, elements, err);

		if (error)
			return error;
		p = skip_blanks(p);
		if (*p == ',')
			p = skip_blanks(p + 1);
	}
	if (!close)
		return 0;
	if (*p != close)
		return errbuf_set(err, -EINVAL, "missing \"%c\" at end of data", close);
	p = skip_blanks(p + 1);
	if (*p)
		return errbuf_set(err, -EINVAL, "trailing garbage after \"%c\"", close);
	return 0;
}

static void note_references(
	const struct elements *elements, const struct column_type *type, struct handles *handles
)
{
	struct handle *handle;

	if (!handles)
		return;
	for (size_t i = 0; i < elements->n; i++)
		HMAP_FOREACH(handle, node, &handles->map) {
			if (type->key.type == ATOM_UUID &&
			    uuid_equal(&elements->keys[i].uuid, &handle->uuid)) {
				handle->kept |= !type->key.is_weak;
				handle->weak |= type->key.is_weak;
			}
			if (type->is_map && type->value.type == ATOM_UUID &&
			    uuid_equal(&elements->values[i].uuid, &handle->uuid)) {
				handle->kept |= !type->value.is_weak;
				handle->weak |= type->value.is_weak;
			}
		}
}

/* The elements move into the datum. */
static struct datum *
make_datum(struct elements *elements, const struct column_type *type, struct errbuf *err)
{
	struct datum *datum = datum_new(type, elements->n);
	struct db_error db_err;

	if (elements->n)
		memcpy(datum->atoms, elements->keys, elements->n * sizeof(union atom));
	if (elements->n && type->is_map)
		memcpy(&datum->atoms[elements->n],
		       elements->values,
		       elements->n * sizeof(union atom));
	elements->n = 0;
	db_error_init(&db_err);
	datum = datum_finish(datum, type, &db_err);
	if (!datum)
		errbuf_set(
			err,
			-EINVAL,
			"%s contains duplicate %s",
			type->is_map ? "map" : "set",
			type->is_map ? "key" : "value"
		);
	return datum;
}

static int check_count(size_t n, const struct column_type *type, struct errbuf *err)
{
	if (n < type->min)
		return errbuf_set(
			err,
			-EINVAL,
			"%zu value(s) specified but the minimum number is %u",
			n,
			type->min
		);
	if (n > type->max)
		return errbuf_set(
			err,
			-EINVAL,
			"%zu value(s) specified but the maximum number is %u",
			n,
			type->max
		);
	return 0;
}

int notation_check(const struct datum *datum, const struct column_type *type, struct errbuf *err)
{
	struct db_error db_err;

	db_error_init(&db_err);
	if (!column_type_check(type, datum, &db_err))
		return 0;
	return errbuf_set(err, -EINVAL, "%s: %s", db_err.kind, db_err.details);
}

struct datum *notation_parse(
	const char *text,
	const struct column_type *type,
	struct handles *handles,
	struct errbuf *err
)
{
	struct elements elements = {0};
	struct datum *datum = NULL;
	int error = parse_elements(text, type, handles, &elements, err);

	if (!error)
		error = check_count(elements.n, type, err);
	if (!error) {
		note_references(&elements, type, handles);
		datum = make_datum(&elements, type, err);
	}
	elements_fini(&elements, type);
	if (!datum) {
		if (err && !strstr(err->text, text))
			errbuf_prefix(err, "%.60s: ", text);
		return NULL;
	}
	if (notation_check(datum, type, err)) {
		datum_unref(datum);
		return NULL;
	}
	return datum;
}

static bool is_plain(const char *text)
{
	struct uuid uuid;

	if (!isalpha((unsigned char)*text) && *text != '_')
		return false;
	for (const char *p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_-.", *p))
			return false;
	return strcmp(text, "true") && strcmp(text, "false") && !uuid_parse(text, &uuid);
}

void notation_print_string(const char *text, struct strbuf *out)
{
	if (is_plain(text))
		strbuf_add(out, text);
	else
		atom_print_string(text, strlen(text), out);
}

static void print_uuid(const struct uuid *uuid, struct strbuf *out)
{
	char text[UUID_TEXT_LENGTH + 1];

	uuid_format(uuid, text);
	strbuf_add(out, text);
}

void notation_print_atom(const union atom *atom, enum atom_type type, struct strbuf *out)
{
	if (type == ATOM_STRING)
		notation_print_string(atom->string->bytes, out);
	else if (type == ATOM_UUID)
		print_uuid(&atom->uuid, out);
	else
		atom_print(atom, type, out);
}

static void print_bare_atom(const union atom *atom, enum atom_type type, struct strbuf *out)
{
	if (type == ATOM_STRING)
		strbuf_add(out, atom->string->bytes);
	else
		notation_print_atom(atom, type, out);
}

void notation_print(const struct datum *datum, const struct column_type *type, struct strbuf *out)
{
	bool brackets = type->is_map || type->max > 1 || !datum->n;

	if (brackets)
		strbuf_add_char(out, type->is_map ? '{' : '[');
	for (size_t i = 0; i < datum->n; i++) {
		if (i)
			strbuf_add(out, ", ");
		notation_print_atom(datum_key(datum, i), type->key.type, out);
		if (!type->is_map)
			continue;
		strbuf_add_char(out, '=');
		notation_print_atom(datum_value(datum, i), type->value.type, out);
	}
	if (brackets)
		strbuf_add_char(out, type->is_map ? '}' : ']');
}

void notation_print_bare(
	const struct datum *datum, const struct column_type *type, struct strbuf *out
)
{
	for (size_t i = 0; i < datum->n; i++) {
		if (i)
			strbuf_add_char(out, ' ');
		print_bare_atom(datum_key(datum, i), type->key.type, out);
		if (!type->is_map)
			continue;
		strbuf_add_char(out, '=');
		print_bare_atom(datum_value(datum, i), type->value.type, out);
	}
}

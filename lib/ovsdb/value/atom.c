/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/value/atom.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/ovsdb/value/symbols.h"
#include "lib/strbuf.h"
#include "lib/types.h"

static const char *const type_names[ATOM_N_TYPES] = {
	[ATOM_INTEGER] = "integer",
	[ATOM_REAL] = "real",
	[ATOM_BOOLEAN] = "boolean",
	[ATOM_STRING] = "string",
	[ATOM_UUID] = "uuid",
};

const char *atom_type_name(enum atom_type type)
{
	return type_names[type];
}

int atom_type_find(const char *name)
{
	for (int i = 0; i < ATOM_N_TYPES; i++)
		if (!strcmp(type_names[i], name))
			return i;
	return -1;
}

int atom_compare(const union atom *a, const union atom *b, enum atom_type type)
{
	switch (type) {
	case ATOM_INTEGER:
		return (a->integer > b->integer) - (a->integer < b->integer);
	case ATOM_REAL:
		return (a->real > b->real) - (a->real < b->real);
	case ATOM_BOOLEAN:
		return a->boolean - b->boolean;
	case ATOM_STRING:
		return a->string == b->string ? 0 : strcmp(a->string->bytes, b->string->bytes);
	case ATOM_UUID:
		return uuid_compare(&a->uuid, &b->uuid);
	case ATOM_N_TYPES:
		break;
	}
	assert(!"atom type");
	return 0;
}

bool atom_equal(const union atom *a, const union atom *b, enum atom_type type)
{
	if (type == ATOM_STRING)
		return a->string == b->string;
	return !atom_compare(a, b, type);
}

uint32_t atom_hash(const union atom *atom, enum atom_type type, uint32_t basis)
{
	uint64_t bits = 0;

	switch (type) {
	case ATOM_INTEGER:
		bits = (uint64_t)atom->integer;
		break;
	case ATOM_REAL:
		/* Both zeros are equal and must hash alike. */
		if (atom->real != 0)
			memcpy(&bits, &atom->real, sizeof(bits));
		break;
	case ATOM_BOOLEAN:
		bits = atom->boolean;
		break;
	case ATOM_STRING:
		bits = atom->string->node.hash;
		break;
	case ATOM_UUID:
		bits = uuid_hash(&atom->uuid);
		break;
	case ATOM_N_TYPES:
		assert(!"atom type");
	}
	return hash_u64(bits, basis);
}

void atom_print_string(const char *bytes, size_t length, struct strbuf *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t done = 0;

	strbuf_add_char(out, '"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		strbuf_add_n(out, bytes + done, i - done);
		done = i + 1;
		if (c == '"' || c == '\\') {
			char escape[2] = {'\\', (char)c};

			strbuf_add_n(out, escape, 2);
		} else if (c == '\n') {
			strbuf_add_n(out, "\\n", 2);
		} else {
			char escape[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};

			strbuf_add_n(out, escape, 6);
		}
	}
	strbuf_add_n(out, bytes + done, length - done);
	strbuf_add_char(out, '"');
}

static void print_real(double real, struct strbuf *out)
{
	char text[40];

	/* The shortest form that reads back as the same number. */
	snprintf(text, sizeof(text), "%.15g", real);
	if (strtod(text, NULL) != real)
		snprintf(text, sizeof(text), "%.17g", real);
	strbuf_add(out, text);
	if (!strpbrk(text, ".e"))
		strbuf_add(out, ".0");
}

void atom_print(const union atom *atom, enum atom_type type, struct strbuf *out)
{
	switch (type) {
	case ATOM_INTEGER:
		strbuf_addf(out, "%lld", (long long)atom->integer);
		break;
	case ATOM_REAL:
		print_real(atom->real, out);
		break;
	case ATOM_BOOLEAN:
		strbuf_add(out, atom->boolean ? "true" : "false");
		break;
	case ATOM_STRING:
		atom_print_string(atom->string->bytes, atom->string->length, out);
		break;
	case ATOM_UUID: {
		char text[UUID_TEXT_LENGTH + 1];

		uuid_format(&atom->uuid, text);
		strbuf_add_n(out, "[\"uuid\",\"", 9);
		strbuf_add_n(out, text, UUID_TEXT_LENGTH);
		strbuf_add_n(out, "\"]", 2);
		break;
	}
	case ATOM_N_TYPES:
		assert(!"atom type");
	}
}

static int parse_uuid(
	struct uuid *uuid, const json_t *json, const struct symbols *symbols, struct db_error *err
)
{
	const char *class = json_string_value(json_array_get(json, 0));
	const char *text = json_string_value(json_array_get(json, 1));
	const struct symbol *symbol;

	if (json_array_size(json) != 2 || !class || !text)
		return db_error_set(
			err,
			db_syntax_error,
			"a UUID is written as [\"uuid\", \"…\"] or [\"named-uuid\", \"…\"]"
		);
	if (!strcmp(class, "uuid")) {
		if (uuid_parse(text, uuid))
			return 0;
		return db_error_set(err, db_syntax_error, "\"%.100s\" is not a UUID", text);
	}
	if (strcmp(class, "named-uuid"))
		return db_error_set(
			err,
			db_syntax_error,
			"\"%.100s\" stands where \"uuid\" or \"named-uuid\" is expected",
			class
		);
	symbol = symbols ? symbols_find(symbols, text) : NULL;
	if (!symbol)
		return db_error_set(
			err,
			db_syntax_error,
			"named-uuid \"%.100s\": no insert of this transaction has this uuid-name",
			text
		);
	*uuid = symbol->uuid;
	return 0;
}

static int parse_string(union atom *atom, const json_t *json, struct db_error *err)
{
	const char *bytes = json_string_value(json);
	size_t length = json_string_length(json);

	if (strlen(bytes) != length)
		return db_error_set(
			err, db_syntax_error, "strings with NUL bytes are not supported"
		);
	atom->string = text_new(bytes, length);
	return 0;
}

/* Integers may be written as reals without a fraction (1e3). */
static bool parse_integer(union atom *atom, const json_t *json)
{
	double real;

	if (json_is_integer(json)) {
		atom->integer = json_integer_value(json);
		return true;
	}
	if (!json_is_real(json))
		return false;
	real = json_real_value(json);
	if (real != trunc(real) || fabs(real) > 9e15)
		return false;
	atom->integer = (int64_t)real;
	return true;
}

int atom_parse(
	union atom *atom,
	enum atom_type type,
	const json_t *json,
	const struct symbols *symbols,
	struct db_error *err
)
{
	switch (type) {
	case ATOM_INTEGER:
		if (parse_integer(atom, json))
			return 0;
		break;
	case ATOM_REAL:
		if (json_is_number(json)) {
			atom->real = json_number_value(json);
			return 0;
		}
		break;
	case ATOM_BOOLEAN:
		if (json_is_boolean(json)) {
			atom->boolean = json_is_true(json);
			return 0;
		}
		break;
	case ATOM_STRING:
		if (json_is_string(json))
			return parse_string(atom, json, err);
		break;
	case ATOM_UUID:
		return parse_uuid(&atom->uuid, json, symbols, err);
	case ATOM_N_TYPES:
		assert(!"atom type");
	}
	return db_error_set(err, db_syntax_error, "%s expected", atom_type_name(type));
}

json_t *atom_json(const union atom *atom, enum atom_type type)
{
	char text[UUID_TEXT_LENGTH + 1];

	switch (type) {
	case ATOM_INTEGER:
		return json_integer(atom->integer);
	case ATOM_REAL:
		return json_real(atom->real);
	case ATOM_BOOLEAN:
		return json_boolean(atom->boolean);
	case ATOM_STRING:
		return json_stringn_nocheck(atom->string->bytes, atom->string->length);
	case ATOM_UUID:
		uuid_format(&atom->uuid, text);
		return json_pack("[s,s]", "uuid", text);
	case ATOM_N_TYPES:
		break;
	}
	assert(!"atom type");
	return NULL;
}

void atom_set_default(union atom *atom, enum atom_type type)
{
	memset(atom, 0, sizeof(*atom));
	if (type == ATOM_STRING)
		atom->string = text_new("", 0);
}

void atom_ref(const union atom *atom, enum atom_type type)
{
	if (type == ATOM_STRING)
		text_ref(atom->string);
}

void atom_unref(const union atom *atom, enum atom_type type)
{
	if (type == ATOM_STRING)
		text_unref(atom->string);
}

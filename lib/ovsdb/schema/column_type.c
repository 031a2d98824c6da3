/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/schema/column_type.h"

#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/xmalloc.h"

static void base_init(struct base_type *base, enum atom_type type)
{
	memset(base, 0, sizeof(*base));
	base->type = type;
	base->max_length = UINT32_MAX;
}

static void base_fini(struct base_type *base)
{
	datum_unref(base->enum_values);
	free(base->ref_table);
	base->enum_values = NULL;
	base->ref_table = NULL;
}

static int parse_enum(struct base_type *base, const json_t *json, struct db_error *err)
{
	const struct column_type set = {.key = *base, .max = COLUMN_TYPE_UNLIMITED};

	if (!json)
		return 0;
	base->enum_values = datum_parse(json, &set, NULL, err);
	if (!base->enum_values)
		return -1;
	if (!base->enum_values->n)
		return db_error_set(err, db_syntax_error, "an enum needs at least one value");
	return 0;
}

static int parse_bound(
	union atom *bound, bool *has, enum atom_type type, const json_t *json, struct db_error *err
)
{
	if (!json)
		return 0;
	if (atom_parse(bound, type, json, NULL, err))
		return -1;
	*has = true;
	return 0;
}

static int parse_range(struct base_type *base, const json_t *json, struct db_error *err)
{
	bool is_integer = base->type == ATOM_INTEGER;
	const json_t *min, *max;

	if (base->type != ATOM_INTEGER && base->type != ATOM_REAL)
		return 0;
	min = json_object_get(json, is_integer ? "minInteger" : "minReal");
	max = json_object_get(json, is_integer ? "maxInteger" : "maxReal");
	if (parse_bound(&base->min, &base->has_min, base->type, min, err) ||
	    parse_bound(&base->max, &base->has_max, base->type, max, err))
		return -1;
	if (base->has_min && base->has_max && atom_compare(&base->min, &base->max, base->type) > 0)
		return db_error_set(err, db_syntax_error, "the minimum exceeds the maximum");
	return 0;
}

static int parse_length(uint32_t *length, const json_t *json, struct db_error *err)
{
	if (!json)
		return 0;
	if (!json_is_integer(json) || json_integer_value(json) < 0 ||
	    json_integer_value(json) > UINT32_MAX)
		return db_error_set(
			err, db_syntax_error, "a length is a number from 0 to 4294967295"
		);
	*length = (uint32_t)json_integer_value(json);
	return 0;
}

static int parse_lengths(struct base_type *base, const json_t *json, struct db_error *err)
{
	if (base->type != ATOM_STRING)
		return 0;
	if (parse_length(&base->min_length, json_object_get(json, "minLength"), err) ||
	    parse_length(&base->max_length, json_object_get(json, "maxLength"), err))
		return -1;
	if (base->min_length > base->max_length)
		return db_error_set(err, db_syntax_error, "minLength exceeds maxLength");
	return 0;
}

static int parse_reference(struct base_type *base, const json_t *json, struct db_error *err)
{
	const json_t *table = json_object_get(json, "refTable");
	const json_t *kind = json_object_get(json, "refType");
	const char *kind_text = json_string_value(kind);

	if (base->type != ATOM_UUID)
		return 0;
	if (table && !json_is_string(table))
		return db_error_set(err, db_syntax_error, "refTable is not a string");
	if (!table)
		return 0;
	base->ref_table = xstrdup(json_string_value(table));
	if (!kind)
		return 0;
	if (!kind_text || (strcmp(kind_text, "strong") && strcmp(kind_text, "weak")))
		return db_error_set(err, db_syntax_error, "refType is \"strong\" or \"weak\"");
	base->is_weak = !strcmp(kind_text, "weak");
	return 0;
}

static int base_parse(struct base_type *base, const json_t *json, struct db_error *err)
{
	const json_t *name = json_is_object(json) ? json_object_get(json, "type") : json;
	int type = json_is_string(name) ? atom_type_find(json_string_value(name)) : -1;

	if (type < 0)
		return db_error_set(
			err,
			db_syntax_error,
			"an atomic type is integer, real, boolean, string or uuid"
		);
	base_init(base, (enum atom_type)type);
	if (!json_is_object(json))
		return 0;
	if (!parse_enum(base, json_object_get(json, "enum"), err) &&
	    !parse_range(base, json, err) && !parse_lengths(base, json, err) &&
	    !parse_reference(base, json, err))
		return 0;
	base_fini(base);
	return -1;
}

static int parse_count(unsigned *count, const json_t *json, bool is_max, struct db_error *err)
{
	json_int_t n = json_integer_value(json);

	if (!json)
		return 0;
	if (is_max && json_is_string(json) && !strcmp(json_string_value(json), "unlimited")) {
		*count = COLUMN_TYPE_UNLIMITED;
		return 0;
	}
	if (!json_is_integer(json) || n < is_max || n > (is_max ? INT_MAX : 1))
		return db_error_set(
			err,
			db_syntax_error,
			is_max ? "max is a number from 1 up or \"unlimited\"" : "min is 0 or 1"
		);
	*count = (unsigned)n;
	return 0;
}

int column_type_parse(struct column_type *type, const json_t *json, struct db_error *err)
{
	const json_t *value;

	memset(type, 0, sizeof(*type));
	type->min = type->max = 1;
	if (!json_is_object(json))
		return base_parse(&type->key, json, err);

	value = json_object_get(json, "value");
	if (parse_count(&type->min, json_object_get(json, "min"), false, err) ||
	    parse_count(&type->max, json_object_get(json, "max"), true, err) ||
	    base_parse(&type->key, json_object_get(json, "key"), err))
		return -1;
	if (!value)
		return 0;
	type->is_map = true;
	if (!base_parse(&type->value, value, err))
		return 0;
	base_fini(&type->key);
	return -1;
}

void column_type_fini(struct column_type *type)
{
	base_fini(&type->key);
	base_fini(&type->value);
}

static size_t count_characters(const struct text *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->length; i++)
		n += ((unsigned char)text->bytes[i] & 0xc0) != 0x80;
	return n;
}

static int check_string(const struct base_type *base, const struct text *text, struct db_error *err)
{
	size_t n;

	if (!base->min_length && base->max_length == UINT32_MAX)
		return 0;
	n = count_characters(text);
	if (n >= base->min_length && n <= base->max_length)
		return 0;
	return db_error_set(
		err,
		db_constraint_violation,
		"\"%.60s\" has %zu characters; %u to %u are allowed",
		text->bytes,
		n,
		base->min_length,
		base->max_length
	);
}

static bool in_range(const struct base_type *base, const union atom *atom)
{
	if (base->has_min && atom_compare(atom, &base->min, base->type) < 0)
		return false;
	return !base->has_max || atom_compare(atom, &base->max, base->type) <= 0;
}

static char *atom_text(const union atom *atom, enum atom_type type)
{
	json_t *json = atom_json(atom, type);
	char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);

	json_decref(json);
	return text;
}

static char *enum_text(const struct base_type *base)
{
	const struct column_type set = {.key = *base, .max = COLUMN_TYPE_UNLIMITED};
	json_t *json = datum_json(base->enum_values, &set);
	char *text = json_dumps(
		json_is_array(json) ? json_array_get(json, 1) : json, JSON_ENCODE_ANY | JSON_COMPACT
	);

	json_decref(json);
	return text;
}

static int refuse_atom(const struct base_type *base, const union atom *atom, struct db_error *err)
{
	char *text = atom_text(atom, base->type);

	if (base->enum_values) {
		char *allowed = enum_text(base);

		db_error_set(
			err, db_constraint_violation, "%.60s is not one of %.250s", text, allowed
		);
		free(allowed);
	} else {
		char *min = base->has_min ? atom_text(&base->min, base->type) : NULL;
		char *max = base->has_max ? atom_text(&base->max, base->type) : NULL;

		db_error_set(
			err,
			db_constraint_violation,
			"%.60s is not in the range %s to %s",
			text,
			min ? min : "(any)",
			max ? max : "(any)"
		);
		free(min);
		free(max);
	}
	free(text);
	return -1;
}

static int check_atom(const struct base_type *base, const union atom *atom, struct db_error *err)
{
	if (base->enum_values && datum_find(base->enum_values, atom, base->type) < 0)
		return refuse_atom(base, atom, err);
	if ((base->has_min || base->has_max) && !in_range(base, atom))
		return refuse_atom(base, atom, err);
	if (base->type == ATOM_STRING)
		return check_string(base, atom->string, err);
	return 0;
}

static bool is_constrained(const struct base_type *base)
{
	return base->enum_values || base->has_min || base->has_max || base->min_length ||
		base->max_length != UINT32_MAX;
}

int column_type_check(
	const struct column_type *type, const struct datum *datum, struct db_error *err
)
{
	/* One that grew by a mutation; what is parsed was counted before it was read. */
	if (datum->n > DATUM_MAX)
		return db_error_set(
			err,
			"resources exhausted",
			"a value may have %d elements, not %u",
			DATUM_MAX,
			(unsigned)datum->n
		);
	if (datum->n < type->min || datum->n > type->max)
		return db_error_set(
			err,
			db_constraint_violation,
			type->max == COLUMN_TYPE_UNLIMITED ? "%u elements given, %u or more needed"
							   : "%u elements given, %u to %u allowed",
			(unsigned)datum->n,
			type->min,
			type->max
		);
	if (is_constrained(&type->key))
		for (size_t i = 0; i < datum->n; i++)
			if (check_atom(&type->key, datum_key(datum, i), err))
				return -1;
	if (type->is_map && is_constrained(&type->value))
		for (size_t i = 0; i < datum->n; i++)
			if (check_atom(&type->value, datum_value(datum, i), err))
				return -1;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/value/datum.h"

#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/schema/column_type.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

static_assert(sizeof(struct datum) == 8, "datum: atoms must follow the header at once");
static_assert(offsetof(struct datum_one, atom) == sizeof(struct datum), "datum_one mirrors datum");

/* Datums used in very many places (empty sets, false) would be shared; they still cost little. */
static struct datum *datum_alloc(const struct column_type *type, size_t n)
{
	size_t n_atoms = type->is_map ? 2 * n : n;
	struct datum *datum = xmalloc(sizeof(*datum) + n_atoms * sizeof(union atom));

	datum->refs = 1;
	datum->n = n;
	datum->is_map = type->is_map;
	datum->has_string_keys = type->key.type == ATOM_STRING;
	datum->has_string_values = type->is_map && type->value.type == ATOM_STRING;
	return datum;
}

static void datum_free(struct datum *datum)
{
	if (datum->has_string_keys)
		for (size_t i = 0; i < datum->n; i++)
			text_unref(datum_key(datum, i)->string);
	if (datum->has_string_values)
		for (size_t i = 0; i < datum->n; i++)
			text_unref(datum_value(datum, i)->string);
	free(datum);
}

void datum_unref(const struct datum *datum)
{
	struct datum *d = (struct datum *)datum;

	if (d && !--d->refs)
		datum_free(d);
}

struct datum *datum_new(const struct column_type *type, size_t n)
{
	assert(n <= DATUM_MAX);
	return datum_alloc(type, n);
}

struct pair {
	union atom key, value;
};

static int pair_compare(const void *a, const void *b, void *type)
{
	return atom_compare(
		&((const struct pair *)a)->key,
		&((const struct pair *)b)->key,
		*(enum atom_type *)type
	);
}

static int key_compare(const void *a, const void *b, void *type)
{
	return atom_compare(a, b, *(enum atom_type *)type);
}

static void sort_pairs(struct datum *datum, enum atom_type key_type)
{
	size_t n = datum->n;
	struct pair *pairs = XNEW_N(struct pair, n);

	for (size_t i = 0; i < n; i++) {
		pairs[i].key = datum->atoms[i];
		pairs[i].value = datum->atoms[n + i];
	}
	qsort_r(pairs, n, sizeof(*pairs), pair_compare, &key_type);
	for (size_t i = 0; i < n; i++) {
		datum->atoms[i] = pairs[i].key;
		datum->atoms[n + i] = pairs[i].value;
	}
	free(pairs);
}

static bool is_sorted(const struct datum *datum, enum atom_type key_type)
{
	for (size_t i = 1; i < datum->n; i++)
		if (atom_compare(&datum->atoms[i - 1], &datum->atoms[i], key_type) >= 0)
			return false;
	return true;
}

struct datum *
datum_finish(struct datum *take_datum, const struct column_type *type, struct db_error *err)
{
	struct datum *datum = take_datum;
	enum atom_type key_type = type->key.type;

	if (is_sorted(datum, key_type))
		return datum;
	if (datum->is_map)
		sort_pairs(datum, key_type);
	else
		qsort_r(datum->atoms, datum->n, sizeof(union atom), key_compare, &key_type);
	if (is_sorted(datum, key_type))
		return datum;
	db_error_set(
		err,
		db_constraint_violation,
		datum->is_map ? "map contains a key twice" : "set contains an element twice"
	);
	datum_free(datum);
	return NULL;
}

struct datum *datum_new_empty(const struct column_type *type)
{
	return datum_alloc(type, 0);
}

struct datum *datum_new_default(const struct column_type *type)
{
	struct datum *datum = datum_alloc(type, type->min ? 1 : 0);

	if (type->min) {
		atom_set_default(&datum->atoms[0], type->key.type);
		if (type->is_map)
			atom_set_default(&datum->atoms[1], type->value.type);
	}
	return datum;
}

static struct datum *new_scalar(enum atom_type type, union atom atom)
{
	struct datum *datum = xmalloc(sizeof(*datum) + sizeof(atom));

	memset(datum, 0, sizeof(*datum));
	datum->refs = 1;
	datum->n = 1;
	datum->has_string_keys = type == ATOM_STRING;
	datum->atoms[0] = atom;
	return datum;
}

struct datum *datum_new_integer(int64_t value)
{
	return new_scalar(ATOM_INTEGER, (union atom){.integer = value});
}

struct datum *datum_new_boolean(bool value)
{
	return new_scalar(ATOM_BOOLEAN, (union atom){.boolean = value});
}

struct datum *datum_new_string(const char *value)
{
	return new_scalar(ATOM_STRING, (union atom){.string = text_new(value, strlen(value))});
}

struct datum *datum_new_uuid(const struct uuid *value)
{
	return new_scalar(ATOM_UUID, (union atom){.uuid = *value});
}

void datum_one_init(struct datum_one *one, const struct uuid *value)
{
	struct datum *datum = (struct datum *)one;

	memset(one, 0, sizeof(*one));
	datum->refs = 1;
	datum->n = 1;
	one->atom.uuid = *value;
}

/* Sorts and drops repetitions. */
static struct datum *finish_set(struct datum *datum, enum atom_type type)
{
	size_t n = 0;

	if (is_sorted(datum, type))
		return datum;
	qsort_r(datum->atoms, datum->n, sizeof(union atom), key_compare, &type);
	for (size_t i = 0; i < datum->n; i++) {
		if (n && atom_equal(&datum->atoms[n - 1], &datum->atoms[i], type))
			atom_unref(&datum->atoms[i], type);
		else
			datum->atoms[n++] = datum->atoms[i];
	}
	datum->n = n;
	return datum;
}

struct datum *datum_new_uuid_set(const struct uuid *uuids, size_t n)
{
	const struct column_type type = {.key.type = ATOM_UUID};
	struct datum *datum = datum_new(&type, n);

	for (size_t i = 0; i < n; i++)
		datum->atoms[i].uuid = uuids[i];
	return finish_set(datum, ATOM_UUID);
}

struct datum *datum_new_string_set(const json_t *array)
{
	const struct column_type type = {.key.type = ATOM_STRING};
	struct datum *datum = datum_new(&type, json_array_size(array));
	const json_t *string;
	size_t i;

	json_array_foreach(array, i, string)
		datum->atoms[i].string =
			text_new(json_string_value(string), json_string_length(string));
	return finish_set(datum, ATOM_STRING);
}

static struct text *text_new_json(const json_t *json)
{
	struct text *text;
	char *dump;

	if (json_is_string(json))
		return text_new(json_string_value(json), json_string_length(json));
	dump = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	text = text_new(dump, strlen(dump));
	free(dump);
	return text;
}

struct datum *datum_new_string_map(const json_t *object)
{
	const struct column_type type = {
		.key.type = ATOM_STRING, .value.type = ATOM_STRING, .is_map = true};
	size_t n = json_object_size(object), i = 0;
	struct datum *datum = datum_new(&type, n);
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) {
		datum->atoms[i].string = text_new(key, strlen(key));
		datum->atoms[n + i].string = text_new_json(value);
		i++;
	}
	return datum_finish(datum, &type, NULL);
}

struct datum *datum_new_integer_map(const json_t *object)
{
	const struct column_type type = {
		.key.type = ATOM_STRING, .value.type = ATOM_INTEGER, .is_map = true};
	size_t n = json_object_size(object), i = 0;
	struct datum *datum = datum_new(&type, n);
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) {
		datum->atoms[i].string = text_new(key, strlen(key));
		datum->atoms[n + i].integer = json_integer_value(value);
		i++;
	}
	return datum_finish(datum, &type, NULL);
}

bool datum_equal(const struct datum *a, const struct datum *b, const struct column_type *type)
{
	if (a == b)
		return true;
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!atom_equal(datum_key(a, i), datum_key(b, i), type->key.type))
			return false;
	if (type->is_map)
		for (size_t i = 0; i < a->n; i++)
			if (!atom_equal(datum_value(a, i), datum_value(b, i), type->value.type))
				return false;
	return true;
}

uint32_t datum_hash(const struct datum *datum, const struct column_type *type, uint32_t basis)
{
	for (size_t i = 0; i < datum->n; i++)
		basis = atom_hash(datum_key(datum, i), type->key.type, basis);
	if (type->is_map)
		for (size_t i = 0; i < datum->n; i++)
			basis = atom_hash(datum_value(datum, i), type->value.type, basis);
	return basis;
}

long datum_find(const struct datum *datum, const union atom *key, enum atom_type type)
{
	size_t low = 0, high = datum->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = atom_compare(key, datum_key(datum, middle), type);

		if (!order)
			return (long)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

long datum_find_string(const struct datum *datum, const char *key)
{
	size_t low = 0, high = datum->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(key, datum_key(datum, middle)->string->bytes);

		if (!order)
			return (long)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

/* Is other's i-th element or pair in 'datum'? */
static bool has_element(
	const struct datum *datum,
	const struct datum *other,
	size_t i,
	const struct column_type *type
)
{
	long at = datum_find(datum, datum_key(other, i), type->key.type);

	if (at < 0)
		return false;
	return !datum->is_map || !other->is_map ||
		atom_equal(datum_value(datum, (size_t)at), datum_value(other, i), type->value.type);
}

bool datum_includes(
	const struct datum *datum, const struct datum *other, const struct column_type *type
)
{
	for (size_t i = 0; i < other->n; i++)
		if (!has_element(datum, other, i, type))
			return false;
	return true;
}

bool datum_excludes(
	const struct datum *datum, const struct datum *other, const struct column_type *type
)
{
	for (size_t i = 0; i < other->n; i++)
		if (has_element(datum, other, i, type))
			return false;
	return true;
}

/* Merging two sorted datums. 'rule' says which side an element that both have is taken from. */
enum take {
	TAKE_NONE,
	TAKE_A,
	TAKE_B
};

struct merge {
	const struct datum *a, *b;
	const struct column_type *type;
	struct datum *out;
	size_t capacity;
};

static void copy_atoms(union atom *to, const union atom *from, size_t n, enum atom_type type)
{
	memcpy(to, from, n * sizeof(*to));
	if (type == ATOM_STRING)
		for (size_t i = 0; i < n; i++)
			atom_ref(&to[i], type);
}

/* Takes 'n' of 'from', the first of them 'i'. */
static void merge_add(struct merge *merge, const struct datum *from, size_t i, size_t n)
{
	union atom *keys = &merge->out->atoms[merge->out->n];
	const struct column_type *type = merge->type;

	copy_atoms(keys, datum_key(from, i), n, type->key.type);
	if (merge->out->is_map)
		copy_atoms(keys + merge->capacity, datum_value(from, i), n, type->value.type);
	merge->out->n += n;
}

/* How many keys of 'a' from 'i' on, the first of which does, come before 'key': one port more
 * among thousands is not compared with each. */
static size_t
count_before(const struct datum *a, size_t i, const union atom *key, enum atom_type type)
{
	size_t low = 1, high = 1;

	while (i + high < a->n && atom_compare(datum_key(a, i + high), key, type) < 0) {
		low = high + 1;
		high *= 2;
	}
	if (i + high > a->n)
		high = a->n - i;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (atom_compare(datum_key(a, i + middle), key, type) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool same_value(const struct merge *merge, size_t i, size_t j)
{
	if (!merge->a->is_map || !merge->b->is_map)
		return true;
	return atom_equal(
		datum_value(merge->a, i), datum_value(merge->b, j), merge->type->value.type
	);
}

static struct datum *merge_end(struct merge *merge)
{
	struct datum *out = merge->out;
	size_t n = out->n;

	if (n == merge->capacity)
		return out;
	if (out->is_map)
		memmove(&out->atoms[n], &out->atoms[merge->capacity], n * sizeof(union atom));
	return xrealloc(out, sizeof(*out) + (out->is_map ? 2 * n : n) * sizeof(union atom));
}

static struct datum *
datum_merge(struct merge *merge, enum take (*rule)(bool is_same_value), bool take_only_b)
{
	const struct datum *a = merge->a, *b = merge->b;
	size_t i = 0, j = 0;

	merge->capacity = (size_t)a->n + (take_only_b ? b->n : 0);
	merge->out = datum_alloc(merge->type, merge->capacity);
	merge->out->n = 0;
	while (i < a->n || (j < b->n && take_only_b)) {
		enum atom_type type = merge->type->key.type;
		int order = i == a->n ? 1
			: j == b->n   ? -1
				      : atom_compare(datum_key(a, i), datum_key(b, j), type);

		if (order < 0) {
			size_t n = j == b->n ? a->n - i : count_before(a, i, datum_key(b, j), type);

			merge_add(merge, a, i, n);
			i += n;
		} else if (order > 0) {
			if (take_only_b)
				merge_add(merge, b, j, 1);
			j++;
		} else {
			enum take take = rule(same_value(merge, i, j));

			if (take == TAKE_A)
				merge_add(merge, a, i, 1);
			else if (take == TAKE_B)
				merge_add(merge, b, j, 1);
			i++;
			j++;
		}
	}
	return merge_end(merge);
}

static enum take rule_union(bool is_same_value)
{
	return TAKE_A;
}

static enum take rule_subtract(bool is_same_value)
{
	return is_same_value ? TAKE_NONE : TAKE_A;
}

static enum take rule_diff(bool is_same_value)
{
	return is_same_value ? TAKE_NONE : TAKE_B;
}

struct datum *
datum_union(const struct datum *a, const struct datum *b, const struct column_type *type)
{
	return datum_merge(&(struct merge){.a = a, .b = b, .type = type}, rule_union, true);
}

struct datum *
datum_subtract(const struct datum *a, const struct datum *b, const struct column_type *type)
{
	return datum_merge(&(struct merge){.a = a, .b = b, .type = type}, rule_subtract, false);
}

struct datum *
datum_diff(const struct datum *old, const struct datum *new, const struct column_type *type)
{
	if (!column_type_is_composite(type))
		return datum_ref(new);
	return datum_merge(&(struct merge){.a = old, .b = new, .type = type}, rule_diff, true);
}

/* The same merge once more: what stands in both with one value goes, the rest comes. */
struct datum *
datum_apply_diff(const struct datum *old, const struct datum *diff, const struct column_type *type)
{
	return datum_diff(old, diff, type);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Datums: the values of columns, each a sorted set of atoms or a map from atoms to atoms. A scalar
 * is a set of one.
 *
 * A datum never changes once made and counts its references: rows, their older versions, monitors
 * and the transaction history share it, and "has it changed?" usually is a comparison of pointers.
 * Another thread may read a datum for which the main thread holds a reference.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/ovsdb/value/atom.h"

struct column_type;
struct db_error;
struct strbuf;
struct symbols;

struct datum {
	uint32_t refs;
	uint32_t n : 29;
	uint32_t is_map : 1;
	uint32_t has_string_keys : 1;
	uint32_t has_string_values : 1;
	union atom atoms[]; /* n keys in order, then, of a map, their n values */
};

/* A datum of exactly one atom, to embed. Its count never reaches zero. */
struct datum_one {
	uint32_t refs;
	uint32_t flags;
	union atom atom;
};

enum {
	DATUM_MAX = 1 << 20 /* elements; a transaction with more is refused */
};

/* Any thread. */

static inline const union atom *datum_key(const struct datum *datum, size_t i)
{
	return &datum->atoms[i];
}

static inline const union atom *datum_value(const struct datum *datum, size_t i)
{
	return &datum->atoms[datum->n + i];
}

bool datum_equal(const struct datum *a, const struct datum *b, const struct column_type *type);
uint32_t datum_hash(const struct datum *datum, const struct column_type *type, uint32_t basis);
/* The index of 'key', or -1. */
long datum_find(const struct datum *datum, const union atom *key, enum atom_type type);
/* The index of a string key, or -1. */
long datum_find_string(const struct datum *datum, const char *key);
/* True if 'datum' has all ('includes') or none ('excludes') of 'other's elements or pairs. */
bool datum_includes(
	const struct datum *datum, const struct datum *other, const struct column_type *type
);
bool datum_excludes(
	const struct datum *datum, const struct datum *other, const struct column_type *type
);
/* Appends the value as JSON text, as RFC 7047 writes it. */
void datum_print(const struct datum *datum, const struct column_type *type, struct strbuf *out);

/* Main thread. */

static inline struct datum *datum_ref(const struct datum *datum)
{
	struct datum *d = (struct datum *)datum;

	d->refs++;
	return d;
}

void datum_unref(const struct datum *datum); /* NULL is fine */

/* An unsorted datum to be filled in, then given to datum_finish(). 'n' may be lowered between. */
struct datum *datum_new(const struct column_type *type, size_t n);
/* Sorts; fails (and frees) when an element or key occurs twice. */
struct datum *
datum_finish(struct datum *take_datum, const struct column_type *type, struct db_error *err);

struct datum *datum_new_empty(const struct column_type *type);
struct datum *datum_new_default(const struct column_type *type);
struct datum *datum_new_integer(int64_t value);
struct datum *datum_new_boolean(bool value);
struct datum *datum_new_string(const char *value);
struct datum *datum_new_uuid(const struct uuid *value);
/* A string-to-string map from an object (values that are not strings are written as JSON). */
struct datum *datum_new_string_map(const json_t *object);
/* A string-to-integer map from an object of integers. */
struct datum *datum_new_integer_map(const json_t *object);
/* A set of strings from an array of strings; repetitions are dropped. */
struct datum *datum_new_string_set(const json_t *array);
/* A set of 'n' UUIDs; repetitions are dropped. */
struct datum *datum_new_uuid_set(const struct uuid *uuids, size_t n);
void datum_one_init(struct datum_one *one, const struct uuid *value);

/* RFC 7047's <value>. Checks the type, not the number of elements and the constraints of atoms
 * (see column_type_check). */
struct datum *datum_parse(
	const json_t *json,
	const struct column_type *type,
	const struct symbols *symbols,
	struct db_error *err
);
json_t *datum_json(const struct datum *datum, const struct column_type *type);

/* 'a' with 'b's elements (of a map: those pairs whose key 'a' lacks). */
struct datum *
datum_union(const struct datum *a, const struct datum *b, const struct column_type *type);
/* 'a' without 'b's elements; of a map, without those pairs, or without those keys if 'b' is a set. */
struct datum *
datum_subtract(const struct datum *a, const struct datum *b, const struct column_type *type);
/* What turns 'old' into 'new', in the form of update2 and of the journal: the new value for types
 * that hold one element at most, else the elements that are in one of them only (of a map: also
 * the new pairs of keys whose values differ). */
struct datum *
datum_diff(const struct datum *old, const struct datum *new, const struct column_type *type);
struct datum *
datum_apply_diff(const struct datum *old, const struct datum *diff, const struct column_type *type);

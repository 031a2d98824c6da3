/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Atoms: the scalar values of OVSDB. What type an atom has, its holder knows.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/ovsdb/value/text.h"
#include "lib/ovsdb/value/uuid.h"

struct db_error;
struct strbuf;
struct symbols;

enum atom_type {
	ATOM_INTEGER,
	ATOM_REAL,
	ATOM_BOOLEAN,
	ATOM_STRING,
	ATOM_UUID,
	ATOM_N_TYPES
};

union atom {
	int64_t integer;
	double real;
	bool boolean;
	struct text *string;
	struct uuid uuid;
};

/* Any thread. */

const char *atom_type_name(enum atom_type type);
/* -1 when there is no such type. */
int atom_type_find(const char *name);
int atom_compare(const union atom *a, const union atom *b, enum atom_type type);
bool atom_equal(const union atom *a, const union atom *b, enum atom_type type);
uint32_t atom_hash(const union atom *atom, enum atom_type type, uint32_t basis);
/* Appends the atom as JSON text. */
void atom_print(const union atom *atom, enum atom_type type, struct strbuf *out);
/* Appends 'bytes' as a JSON string. */
void atom_print_string(const char *bytes, size_t length, struct strbuf *out);

/* Main thread. */

/* Parses RFC 7047's <atom>. Named UUIDs are looked up in 'symbols' (NULL: not allowed here). */
int atom_parse(
	union atom *atom,
	enum atom_type type,
	const json_t *json,
	const struct symbols *symbols,
	struct db_error *err
);
json_t *atom_json(const union atom *atom, enum atom_type type);
/* 0, 0.0, false, "", the zero UUID. */
void atom_set_default(union atom *atom, enum atom_type type);
/* Both do something for strings only. */
void atom_ref(const union atom *atom, enum atom_type type);
void atom_unref(const union atom *atom, enum atom_type type);

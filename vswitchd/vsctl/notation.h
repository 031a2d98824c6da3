/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Notation: how people write the values of columns on a command line, and how we print them.
 *
 *	br0   "two words"   [1, 2, 3]   1-5   {key=value, other="x y"}   @handle
 *
 * Brackets may be left out on input; a string needs quotes when it holds one of :=,[]{}!<> or a
 * blank, or looks like another type.  */

#include <stdbool.h>

#include "lib/ovsdb/value/atom.h"

struct column_type;
struct datum;
struct errbuf;
struct handles;
struct strbuf;

/* Main thread. */

/* Appends to 'token' what stands at '*at' up to a delimiter outside quotes; moves '*at' there. */
int notation_token(const char **at, struct strbuf *token, struct errbuf *err);
/* The whole of 'text' is one atom. The handles are for UUIDs. */
int notation_parse_atom(
	const char *text,
	enum atom_type type,
	struct handles *handles,
	union atom *atom,
	struct errbuf *err
);
/* Checks the number of elements and every constraint too. NULL on failure. */
struct datum *notation_parse(
	const char *text,
	const struct column_type *type,
	struct handles *handles,
	struct errbuf *err
);
/* As a "constraint violation" sentence. */
int notation_check(const struct datum *datum, const struct column_type *type, struct errbuf *err);

void notation_print_string(const char *text, struct strbuf *out);
void notation_print_atom(const union atom *atom, enum atom_type type, struct strbuf *out);
void notation_print(const struct datum *datum, const struct column_type *type, struct strbuf *out);
/* Without brackets and quotes, elements separated by blanks. */
void notation_print_bare(
	const struct datum *datum, const struct column_type *type, struct strbuf *out
);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Options: what may stand in a configuration map (options, other_config), and how to read it.
 *
 * A table of struct option describes every key: it checks what users wrote, gives defaults, and
 * prints the documentation. Values are strings in the database; a checked map is read through
 * option_get_*, which cannot fail.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct errbuf;

enum option_kind {
	OPTION_STRING,
	OPTION_BOOL, /* "true" or "false", in any case */
	OPTION_INT, /* decimal or 0x…, within min…max */
	OPTION_MAC,
	OPTION_IPV4, /* an address */
	OPTION_ENUM, /* one of 'choices', separated by '|' */
	OPTION_LIST, /* decimal numbers from 0, separated by commas */
	OPTION_HEX, /* up to 'max' hexadecimal digits, maybe behind 0x */
};

enum option_apply {
	OPTION_LIVE, /* takes effect at once */
	OPTION_REOPEN, /* the port is opened again */
	OPTION_RESTART, /* takes effect when the daemon starts */
	OPTION_IGNORED, /* accepted because clients write it; does nothing here */
	OPTION_KEPT, /* for other programs, which write and read it */
};

struct option {
	const char *name; /* may end in '*': a family of keys */
	enum option_kind kind;
	enum option_apply apply;
	bool required;
	int64_t min, max; /* OPTION_INT; both 0: any. OPTION_HEX: 'max' digits */
	const char *choices; /* OPTION_ENUM */
	const char *default_text; /* NULL: none */
	const char *help; /* one or two sentences */
};

/* Main thread. */

/* Checks the object 'map' (string values) against 'options' (n of them). Reports the first
 * unknown key (with the nearest known one), wrong value or missing required key; 'what' names the
 * thing configured, for the sentence. */
int option_check(
	const struct option *options, int n, const json_t *map, const char *what, struct errbuf *err
);

/* Values out of a checked map, or the option's default, or the given fallback. */
const char *option_get_string(const json_t *map, const char *name, const char *fallback);
bool option_get_bool(const json_t *map, const char *name, bool fallback);
int64_t option_get_int(const json_t *map, const char *name, int64_t fallback);

/* 'text' may be NULL; what is no truth value is the fallback. */
bool option_parse_bool(const char *text, bool fallback);
/* Whether it is 1 to 'most' hexadecimal digits, maybe behind 0x. */
bool option_is_hex(const char *text, size_t most);
/* False if 'text' is no number, or not one that the option may have. */
bool option_parse_int(const struct option *option, const char *text, int64_t *value);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Config: what every table, column and key of the database means.
 *
 * The schema says which values are possible; this says what they do, what a key may hold, and when
 * a change applies. One file per subject describes its tables. From it come the checks of what
 * users write, "vsctl describe", and the man page. The options of an interface belong to its port
 * type and are described there.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/option.h"
#include "lib/registry.h"

enum config_use {
	CONFIG_USED, /* the daemon acts on it */
	CONFIG_STATUS, /* the daemon writes it */
	CONFIG_STORED, /* kept for other programs */
	CONFIG_LATER, /* accepted, but this version does not act on it */
};

struct config_column {
	const char *name;
	enum config_use use;
	const char *help;
	const char *moot; /* where nothing acts on it: the value that is so anyhow, or NULL */
	const struct option *keys; /* of a map; NULL if there is nothing to say */
	int n_keys;
	uint16_t
		port; /* of a column of addresses (lib/stream/address.h): the port if none is named */
};

struct config_table {
	const char *name;
	const char *help;
	const struct config_column *columns;
	int n_columns;
};

REGISTRY_DECLARE(config_table, const struct config_table);

/* Main thread. */

const struct config_table *config_find_table(const char *name);
const struct config_column *config_find_column(const struct config_table *table, const char *name);
/* The description of one key, or of the family it belongs to. */
const struct option *config_find_key(const struct config_column *column, const char *key);

/* What is said of a setting that nothing acts on: of what thing, and which one it is. */
#define CONFIG_NO_EFFECT "%s: %s has no effect in this version"

/* One thing wrong with a map: an unknown key, an impossible value, or a key without effect. */
typedef void config_complain_fn(void *owner, const char *key, const char *sentence);

/* Checks every pair of 'map' (string values), which is column 'name' of the thing 'what' ("Bridge
 * br0"). Returns how many complaints there were. */
int config_check(
	const struct config_table *table,
	const char *name,
	const json_t *map,
	const char *what,
	config_complain_fn *complain,
	void *owner
);
/* Reports the keys of 'column' that differ between two maps and that the daemon reads only when it
 * starts. */
void config_check_restart(
	const struct config_column *column,
	const json_t *before,
	const json_t *now,
	const char *what,
	config_complain_fn *complain,
	void *owner
);

/* The options of Interface.type 'type': '*n' of them, which is -1 if there is no such type. */
const struct option *config_port_options(const char *type, int *n);
/* As config_check(), for a map described by 'options'; 'where' begins each sentence. */
int config_check_options(
	const struct option *options,
	int n,
	const json_t *map,
	const char *where,
	config_complain_fn *complain,
	void *owner
);

/* Rows of the tables below, for the files of this folder. */

#define CONFIG_TEXT(key, when, text)                                                               \
	{                                                                                          \
		.name = (key), .kind = OPTION_STRING, .apply = OPTION_##when, .help = (text)       \
	}
#define CONFIG_HEX(key, digits, when, text)                                                        \
	{                                                                                          \
		.name = (key), .kind = OPTION_HEX, .apply = OPTION_##when, .max = (digits),        \
		.help = (text)                                                                     \
	}
#define CONFIG_LIST(key, when, text)                                                               \
	{                                                                                          \
		.name = (key), .kind = OPTION_LIST, .apply = OPTION_##when, .help = (text)         \
	}
#define CONFIG_INT(key, low, high, start, when, text)                                              \
	{                                                                                          \
		.name = (key), .kind = OPTION_INT, .apply = OPTION_##when, .min = (low),           \
		.max = (high), .default_text = (start), .help = (text)                             \
	}
#define CONFIG_BOOL(key, start, when, text)                                                        \
	{                                                                                          \
		.name = (key), .kind = OPTION_BOOL, .apply = OPTION_##when,                        \
		.default_text = (start), .help = (text)                                            \
	}
#define CONFIG_MAC(key, when, text)                                                                \
	{                                                                                          \
		.name = (key), .kind = OPTION_MAC, .apply = OPTION_##when, .help = (text)          \
	}
#define CONFIG_IPV4(key, start, when, text)                                                        \
	{                                                                                          \
		.name = (key), .kind = OPTION_IPV4, .apply = OPTION_##when,                        \
		.default_text = (start), .help = (text)                                            \
	}
#define CONFIG_ENUM(key, words, start, when, text)                                                 \
	{                                                                                          \
		.name = (key), .kind = OPTION_ENUM, .apply = OPTION_##when, .choices = (words),    \
		.default_text = (start), .help = (text)                                            \
	}
#define CONFIG_COLUMN(column, how, text)                                                           \
	{                                                                                          \
		.name = (column), .use = CONFIG_##how, .help = (text)                              \
	}
/* Where nothing acts on it, and one value is so anyhow. */
#define CONFIG_COLUMN_LATER(column, same, text)                                                    \
	{                                                                                          \
		.name = (column), .use = CONFIG_LATER, .moot = (same), .help = (text)              \
	}
#define CONFIG_ADDRESS(column, number, how, text)                                                  \
	{                                                                                          \
		.name = (column), .use = CONFIG_##how, .help = (text), .port = (number)            \
	}
#define CONFIG_MAP(column, how, table, text)                                                       \
	{                                                                                          \
		.name = (column), .use = CONFIG_##how, .help = (text), .keys = (table),            \
		.n_keys = sizeof(table) / sizeof((table)[0])                                       \
	}
#define CONFIG_TABLE(id, table_name, rows, text)                                                   \
	static const struct config_table config_##id = {                                           \
		.name = (table_name),                                                              \
		.help = (text),                                                                    \
		.columns = (rows),                                                                 \
		.n_columns = sizeof(rows) / sizeof((rows)[0]),                                     \
	};                                                                                         \
	REGISTRY_ADD(config_table, config_##id)

/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

#include <stdio.h>
#include <string.h>

#include "lib/errbuf.h"

const struct config_table *config_find_table(const char *name)
{
	REGISTRY_FOREACH(config_table, table)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

const struct config_column *config_find_column(const struct config_table *table, const char *name)
{
	for (int i = 0; i < table->n_columns; i++)
		if (!strcmp(table->columns[i].name, name))
			return &table->columns[i];
	return NULL;
}

static bool key_matches(const char *pattern, const char *key)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return !strncmp(pattern, key, n - 1);
	return !strcmp(pattern, key);
}

const struct option *config_find_key(const struct config_column *column, const char *key)
{
	for (int i = 0; i < column->n_keys; i++)
		if (key_matches(column->keys[i].name, key))
			return &column->keys[i];
	return NULL;
}

/* One pair at a time: option_check() stops at the first fault, and a row may have several. */
static bool check_pair(
	const struct config_column *column,
	const char *key,
	json_t *value,
	const char *where,
	struct errbuf *err
)
{
	const struct option *option = config_find_key(column, key);
	json_auto_t *pair = json_pack("{sO}", key, value);

	if (option_check(column->keys, column->n_keys, pair, where, err))
		return false;
	if (option && option->apply == OPTION_IGNORED) {
		errbuf_set(
			err,
			0,
			"%s: %s=%s has no effect in this version",
			where,
			key,
			json_string_value(value)
		);
		return false;
	}
	return true;
}

int config_check(
	const struct config_table *table,
	const char *name,
	const json_t *map,
	const char *what,
	config_complain_fn *complain,
	void *owner
)
{
	const struct config_column *column = config_find_column(table, name);
	int n_complaints = 0;
	const char *key;
	json_t *value;
	char where[192];

	if (!column || !column->n_keys || column->use == CONFIG_STORED ||
	    column->use == CONFIG_STATUS)
		return 0;
	snprintf(where, sizeof(where), "%s: %s", what, name);
	json_object_foreach((json_t *)map, key, value) {
		struct errbuf err;

		errbuf_init(&err);
		if (check_pair(column, key, value, where, &err))
			continue;
		n_complaints++;
		complain(owner, key, err.text);
	}
	return n_complaints;
}

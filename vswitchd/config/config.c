/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datapath/port.h"
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

static const struct option *find_option(const struct option *options, int n, const char *key)
{
	for (int i = 0; i < n; i++)
		if (key_matches(options[i].name, key))
			return &options[i];
	return NULL;
}

const struct option *config_find_key(const struct config_column *column, const char *key)
{
	return find_option(column->keys, column->n_keys, key);
}

const struct option *config_port_options(const char *type, int *n)
{
	const char *name = *type ? type : "system";

	REGISTRY_FOREACH(port_type, known) {
		if (strcmp(known->name, name))
			continue;
		*n = known->n_options;
		return known->options;
	}
	*n = -1;
	return NULL;
}

/* Who asks for what is so anyhow misses nothing. */
static bool is_default(const struct option *option, const char *value)
{
	return option->default_text && !strcasecmp(value, option->default_text);
}

static bool pair_is_good(
	const struct option *options,
	int n,
	const char *key,
	json_t *value,
	const char *where,
	struct errbuf *err
)
{
	const struct option *option = find_option(options, n, key);
	json_auto_t *pair = json_pack("{sO}", key, value);

	if (!option) {
		/* Says so, with the nearest key; a required one is not missed here. */
		option_check(options, n, pair, where, err);
		return false;
	}
	if (option_check(option, 1, pair, where, err))
		return false;
	if (option->apply != OPTION_IGNORED || is_default(option, json_string_value(value)))
		return true;
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

/* One pair at a time: option_check() stops at the first fault, and a row may have several. */
int config_check_options(
	const struct option *options,
	int n,
	const json_t *map,
	const char *where,
	config_complain_fn *complain,
	void *owner
)
{
	int n_complaints = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)map, key, value) {
		struct errbuf err;

		errbuf_init(&err);
		if (!json_is_string(value))
			continue;
		if (pair_is_good(options, n, key, value, where, &err))
			continue;
		n_complaints++;
		complain(owner, key, err.text);
	}
	return n_complaints;
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
	char where[192];

	if (!column || !column->n_keys || column->use == CONFIG_STORED ||
	    column->use == CONFIG_STATUS)
		return 0;
	snprintf(where, sizeof(where), "%s: %s", what, name);
	return config_check_options(column->keys, column->n_keys, map, where, complain, owner);
}

void config_check_restart(
	const struct config_column *column,
	const json_t *before,
	const json_t *now,
	const char *what,
	config_complain_fn *complain,
	void *owner
)
{
	for (int i = 0; i < column->n_keys; i++) {
		const char *key = column->keys[i].name;
		json_t *value = json_object_get(now, key);
		struct errbuf err;

		if (column->keys[i].apply != OPTION_RESTART)
			continue;
		if (json_equal(value, json_object_get(before, key)) ||
		    (!value && !json_object_get(before, key)))
			continue;
		errbuf_init(&err);
		errbuf_set(
			&err,
			0,
			"%s: %s: %s %s takes effect when the daemon is started again",
			what,
			column->name,
			value ? "the new value of" : "the removal of",
			key
		);
		complain(owner, key, err.text);
	}
}

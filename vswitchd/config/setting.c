/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/setting.h"

#include <stddef.h>

#include "lib/option.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "vswitchd/config/config.h"

static const struct option *describe(const struct db_row *row, unsigned index, const char *key)
{
	const struct schema_table *schema = db_table_schema(db_row_table(row));
	const struct config_table *table = config_find_table(schema->name);
	const struct config_column *column =
		table ? config_find_column(table, schema->columns[index].name) : NULL;

	return column ? config_find_key(column, key) : NULL;
}

int64_t
setting_get_int(const struct db_row *row, unsigned column, const char *key, int64_t fallback)
{
	const char *text = row ? db_row_map_get(row, column, key) : NULL;
	const struct option *option = text ? describe(row, column, key) : NULL;
	int64_t value;

	return option && option_parse_int(option, text, &value) ? value : fallback;
}

bool setting_get_bool(const struct db_row *row, unsigned column, const char *key, bool fallback)
{
	const char *text = row ? db_row_map_get(row, column, key) : NULL;

	return option_parse_bool(text, fallback);
}

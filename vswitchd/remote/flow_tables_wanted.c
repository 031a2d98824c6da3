/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/remote/flow_tables_wanted.h"

#include <string.h>

#include "lib/ovsdb/db_row.h"
#include "lib/xmalloc.h"
#include "vswitchd/rows.h"

enum {
	TABLES = 254
};

void flow_tables_wanted_read(const struct db_row *bridge_row, struct bridge_config *config)
{
	unsigned n = (unsigned)db_row_count(bridge_row, BRIDGE_FLOW_TABLES);
	struct bridge_table_config *tables = XNEW_N(struct bridge_table_config, n + 1);

	config->tables = tables;
	for (unsigned i = 0; i < n; i++) {
		int64_t number = db_row_integer_at(bridge_row, BRIDGE_FLOW_TABLES, i);
		struct flow_table_row row;

		flow_table_row_read(&row, db_row_ref_at(bridge_row, BRIDGE_FLOW_TABLES, i));
		if (number < 0 || number >= TABLES)
			continue;
		tables[config->n_tables++] = (struct bridge_table_config){
			.number = (uint8_t)number,
			.name = row.name ? row.name : "",
			.max_rules = row.flow_limit && *row.flow_limit <= UINT32_MAX
				? (uint32_t)*row.flow_limit
				: UINT32_MAX,
			.evicts = row.overflow_policy && !strcmp(row.overflow_policy, "evict"),
		};
	}
}

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
		const struct db_row *row = db_row_ref_at(bridge_row, BRIDGE_FLOW_TABLES, i);
		int64_t number = db_row_integer_at(bridge_row, BRIDGE_FLOW_TABLES, i);
		int64_t limit = db_row_integer(row, FLOW_TABLE_FLOW_LIMIT, UINT32_MAX);

		if (number < 0 || number >= TABLES)
			continue;
		tables[config->n_tables++] = (struct bridge_table_config){
			.number = (uint8_t)number,
			.name = db_row_string(row, FLOW_TABLE_NAME, ""),
			.max_rules = limit > UINT32_MAX ? UINT32_MAX : (uint32_t)limit,
			.evicts =
				!strcmp(db_row_string(row, FLOW_TABLE_OVERFLOW_POLICY, ""),
					"evict"),
		};
	}
}

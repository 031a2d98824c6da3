/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/remote/flow_tables_wanted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/xmalloc.h"
#include "ofproto/tables/eviction.h"
#include "vswitchd/complaints.h"
#include "vswitchd/rows.h"

enum {
	TABLES = 254
};

/* A field that cannot be read is left out, which is complained of. */
static void read_groups(
	struct eviction_fields *groups,
	const char *bridge,
	unsigned table,
	const struct db_row *row,
	const struct datum *set
)
{
	char *what = xasprintf("bridge %s: table %u: groups", bridge, table);
	struct errbuf err;

	errbuf_init(&err);
	for (size_t i = 0; set && i < set->n; i++) {
		const char *name = datum_key(set, i)->string->bytes;

		if (groups->n == EVICTION_FIELDS)
			errbuf_set(&err, -E2BIG, "%s: %d fields are enough", name, EVICTION_FIELDS);
		else if (!subfield_parse(&groups->list[groups->n], name, &err))
			groups->n++;
	}
	char *text = err.error ? xasprintf("%s: %s", what, err.text) : xstrdup("");

	complaints_log_of_row(row, what, text);
	free(text);
	free(what);
}

void flow_tables_wanted_read(const struct db_row *bridge_row, struct bridge_config *config)
{
	unsigned n = (unsigned)db_row_count(bridge_row, BRIDGE_FLOW_TABLES);
	struct bridge_table_config *tables;
	struct eviction_fields *groups;

	/* Freed together. */
	tables = xcalloc(n + 1, sizeof(*tables) + sizeof(*groups));
	groups = (struct eviction_fields *)(tables + n + 1);
	config->tables = tables;
	for (unsigned i = 0; i < n; i++) {
		int64_t number = db_row_integer_at(bridge_row, BRIDGE_FLOW_TABLES, i);
		const struct db_row *table = db_row_ref_at(bridge_row, BRIDGE_FLOW_TABLES, i);
		struct flow_table_row row;

		flow_table_row_read(&row, table);
		if (number < 0 || number >= TABLES)
			continue;
		read_groups(
			&groups[config->n_tables], config->name, (unsigned)number, table, row.groups
		);
		tables[config->n_tables] = (struct bridge_table_config){
			.number = (uint8_t)number,
			.groups = &groups[config->n_tables],
			.name = row.name ? row.name : "",
			.max_rules = row.flow_limit && *row.flow_limit <= UINT32_MAX
				? (uint32_t)*row.flow_limit
				: UINT32_MAX,
			.evicts = row.overflow_policy && !strcmp(row.overflow_policy, "evict"),
		};
		config->n_tables++;
	}
}

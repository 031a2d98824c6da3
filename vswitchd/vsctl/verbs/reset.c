/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"

/* Verbs about the switch as a whole.  */

/* The row of Open_vSwitch is made by any command that finds it missing. */
static int init(struct call *call, struct errbuf *err)
{
	request_root(call->request);
	return 0;
}

static int comment(struct call *call, struct errbuf *err)
{
	return 0;
}

/* What keeps a switch from being plain, column by column. */
static const struct clean {
	const char *table;
	const char *column;
} cleans[] = {
	{.table = "Open_vSwitch", .column = "manager_options"},
	{.table = "Open_vSwitch", .column = "ssl"},
	{.table = "Bridge", .column = "controller"},
	{.table = "Bridge", .column = "fail_mode"},
	{.table = "Bridge", .column = "mirrors"},
	{.table = "Bridge", .column = "netflow"},
	{.table = "Bridge", .column = "sflow"},
	{.table = "Bridge", .column = "ipfix"},
};

static void clean_bridge_config(struct request *request, struct db_row *bridge)
{
	const char *hwaddr = attr_map_get(bridge, "other_config", "hwaddr");
	json_t *map = json_object();

	if (hwaddr)
		json_object_set_new(map, "hwaddr", json_string(hwaddr));
	attr_set(request, bridge, "other_config", datum_new_string_map(map));
	json_decref(map);
}

static void clean_other_config(struct request *request, struct db_table *table)
{
	const struct schema_table *schema = db_table_schema(table);

	if (!schema_find_column(schema, "other_config"))
		return;
	DB_ROW_FOREACH(row, table) {
		if (!strcmp(schema->name, "Bridge"))
			clean_bridge_config(request, row);
		else
			attr_clear(request, row, "other_config");
	}
}

static int emer_reset(struct call *call, struct errbuf *err)
{
	struct db *db = call->request->db;

	request_root(call->request);
	for (size_t i = 0; i < sizeof(cleans) / sizeof(cleans[0]); i++)
		DB_ROW_FOREACH(row, db_find_table(db, cleans[i].table))
			attr_clear(call->request, row, cleans[i].column);
	for (unsigned i = 0; i < db_schema(db)->n_tables; i++)
		clean_other_config(call->request, db_get_table(db, i));
	return 0;
}

static const struct verb verb_init = {
	.name = "init",
	.group = "Switch",
	.usage = "",
	.run = init,
	.help = "make the database ready, as every command does",
};
REGISTRY_ADD(verb, verb_init);

static const struct verb verb_comment = {
	.name = "comment",
	.group = "Rows of the database",
	.usage = "[WORD]...",
	.takes = "text",
	.max_args = VERB_ANY,
	.run = comment,
	.help = "do nothing but be noted in the journal",
};
REGISTRY_ADD(verb, verb_comment);

static const struct verb verb_emer_reset = {
	.name = "emer-reset",
	.group = "Switch",
	.usage = "",
	.run = emer_reset,
	.help = "clear controllers, managers, TLS, mirrors and other_config",
};
REGISTRY_ADD(verb, verb_emer_reset);

/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_switch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "datapath/datapath.h"
#include "datapath/port.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/xmalloc.h"
#include "vswitchd/compat.h"
#include "vswitchd/complaints.h"
#include "vswitchd/rows.h"

static json_t *port_type_names(void)
{
	json_t *names = json_array();

	REGISTRY_FOREACH(port_type, type)
		if (!type->test_only)
			json_array_append_new(names, json_string(type->name));
	return names;
}

/* The value of 'key' in /etc/os-release, without quotes. */
static char *os_release(const char *key)
{
	FILE *file = fopen("/etc/os-release", "r");
	char line[256], *value = NULL;
	size_t n = strlen(key);

	while (file && !value && fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, n) || line[n] != '=')
			continue;
		line[strcspn(line, "\n")] = '\0';
		char *text = line + n + 1;
		size_t quoted = *text == '"';

		value = xstrndup(text + quoted, strcspn(text + quoted, "\""));
	}
	if (file)
		fclose(file);
	return value ? value : xstrdup("unknown");
}

/* Told once: an operator's own words stay. */
static void write_system(struct db_txn *txn, struct db_row *row)
{
	char *type, *version;

	if (db_row_count(row, OPEN_VSWITCH_SYSTEM_TYPE))
		return;
	type = os_release("ID");
	version = os_release("VERSION_ID");
	db_txn_set_string(txn, row, OPEN_VSWITCH_SYSTEM_TYPE, type);
	db_txn_set_string(txn, row, OPEN_VSWITCH_SYSTEM_VERSION, version);
	free(type);
	free(version);
}

/* They belong to the switch as a whole. */
static void complain_of_managers(const struct db_row *row)
{
	char *text = NULL;

	for (size_t i = 0; i < db_row_count(row, OPEN_VSWITCH_MANAGER_OPTIONS) && !text; i++)
		text = complaints_find(
			db_row_ref_at(row, OPEN_VSWITCH_MANAGER_OPTIONS, i), "Manager", "Manager"
		);
	complaints_log_of_switch("managers", text ? text : "");
	free(text);
}

void writeback_switch(struct db_txn *txn, struct db_row *row, struct db *db, bool in_force)
{
	json_t *types = port_type_names();
	json_t *datapath_types = json_pack("[s,s]", "netdev", "system");

	free(complaints_check(row, "Open_vSwitch", "the switch"));
	complain_of_managers(row);
	db_txn_set(txn, row, OPEN_VSWITCH_IFACE_TYPES, datum_new_string_set(types));
	db_txn_set(txn, row, OPEN_VSWITCH_DATAPATH_TYPES, datum_new_string_set(datapath_types));
	db_txn_set_string(txn, row, OPEN_VSWITCH_OVS_VERSION, COMPATIBLE_VERSION);
	db_txn_set_string(txn, row, OPEN_VSWITCH_DB_VERSION, db_schema(db)->version);
	db_txn_set_boolean(txn, row, OPEN_VSWITCH_DPDK_INITIALIZED, true);
	db_txn_set_string(txn, row, OPEN_VSWITCH_DPDK_VERSION, datapath_dpdk_version());
	if (in_force)
		db_txn_set_integer(
			txn,
			row,
			OPEN_VSWITCH_CUR_CFG,
			db_row_integer(row, OPEN_VSWITCH_NEXT_CFG, 0)
		);
	write_system(txn, row);
	json_decref(types);
	json_decref(datapath_types);
}

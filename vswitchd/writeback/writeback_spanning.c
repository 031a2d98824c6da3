/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_spanning.h"

#include <string.h>

#include <jansson.h>

#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/value/datum.h"
#include "ofproto/spanning/spanning.h"
#include "vswitchd/rows.h"

/* Replaces what we wrote before, and leaves what others did. */
static json_t *read_others(const struct db_row *row, unsigned column, const char *prefix)
{
	json_t *map = db_row_map_json(row, column), *value;
	const char *key;
	void *next;

	json_object_foreach_safe(map, next, key, value)
		if (!strncmp(key, prefix, strlen(prefix)))
			json_object_del(map, key);
	return map;
}

static void set_strings(struct db_txn *txn, struct db_row *row, unsigned column, json_t *take_map)
{
	db_txn_set(txn, row, column, datum_new_string_map(take_map));
	json_decref(take_map);
}

static void set_integers(struct db_txn *txn, struct db_row *row, unsigned column, json_t *take_map)
{
	db_txn_set(txn, row, column, datum_new_integer_map(take_map));
	json_decref(take_map);
}

static void write_port(struct db_txn *txn, struct db_row *row, const struct bridge *bridge)
{
	const char *name = db_row_string(row, PORT_NAME, "");
	bool written = db_row_count(row, PORT_STATUS) || db_row_count(row, PORT_RSTP_STATUS) ||
		db_row_count(row, PORT_RSTP_STATISTICS) || db_row_count(row, PORT_STATISTICS);

	if (!written && !spanning_has_port(bridge, name))
		return;
	json_t *map = read_others(row, PORT_STATUS, "stp_");

	json_object_del(map, "bpdu_guard");
	spanning_add_port_status(bridge, name, SPANNING_STP, map);
	set_strings(txn, row, PORT_STATUS, map);
	map = read_others(row, PORT_RSTP_STATUS, "rstp_");
	spanning_add_port_status(bridge, name, SPANNING_RSTP, map);
	set_strings(txn, row, PORT_RSTP_STATUS, map);
	map = json_object();
	spanning_add_port_statistics(bridge, name, SPANNING_RSTP, map);
	set_integers(txn, row, PORT_RSTP_STATISTICS, map);
	map = json_object();
	spanning_add_port_statistics(bridge, name, SPANNING_STP, map);
	set_integers(txn, row, PORT_STATISTICS, map);
}

void writeback_spanning(struct db_txn *txn, struct db_row *row)
{
	const struct bridge *bridge = bridge_find(db_row_string(row, BRIDGE_NAME, ""));
	json_t *map = read_others(row, BRIDGE_STATUS, "stp_");

	spanning_add_status(bridge, SPANNING_STP, map);
	set_strings(txn, row, BRIDGE_STATUS, map);
	map = read_others(row, BRIDGE_RSTP_STATUS, "rstp_");
	spanning_add_status(bridge, SPANNING_RSTP, map);
	set_strings(txn, row, BRIDGE_RSTP_STATUS, map);
	for (size_t i = 0; i < db_row_count(row, BRIDGE_PORTS); i++)
		write_port(txn, db_row_ref_at(row, BRIDGE_PORTS, i), bridge);
}

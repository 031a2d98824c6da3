/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_bridge.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "lib/control/version.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/value/datum.h"
#include "ofproto/bridge.h"
#include "vswitchd/l2/faults.h"
#include "vswitchd/l2/mac_wanted.h"
#include "vswitchd/rows.h"
#include "vswitchd/writeback/writeback_l2.h"
#include "vswitchd/writeback/writeback_port.h"
#include "vswitchd/writeback/writeback_spanning.h"

void writeback_bridge(struct db_txn *txn, struct db_row *row)
{
	char *complaint = faults_of_bridge(row);
	json_t *status = db_row_map_json(row, BRIDGE_STATUS);
	char id[17];

	snprintf(id, sizeof(id), "%016llx", mac_wanted_datapath_id(row));
	db_txn_set_string(txn, row, BRIDGE_DATAPATH_ID, id);
	db_txn_set_string(txn, row, BRIDGE_DATAPATH_VERSION, version_get());
	if (complaint)
		json_object_set_new(status, "config_error", json_string(complaint));
	else
		json_object_del(status, "config_error");
	db_txn_set(txn, row, BRIDGE_STATUS, datum_new_string_map(status));
	json_decref(status);
	free(complaint);

	for (size_t i = 0; i < db_row_count(row, BRIDGE_PORTS); i++) {
		struct db_row *port = db_row_ref_at(row, BRIDGE_PORTS, i);

		for (size_t j = 0; j < db_row_count(port, PORT_INTERFACES); j++)
			writeback_port(txn, db_row_ref_at(port, PORT_INTERFACES, j), port, row);
	}
}

void writeback_bridge_status(struct db_txn *txn, struct db_row *row)
{
	writeback_spanning(txn, row);
	writeback_l2(txn, row);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/remote/controllers_wanted.h"

#include <string.h>

#include <jansson.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge.h"
#include "vswitchd/complaints.h"
#include "vswitchd/remote/conn_wanted.h"
#include "vswitchd/remote/tls_wanted.h"
#include "vswitchd/rows.h"

/* The column protocols, 1 << version each; 0: all versions. */
static uint32_t read_versions(const struct db_row *bridge_row)
{
	uint32_t versions = 0;

	/* "OpenFlow13" is version 4, "OpenFlow10" 1. */
	for (size_t i = 0; i < db_row_count(bridge_row, BRIDGE_PROTOCOLS); i++) {
		const char *name = db_row_string_at(bridge_row, BRIDGE_PROTOCOLS, i);
		size_t n = strlen(name);

		if (n && name[n - 1] >= '0' && name[n - 1] <= '5')
			versions |= 2U << (name[n - 1] - '0');
	}
	return versions;
}

static unsigned number_or_zero(const int64_t *number)
{
	return (unsigned)conn_wanted_number(number, 0);
}

void controllers_wanted_read(const struct db_row *bridge_row, struct bridge_config *config)
{
	struct bridge_controller_config *controllers;
	unsigned n = (unsigned)db_row_count(bridge_row, BRIDGE_CONTROLLER);

	controllers = XNEW_N(struct bridge_controller_config, n);
	for (unsigned i = 0; i < n; i++) {
		struct controller_row row;

		controller_row_read(&row, db_row_ref_at(bridge_row, BRIDGE_CONTROLLER, i));
		controllers[i] = (struct bridge_controller_config){
			.target = row.target,
			.service = row.type && !strcmp(row.type, "service"),
			.quiet = row.enable_async_messages && !*row.enable_async_messages,
			.probe_ms = conn_wanted_number(row.inactivity_probe, -1),
			.max_backoff_ms = number_or_zero(row.max_backoff),
			.dscp = conn_wanted_dscp(
				db_row_ref_at(bridge_row, BRIDGE_CONTROLLER, i),
				CONTROLLER_OTHER_CONFIG
			),
			.rate_limit = number_or_zero(row.controller_rate_limit),
			.burst_limit = number_or_zero(row.controller_burst_limit),
			.queue_size = number_or_zero(row.controller_queue_size),
		};
	}
	config->controllers = controllers;
	config->n_controllers = n;
	config->queue_size = conn_wanted_queue_size(bridge_row);
	config->tls = tls_wanted_get();
	config->versions = read_versions(bridge_row);
}

static void add_seconds(json_t *status, const char *key, int64_t ms)
{
	if (ms >= 0)
		json_object_set_new(status, key, json_sprintf("%lld", (long long)ms / 1000));
}

static void write_row(struct db_txn *txn, struct db_row *row, const struct bridge *bridge, bool all)
{
	struct bridge_controller_status status;
	json_t *map;

	if (!bridge_get_controller_status(
		    bridge, db_row_string(row, CONTROLLER_TARGET, ""), &status
	    ))
		return;
	const char *state = db_row_map_get(row, CONTROLLER_STATUS, "state");

	all |= status.connected != db_row_boolean(row, CONTROLLER_IS_CONNECTED, false) || !state ||
		strcmp(state, status.state);
	db_txn_set_boolean(txn, row, CONTROLLER_IS_CONNECTED, status.connected);
	db_txn_set_string(txn, row, CONTROLLER_ROLE, status.role);
	if (!all)
		return;
	map = json_pack("{s:s}", "state", status.state);
	add_seconds(map, "sec_since_connect", status.connected_ms);
	add_seconds(map, "sec_since_disconnect", status.disconnected_ms);
	if (status.last_error)
		json_object_set_new(map, "last_error", json_string(status.last_error));
	db_txn_set(txn, row, CONTROLLER_STATUS, datum_new_string_map(map));
	json_decref(map);
}

void controllers_wanted_write(struct db *db, bool all)
{
	struct db_table *bridges = db_find_table(db, "Bridge");
	struct db_txn *txn = db_txn_new(db);
	struct errbuf err;

	DB_ROW_FOREACH(row, bridges) {
		const struct bridge *bridge = bridge_find(db_row_string(row, BRIDGE_NAME, ""));

		for (size_t i = 0; bridge && i < db_row_count(row, BRIDGE_CONTROLLER); i++)
			write_row(txn, db_row_ref_at(row, BRIDGE_CONTROLLER, i), bridge, all);
	}
	errbuf_init(&err);
	db_txn_commit(txn, &err);
	complaints_log("Controller status", err.error ? err.text : "");
}

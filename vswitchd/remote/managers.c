/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/remote/managers.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>
#include <uv.h>

#include "lib/errbuf.h"
#include "lib/jsonrpc/remotes.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/server/db_server.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/xmalloc.h"
#include "vswitchd/complaints.h"
#include "vswitchd/remote/conn_wanted.h"
#include "vswitchd/remote/tls_wanted.h"
#include "vswitchd/rows.h"

enum {
	STATUS_MS = 5000,
	FIRST_STATUS_MS = 200, /* time enough for a connection to come up */
};

static struct {
	struct db *db;
	struct remotes *remotes;
	uv_async_t changed;
	uv_timer_t timer;
} state;

static void apply(void)
{
	const struct db_row *row = db_table_first(db_find_table(state.db, "Open_vSwitch"));
	size_t n = row ? db_row_count(row, OPEN_VSWITCH_MANAGER_OPTIONS) : 0;
	struct remotes_wanted *wanted = XNEW_N(struct remotes_wanted, n);

	if (row)
		tls_wanted_apply(row);
	for (size_t i = 0; i < n; i++) {
		struct manager_row manager;

		manager_row_read(&manager, db_row_ref_at(row, OPEN_VSWITCH_MANAGER_OPTIONS, i));
		wanted[i] = (struct remotes_wanted){
			.target = manager.target,
			.probe_ms = conn_wanted_number(manager.inactivity_probe, -1),
			.max_backoff_ms = conn_wanted_number(manager.max_backoff, 0),
			.dscp = conn_wanted_dscp(
				db_row_ref_at(row, OPEN_VSWITCH_MANAGER_OPTIONS, i),
				MANAGER_OTHER_CONFIG
			),
		};
	}
	remotes_set(state.remotes, wanted, n);
	free(wanted);
}

static void add_seconds(json_t *status, const char *key, int64_t ms)
{
	if (ms >= 0)
		json_object_set_new(status, key, json_sprintf("%lld", (long long)ms / 1000));
}

static json_t *status_json(const struct remote_status *status)
{
	json_t *map = json_object();

	json_object_set_new(map, "state", json_string(status->state));
	add_seconds(map, "sec_since_connect", status->connected_ms);
	add_seconds(map, "sec_since_disconnect", status->disconnected_ms);
	if (status->n_connections > 1)
		json_object_set_new(
			map, "n_connections", json_sprintf("%u", status->n_connections)
		);
	if (status->bound_port)
		json_object_set_new(map, "bound_port", json_sprintf("%u", status->bound_port));
	if (status->last_error)
		json_object_set_new(map, "last_error", json_string(status->last_error));
	return map;
}

static void write_status(void)
{
	struct db_table *managers = db_find_table(state.db, "Manager");
	struct db_txn *txn = db_txn_new(state.db);
	struct errbuf err;

	DB_ROW_FOREACH(row, managers) {
		struct remote_status status;

		if (!remotes_get_status(
			    state.remotes, db_row_string(row, MANAGER_TARGET, ""), &status
		    ))
			continue;
		json_t *map = status_json(&status);

		db_txn_set_boolean(txn, row, MANAGER_IS_CONNECTED, status.connected);
		db_txn_set(txn, row, MANAGER_STATUS, datum_new_string_map(map));
		json_decref(map);
	}
	errbuf_init(&err);
	db_txn_commit(txn, &err);
	complaints_log("Manager status", err.error ? err.text : "");
}

static void on_changed(uv_async_t *async)
{
	apply();
	/* However often something changes, the status is written. */
	if (uv_timer_get_due_in(&state.timer) > FIRST_STATUS_MS)
		uv_timer_start(&state.timer, state.timer.timer_cb, FIRST_STATUS_MS, STATUS_MS);
}

static void on_timer(uv_timer_t *timer)
{
	write_status();
}

static void on_commit(void *context, const struct db_commit *commit)
{
	if (!commit->by_daemon)
		uv_async_send(&state.changed);
}

void managers_start(struct db *db, struct db_server *server, struct uv_loop_s *loop)
{
	struct remote_config config;

	state.db = db;
	db_server_set_tls(server, tls_wanted_get());
	db_server_get_remote_config(server, &config);
	state.remotes = remotes_new(loop, &config);
	uv_async_init(loop, &state.changed, on_changed);
	uv_timer_init(loop, &state.timer);
	uv_timer_start(&state.timer, on_timer, STATUS_MS, STATUS_MS);
	db_add_hook(db, on_commit, NULL);
	apply();
}

void managers_stop(void)
{
	db_del_hook(state.db, on_commit, NULL);
	uv_close((uv_handle_t *)&state.changed, NULL);
	uv_close((uv_handle_t *)&state.timer, NULL);
	remotes_free(state.remotes);
}

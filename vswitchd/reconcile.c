/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/reconcile.h"

#include <stdint.h>

#include <jansson.h>
#include <uv.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "vswitchd/bridges_wanted.h"
#include "vswitchd/complaints.h"
#include "vswitchd/config/setting.h"
#include "vswitchd/datapath_rows.h"
#include "vswitchd/rows.h"
#include "vswitchd/saved_state.h"
#include "vswitchd/switch_ports.h"
#include "vswitchd/switch_wanted.h"
#include "vswitchd/writeback/writeback.h"

enum {
	STATISTICS_MS = 5000,
	CHECK_MS = 1000
};

static struct {
	struct db *db;
	uv_async_t wake; /* a commit wants a pass */
	uv_timer_t statistics;
	uv_timer_t check;
	bool strays_ended;
} state;

static struct db_row *switch_row(void)
{
	return db_table_first(db_find_table(state.db, "Open_vSwitch"));
}

static void on_statistics(uv_timer_t *timer)
{
	writeback_statistics(state.db);
}

/* Asking often is dear with many ports, so there is a least interval, as with OVS. */
static void set_statistics_interval(const struct db_row *row)
{
	uint64_t ms = (uint64_t
	)setting_get_int(row, OPEN_VSWITCH_OTHER_CONFIG, "stats-update-interval", STATISTICS_MS);

	if (uv_timer_get_repeat(&state.statistics) != ms)
		uv_timer_start(&state.statistics, on_statistics, ms, ms);
}

/* Without its row the switch has no bridges. */
static void end_all(void)
{
	switch_ports_begin();
	switch_ports_end();
	bridges_wanted_end();
	complaints_forget_deleted();
}

static void reconcile(void)
{
	if (!switch_row()) {
		end_all();
		return;
	}
	/* First, for these are transactions: a row made anew, as by "emer-reset", has none. */
	datapath_rows_write(state.db);

	struct db_row *row = switch_row();
	size_t n = db_row_count(row, OPEN_VSWITCH_BRIDGES);
	bool settled;

	saved_state_check(row);
	switch_wanted_apply(row);
	set_statistics_interval(row);
	switch_ports_begin();
	for (size_t i = 0; i < n; i++)
		bridges_wanted_ports(db_row_ref_at(row, OPEN_VSWITCH_BRIDGES, i));
	switch_ports_end();
	for (size_t i = 0; i < n; i++)
		bridges_wanted_apply(db_row_ref_at(row, OPEN_VSWITCH_BRIDGES, i));
	bridges_wanted_end();
	/* With a device still on its way there is another pass when it has come. */
	settled = switch_ports_are_settled();
	saved_state_restore(settled);
	if (!saved_state_is_awaited())
		switch_ports_poll();
	if (settled && !state.strays_ended) {
		state.strays_ended = true;
		switch_ports_end_strays();
	}
	writeback_configuration(state.db, settled);
	complaints_forget_deleted();
}

static void on_wake(uv_async_t *async)
{
	reconcile();
}

static void on_commit(void *context, const struct db_commit *commit)
{
	if (!commit->by_daemon)
		uv_async_send(&state.wake);
}

static void on_check(uv_timer_t *timer)
{
	switch_wanted_tick();
	if (switch_ports_retry_due() || switch_wanted_retry_due())
		reconcile();
	else
		writeback_links(state.db);
}

void reconcile_start(struct db *db, struct uv_loop_s *loop, const char *rundir)
{
	state.db = db;
	writeback_start(db);
	switch_ports_init(loop, reconcile);
	uv_async_init(loop, &state.wake, on_wake);
	uv_timer_init(loop, &state.statistics);
	uv_timer_init(loop, &state.check);
	uv_timer_start(&state.check, on_check, CHECK_MS, CHECK_MS);
	switch_wanted_start(db, switch_row(), reconcile);
	saved_state_start(rundir, switch_row());
	reconcile();
	switch_ports_slice();
	db_add_hook(db, on_commit, NULL);
}

bool reconcile_stop(bool cleanup)
{
	db_del_hook(state.db, on_commit, NULL);
	uv_close((uv_handle_t *)&state.wake, NULL);
	uv_close((uv_handle_t *)&state.statistics, NULL);
	uv_close((uv_handle_t *)&state.check, NULL);

	saved_state_stop(switch_row(), !cleanup);
	bool ended = switch_ports_fini(!cleanup);

	bridges_wanted_end();
	switch_wanted_stop();
	complaints_fini();
	return ended;
}

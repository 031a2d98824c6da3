/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/switch_wanted.h"

#include <uv.h>

#include "lib/ovsdb/db.h"
#include "vswitchd/l2/l2_wanted.h"
#include "vswitchd/metrics/metrics_wanted.h"
#include "vswitchd/restart_pending.h"
#include "vswitchd/vf/vf_wanted.h"
#include "vswitchd/watchdog.h"
#include "vswitchd/workers_wanted.h"

static struct db_table *interfaces;

void switch_wanted_start(struct db *db, const struct db_row *switch_row, void (*again)(void))
{
	interfaces = db_find_table(db, "Interface");
	vf_wanted_start(uv_default_loop(), again);
	restart_pending_start(switch_row);
}

void switch_wanted_stop(void)
{
	vf_wanted_stop();
	metrics_wanted_stop();
	restart_pending_stop();
}

void switch_wanted_apply(const struct db_row *switch_row)
{
	restart_pending_check(switch_row);
	workers_wanted_apply(switch_row);
	l2_wanted_configure(switch_row);
	metrics_wanted_apply(switch_row);
	/* Before ports are opened: they may be of functions that must be made first. */
	vf_wanted_begin();
	DB_ROW_FOREACH(row, interfaces)
		vf_wanted_apply(row);
	vf_wanted_end();
}

bool switch_wanted_retry_due(void)
{
	return vf_wanted_retry_due();
}

void switch_wanted_tick(void)
{
	workers_wanted_tick();
	watchdog_tick();
}

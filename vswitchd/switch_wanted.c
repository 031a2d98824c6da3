/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/switch_wanted.h"

#include "vswitchd/datapath_rows.h"
#include "vswitchd/l2/l2_wanted.h"
#include "vswitchd/metrics/metrics_wanted.h"
#include "vswitchd/restart_pending.h"
#include "vswitchd/watchdog.h"
#include "vswitchd/workers_wanted.h"

void switch_wanted_start(struct db *db, const struct db_row *switch_row)
{
	datapath_rows_write(db);
	restart_pending_start(switch_row);
}

void switch_wanted_stop(void)
{
	metrics_wanted_stop();
	restart_pending_stop();
}

void switch_wanted_apply(const struct db_row *switch_row)
{
	restart_pending_check(switch_row);
	workers_wanted_apply(switch_row);
	l2_wanted_configure(switch_row);
	metrics_wanted_apply(switch_row);
}

void switch_wanted_tick(void)
{
	workers_wanted_tick();
	watchdog_tick();
}

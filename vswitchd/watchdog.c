/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/watchdog.h"

#include "datapath/worker.h"
#include "lib/control/notify.h"
#include "lib/log.h"

LOG_TOPIC(watchdog);

void watchdog_tick(void)
{
	int stuck;

	if (!notify_watchdog_ms())
		return;
	stuck = workers_find_stuck();
	if (stuck < 0)
		notify_send("WATCHDOG=1");
	else
		log_err("worker %d makes no rounds: the watchdog is not told that all is well",
			stuck);
}

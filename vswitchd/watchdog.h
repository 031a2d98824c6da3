/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The watchdog: as long as the main loop turns and every worker makes its rounds, the service manager
 * hears so. When it does not, it ends the daemon and starts it again.  */

/* Main thread. */

/* About once a second, from the loop. */
void watchdog_tick(void);

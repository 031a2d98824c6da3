/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Telling the service manager how the daemon is, by the protocol of sd_notify(3): datagrams to the
 * socket that it names in the environment. Without one there is nobody to tell.  */

/* Main thread. */

/* "READY=1", "WATCHDOG=1", "STOPPING=1", several with newlines between. 0: told, or nobody to tell. */
int notify_send(const char *state);
/* How often, in milliseconds, the manager wants to hear WATCHDOG=1 at least; 0: it does not. */
unsigned notify_watchdog_ms(void);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Settings of the whole switch that are read once, at start: when one is changed later, the log
 * says that it waits for the next start.  */

struct db_row;

/* Main thread. */

/* Notes what 'switch_row' holds when the daemon starts. NULL is fine. */
void restart_pending_start(const struct db_row *switch_row);
/* Compares with what it holds now. */
void restart_pending_check(const struct db_row *switch_row);
void restart_pending_stop(void);

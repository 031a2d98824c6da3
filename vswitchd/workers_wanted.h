/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What Open_vSwitch.other_config says of workers: which cores, how long they may sleep.  */

struct db_row;

/* Main thread. */

/* Applies the row of Open_vSwitch. A wrong value is complained of and the default used. */
void workers_wanted_apply(const struct db_row *switch_row);
/* To be called every second. */
void workers_wanted_tick(void);

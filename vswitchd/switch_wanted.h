/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the row of Open_vSwitch asks for beside bridges: workers, limits, services of the daemon.  */

#include <stdbool.h>

struct db;
struct db_row;

/* Main thread. */

/* Before the first pass; the row may be NULL. 'again' is called when another pass is due. */
void switch_wanted_start(struct db *db, const struct db_row *switch_row, void (*again)(void));
void switch_wanted_stop(void);
/* In each pass, before bridges. */
void switch_wanted_apply(const struct db_row *switch_row);
/* Something of it was refused, and another pass may help. */
bool switch_wanted_retry_due(void);
/* Once a second. */
void switch_wanted_tick(void);

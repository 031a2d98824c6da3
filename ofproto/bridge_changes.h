/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes to bridges as they happen: collected while the main thread works on something, posted to
 * the keeper at its end. Also what starts and stops with the first and last bridge. Main thread
 * only.  */

#include <stdint.h>

struct bridge;
struct change;
struct errand;

/* Nested begins share one change; the last end posts it. */
struct change *bridge_changes_begin(void);
void bridge_changes_end(void);
/* The errand is run after the change under way was posted. */
void bridge_changes_after(struct errand *errand);
/* Posts what was collected so far, without waiting for the last end. */
void bridge_changes_flush(void);
/* Which change is under way: another number when it has been posted. */
uint64_t bridge_changes_serial(void);
/* The time since which what it brings has been there. */
int64_t bridge_changes_time(void);

/* Ends all rules of the bridge. */
void bridge_drop_rules(struct bridge *bridge, struct change *change);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a planned restart keeps that is in no database: rules, groups, meters, MACs.
 *
 * A daemon that is told to end writes it into its run directory, and the next one takes it from
 * there before ports begin to forward. One that was killed leaves nothing behind, so that bridges
 * come back as the database has them. With other_config:flow-restore-wait somebody else restores
 * the rules: until that is false again, nothing is forwarded and no controller is called.  */

#include <stdbool.h>

struct db_row;

/* Main thread. */

/* Before the first pass; the row may be NULL. */
void saved_state_start(const char *rundir, const struct db_row *switch_row);
/* Before bridges are applied: looks whether somebody still restores. */
void saved_state_check(const struct db_row *switch_row);
/* After that. 'settled': all devices there will be are there. */
void saved_state_restore(bool settled);
/* Whether ports must not forward yet. */
bool saved_state_is_awaited(void);
/* While bridges are as they were when they last forwarded. With 'keep' false nothing is kept. */
void saved_state_stop(const struct db_row *switch_row, bool keep);

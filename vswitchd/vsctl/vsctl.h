/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* vsctl: the language in which people and scripts configure the switch, spoken in the daemon.
 *
 * The client sends its words as the management command "vsctl"; they are understood here, next to
 * the database, so that errors can name what is there. All commands of one invocation are one
 * transaction. The answer, {"stdout": …, "stderr": …, "exit": …}, comes when the switch has acted
 * on the change (cur_cfg has reached next_cfg) or a wait-until is fulfilled.  */

struct db;
struct uv_loop_s;

/* Main thread. */

void vsctl_start(struct db *db, struct uv_loop_s *loop);
/* Answers whoever still waits. */
void vsctl_stop(void);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reconcile: makes the switch match the database.
 *
 * After every commit of a client the whole wanted configuration is read from the database and
 * declared to the modules below (workers, ports, bridges), each of which changes only what
 * differs. Then what came of it is written back in one transaction: port numbers, errors and, last
 * of all, that this configuration is in force (cur_cfg).  */

#include <stdbool.h>

struct db;
struct uv_loop_s;

/* Main thread. */

/* Reconciles once, at once, and then after each commit. State saved in 'rundir' is restored. */
void reconcile_start(struct db *db, struct uv_loop_s *loop, const char *rundir);
/* Closes all bridges and ports. Devices of the host that the switch made stay for the next daemon
 * unless 'cleanup'. False: as switch_ports_fini(). */
bool reconcile_stop(bool cleanup);

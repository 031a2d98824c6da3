/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Writing back: what the daemon tells the database's readers.  */

#include <stdbool.h>

struct db;
struct db_txn;

/* Main thread. */

/* What reconciling changed: port numbers, errors, what bridges report and, if so, that 'next_cfg' is
 * in force. One transaction. */
void writeback_configuration(struct db *db, bool in_force);
/* What changes by itself: statistics, link states, status. */
void writeback_statistics(struct db *db);
/* Link states and connections alone, which users wait for. */
/* From now on what bridges find out by themselves is written at once. */
void writeback_start(struct db *db);
void writeback_links(struct db *db);

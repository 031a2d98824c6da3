/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is written back to a row of Interface each time its counters have been looked at: they, and
 * how fast they move.  */

struct db_row;
struct db_txn;
struct switch_port;

/* Main thread. The entry has a port. */

void writeback_counters(struct db_txn *txn, struct db_row *row, struct switch_port *entry);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is written back to a row of Bridge and to the interfaces below it.  */

struct db_row;
struct db_txn;

/* Main thread. */

void writeback_bridge(struct db_txn *txn, struct db_row *row);
/* What changes by itself. */
void writeback_bridge_status(struct db_txn *txn, struct db_row *row);

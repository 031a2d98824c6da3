/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is written back to the row of Open_vSwitch.  */

#include <stdbool.h>

struct db;
struct db_row;
struct db_txn;

/* Main thread. */

/* What this switch can do and, if so, that the configuration of now is in force. The last step. */
void writeback_switch(struct db_txn *txn, struct db_row *row, struct db *db, bool in_force);

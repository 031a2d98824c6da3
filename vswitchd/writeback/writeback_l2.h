/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a bridge tells of itself as an Ethernet switch.  */

struct db_row;
struct db_txn;

/* Main thread. */

void writeback_l2(struct db_txn *txn, struct db_row *row);

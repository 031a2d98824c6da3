/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Writing back: what spanning trees say of bridges and ports.  */

struct db_row;
struct db_txn;

/* Main thread. */

void writeback_spanning(struct db_txn *txn, struct db_row *bridge_row);

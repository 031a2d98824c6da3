/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is written back to a row of Interface.  */

struct db_row;
struct db_txn;

/* Main thread. */

/* Its number, what is wrong with it, and its status. */
void writeback_port(
	struct db_txn *txn,
	struct db_row *row,
	const struct db_row *lport,
	const struct db_row *bridge_row
);
void writeback_port_statistics(struct db_txn *txn, struct db_row *row);
/* Whether its link is up: cheap, so that it can be looked at often. */
void writeback_port_link(struct db_txn *txn, struct db_row *row);

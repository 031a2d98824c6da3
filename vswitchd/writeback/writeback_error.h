/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is wrong with an interface: why it failed, or else what of its settings is odd or refused.  */

#include <stdbool.h>

struct db_row;
struct db_txn;
struct switch_port;

/* Main thread. 'entry' may be NULL; 'failed': the bridge has no such port. */

/* Clients take a port that has an error for one that failed: what is wrong with one that works is its
 * entry's advice, which the status tells. */
void writeback_error(
	struct db_txn *txn,
	struct db_row *row,
	const struct db_row *lport,
	struct switch_port *entry,
	bool works,
	bool failed
);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is wrong with an interface: why it failed, or else keys that say nothing to us.  */

#include <stdbool.h>

struct db_row;
struct db_txn;
struct switch_port;

/* Main thread. 'entry' may be NULL; 'failed': the bridge has no such port. */

void writeback_error(
	struct db_txn *txn,
	struct db_row *row,
	const struct db_row *lport,
	const struct switch_port *entry,
	bool failed
);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is wrong with an interface: why it failed, or else what of its settings is odd or refused.  */

#include <stdbool.h>

struct db_row;
struct switch_port;

/* Main thread. */

/* 'entry' may be NULL; 'failed': the bridge has no such port. To be freed; NULL: all is well. */
char *writeback_error_find(
	const struct db_row *row,
	const struct db_row *lport,
	const struct switch_port *entry,
	bool failed
);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Targets: the rows of Controller or Manager that a bridge or the switch refers to.  */

struct call;
struct db_row;
struct errbuf;

/* Main thread. */

/* Prints the targets of the rows in 'column', sorted. */
void targets_print(struct call *call, const struct db_row *row, const char *column);
/* Removes the rows from 'column'. */
void targets_clear(struct call *call, struct db_row *row, const char *column);
/* Makes the n 'targets' the rows of 'table' in 'column'. Keeps what is there if it is the same. */
int targets_set(
	struct call *call,
	struct db_row *row,
	const char *table,
	const char *const *targets,
	int n,
	struct errbuf *err
);

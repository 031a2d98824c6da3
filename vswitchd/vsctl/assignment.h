/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Assignments and conditions: the arguments COLUMN[:KEY]=VALUE of set, create, find and others.  */

#include <stdbool.h>

struct db_row;
struct db_table;
struct errbuf;
struct request;

/* Main thread. */

/* Sets what 'text' says in 'row'. */
int assignment_apply(
	struct request *request, struct db_row *row, const char *text, struct errbuf *err
);
/* Whether the row fulfills the condition 'text'. With 'row' NULL the condition is only checked for
 * sense. */
int assignment_test(
	struct request *request,
	struct db_table *table,
	const struct db_row *row,
	const char *text,
	bool *holds,
	struct errbuf *err
);
/* Takes "COLUMN[:KEY]" apart. '*key' (to be freed) is NULL when there is none. */
int assignment_split(
	const struct db_table *table,
	const char *text,
	unsigned *column,
	char **key,
	struct errbuf *err
);

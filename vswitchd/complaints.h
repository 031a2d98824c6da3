/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Complaints: what is wrong with the maps of a row (other_config and the like), in sentences.
 *
 * Unknown keys, impossible values and keys without effect are never silent: they are logged once
 * and shown in the row's status or error for as long as they stand.  */

#include <stdbool.h>
#include <stdint.h>

struct config_column;
struct db_row;
struct schema_column;

/* Main thread. */

/* Checks all described maps of 'row', a row of 'table', which a user knows as 'what' ("port p0").
 * Returns the sentences, separated by "; ", to be freed; NULL: all is well. */
char *complaints_find(const struct db_row *row, const char *table, const char *what);
/* The same, and logs what is new. */
char *complaints_check(const struct db_row *row, const char *table, const char *what);
/* Whether the row's column asks for what this version does not do. */
bool complaints_is_ineffective(
	const struct db_row *row,
	const struct schema_column *column,
	const struct config_column *known
);

/* Logs 'text' as a warning unless the same was said of 'what' the last time. Empty: all is well
 * again. */
void complaints_log(const char *what, const char *text);
/* The same of something that belongs to a row, until that is deleted. */
void complaints_log_of_row(const struct db_row *row, const char *what, const char *text);
/* Forgets what was said of rows that are no more: it is news when they come back. */
void complaints_forget_deleted(void);
/* The same of the switch as a whole, for which no row has a column. */
void complaints_log_of_switch(const char *what, const char *text);
/* Calls 'tell' with each sentence of those that stand now, if it was first said after 'since', a result
 * of complaints_now(); 0: always. */
typedef void complaints_tell_fn(void *context, const char *what, const char *text);
void complaints_foreach_of_switch(uint64_t since, complaints_tell_fn *tell, void *context);
uint64_t complaints_now(void);
void complaints_fini(void);

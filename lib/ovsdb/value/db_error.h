/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Errors of RFC 7047: a kind that programs test for and a sentence for people.  */

#include <stdbool.h>

#include <jansson.h>

struct db_error {
	const char *kind; /* a string constant; NULL when nothing went wrong */
	char details[400];
};

extern const char db_syntax_error[];
extern const char db_constraint_violation[];
extern const char db_integrity_violation[];

/* Any thread. */

static inline void db_error_init(struct db_error *err)
{
	err->kind = NULL;
	err->details[0] = '\0';
}

/* Returns -EINVAL, so that callers can "return db_error_set(…)". */
int db_error_set(struct db_error *err, const char *kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "where: " in front of the details. */
void db_error_prefix(struct db_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Main thread. */

/* {"error": kind, "details": sentence} */
json_t *db_error_json(const struct db_error *err);

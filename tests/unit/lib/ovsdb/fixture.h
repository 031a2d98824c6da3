/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tests of the database engine share: databases and operations from texts in which '
 * stands for ".  */

#include <jansson.h>

struct db;
struct schema;

json_t *fixture_json(const char *text);
struct schema *fixture_schema(const char *text);
/* A database in memory. */
struct db *fixture_db(const char *schema);
/* Runs the operations (an array) and returns the results as text, to be freed. UUIDs in it are
 * replaced by "#". */
char *fixture_run(struct db *db, const char *operations);
/* Fails the test unless the results are 'expected'. */
void fixture_expect(struct db *db, const char *operations, const char *expected);
/* The error kind of the n-th result, to be freed; "" if it is none. */
char *fixture_error(struct db *db, const char *operations, size_t n);
void fixture_expect_error(struct db *db, const char *operations, size_t n, const char *kind);

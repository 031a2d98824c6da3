/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Execution of transactions as clients write them: the operations of RFC 7047 §5.2.
 *
 * An execution runs all its operations or leaves everything as it was. A "wait" whose time has not
 * come makes it end without results; it is then run again after each commit until it succeeds or
 * its timeout has passed.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct db;

struct db_execute_request {
	const json_t *operations; /* an array */
	/* Does the client own the lock? NULL: nobody owns any. */
	bool (*owns_lock)(void *context, const char *lock);
	void *context;
	bool may_wait; /* false: a wait that does not hold has timed out */
	int64_t elapsed_ms; /* since the client asked */
};

struct db_execute_outcome {
	json_t *results; /* a new array; NULL: it must wait */
	int64_t timeout_ms; /* if it must wait: how long since the client asked; INT64_MAX: ever */
	bool is_durable; /* the client asked to wait for the disk */
};

/* Main thread. */

void db_execute_run(
	struct db *db, const struct db_execute_request *request, struct db_execute_outcome *outcome
);

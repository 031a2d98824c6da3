/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The last commits of a database, so that a client that was away gets only what it missed.  */

#include <stdbool.h>

struct db;
struct db_commit;
struct uuid;

/* Main thread. */

typedef void db_history_fn(void *context, const struct db_commit *commit);

/* Calls 'fn' for each commit after the one named 'since', oldest first. False (and no calls) if
 * that one is not known any more. */
bool db_history_foreach(
	const struct db *db, const struct uuid *since, db_history_fn *fn, void *context
);

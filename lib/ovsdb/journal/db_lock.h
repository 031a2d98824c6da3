/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Lock files: one writer for a database file.
 *
 * The lock is fcntl's, on ".NAME.~lock~" beside the file, as stock OVSDB tools take it, so that
 * they and we keep clear of each other.  */

struct db_lock;
struct errbuf;

/* Main thread. */

struct db_lock *db_lock_new(const char *path, struct errbuf *err);
void db_lock_free(struct db_lock *lock); /* NULL is fine */

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A database's journal: its schema and every transaction since, in one file.
 *
 * The file has the standalone format of ovsdb(5), so stock tools read ours and we read theirs. A
 * transaction is acknowledged once its record is written to the file (it survives the process);
 * who needs more waits until it is synced (it survives the machine). Syncing and rewriting the
 * file run on another thread when there is a loop to come back to.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/ovsdb/db.h"

struct db_commit;
struct db_journal;
struct errbuf;
struct uv_loop_s;

/* Main thread. */

/* Fills the empty 'db' from 'path', or creates the file. */
struct db_journal *
db_journal_open(struct db *db, const char *path, struct uv_loop_s *loop, struct errbuf *err);
/* Syncs and frees. NULL is fine. */
void db_journal_close(struct db_journal *journal);

/* Writes the commit's record; on failure the file is as before. */
int db_journal_append(
	struct db_journal *journal,
	const struct db_commit *commit,
	const char *comment,
	struct errbuf *err
);

/* Blocks until everything appended is on the disk. */
int db_journal_sync(struct db_journal *journal, struct errbuf *err);

/* Calls 'done' once everything appended so far is on the disk, or with the error; at once if it
 * already is or there is no loop. */
void db_journal_when_durable(struct db_journal *journal, db_durable_fn *done, void *context);
/* Forgets the calls to come for 'context'. */
void db_journal_forget(struct db_journal *journal, void *context);

int db_journal_compact(struct db_journal *journal, struct errbuf *err);

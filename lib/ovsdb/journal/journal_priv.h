/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the journal's files share.
 *
 * While a compacted file is being finished ('next_fd' is open), records go to both files, so that
 * either may be the journal after a crash.  */

#include <stdbool.h>
#include <stdint.h>

#include <urcu/list.h>
#include <uv.h>

#include "lib/ovsdb/journal/db_journal.h"
#include "lib/strbuf.h"

struct db_lock;

struct journal_waiter {
	struct cds_list_head node;
	uint64_t up_to;
	db_durable_fn *done;
	void *context;
};

struct journal_compaction;
struct sync_request;

struct db_journal {
	struct db *db;
	char *path;
	struct db_lock *lock;
	uv_loop_t *loop; /* or NULL */
	int fd, next_fd, dir_fd;
	uint64_t size; /* of the file, all of it whole records */
	uint64_t next_size;
	uint64_t compacted_size; /* the schema and the rows as they were last written at once */
	uint64_t n_appended, n_synced; /* records */
	struct cds_list_head waiters;
	struct strbuf text; /* of the record being written; kept for its memory */

	bool dir_is_dirty; /* a rename is not on the disk yet */
	bool is_closing;
	bool is_torn; /* a failed write could not be taken back; try again */
	struct sync_request *request; /* the sync under way, or NULL */
	uv_timer_t *timer; /* delays syncing what nobody waits for; NULL without a loop */
	struct journal_compaction *compaction; /* under way, or NULL */
};

/* Main thread. */

/* journal_sync.c */
void journal_sync_init(struct db_journal *journal);
void journal_sync_fini(struct db_journal *journal);
/* Starts syncing at once unless that is under way. */
void journal_sync_start(struct db_journal *journal);
/* Starts it soon. */
void journal_sync_soon(struct db_journal *journal);
/* Waits for the sync under way, whose outcome nobody hears of. */
void journal_sync_wait(struct db_journal *journal);

/* journal_compact.c */
void journal_compact_start(struct db_journal *journal);
/* A sync that covered 'next_fd' is done: the new file may take the old one's place. */
void journal_compact_synced(struct db_journal *journal);
/* Gives up (if one is under way): the old file stays. Waits for the other thread. */
void journal_compact_abort(struct db_journal *journal);
int journal_compact_now(struct db_journal *journal, struct errbuf *err);

/* journal_load.c */
/* Opens or creates the file and fills the database. */
int journal_load(struct db_journal *journal, struct errbuf *err);
/* Writes 'text', all of it, or an error. Any thread. */
int journal_write_all(int fd, const char *text, size_t length);
/* Appends a framed record. Any thread. */
int journal_write_record(int fd, const char *json, size_t length, uint64_t *size);

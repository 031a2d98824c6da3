/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/ovsdb/db_engine.h"
#include "lib/ovsdb/journal/db_record.h"
#include "lib/ovsdb/journal/journal_priv.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

LOG_TOPIC(compact);

/* A commit may start this right after its record is written: rows are then in their new state
 * already, and what it deletes is gone.
 *
 * The steps, (m) on the main thread and (o) on another one: (m) take references to all rows as
 * they are; (o) write them to a new file and sync it; (m) copy the records that came since, and
 * from now on append to both files; (o) sync both; (m) rename the new file over the old one.  */
struct journal_compaction {
	uv_work_t work;
	uv_sem_t finished; /* worker posts */
	struct db_journal *journal; /* NULL once given up */
	struct db_record_row *rows;
	size_t n_rows;
	char *schema;
	char *path; /* of the new file */
	uint64_t old_size; /* of the old file, when it began */
	int fd; /* worker opens */
	uint64_t size; /* worker writes */
	int error; /* worker writes */
};

static struct journal_compaction *compaction_new(struct db_journal *journal)
{
	struct journal_compaction *compaction = XNEW(struct journal_compaction);
	struct db *db = journal->db;
	size_t n = 0;

	compaction->journal = journal;
	compaction->fd = -1;
	compaction->old_size = journal->size;
	compaction->path = xasprintf("%s.new", journal->path);
	compaction->schema = json_dumps(db->schema->json, JSON_COMPACT);
	for (size_t i = 0; i < db->schema->n_tables; i++)
		compaction->n_rows += db_table_count(&db->tables[i]);
	compaction->rows = XNEW_N(struct db_record_row, compaction->n_rows + 1);
	for (size_t i = 0; i < db->schema->n_tables; i++) {
		DB_ROW_FOREACH(row, &db->tables[i]) {
			compaction->rows[n].table = db->tables[i].schema;
			compaction->rows[n++].tuple = db_tuple_ref(row->tuple);
		}
	}
	compaction->n_rows = n;
	return compaction;
}

static void compaction_free(struct journal_compaction *compaction)
{
	for (size_t i = 0; i < compaction->n_rows; i++)
		db_tuple_unref(compaction->rows[i].tuple);
	free(compaction->rows);
	free(compaction->schema);
	free(compaction->path);
	free(compaction);
}

/* Keeps the old file's owner and permissions. */
static void copy_mode(int from, int to)
{
	struct stat status;

	if (fstat(from, &status))
		return;
	if (fchown(to, status.st_uid, status.st_gid) || fchmod(to, status.st_mode & 07777))
		return;
}

static int write_snapshot(struct journal_compaction *compaction)
{
	struct strbuf text = STRBUF_INIT;
	int error;

	strbuf_add(&text, compaction->schema);
	strbuf_add_char(&text, '\n');
	error = journal_write_record(compaction->fd, text.text, text.length, &compaction->size);
	strbuf_clear(&text);
	if (!error && compaction->n_rows) {
		db_record_print_rows(
			compaction->rows, compaction->n_rows, "compacting database", &text
		);
		error = journal_write_record(
			compaction->fd, text.text, text.length, &compaction->size
		);
	}
	strbuf_fini(&text);
	if (!error && fsync(compaction->fd))
		error = -errno;
	return error;
}

static void write_file(struct journal_compaction *compaction, int old_fd)
{
	compaction->fd =
		open(compaction->path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0640);
	if (compaction->fd < 0) {
		compaction->error = -errno;
		return;
	}
	copy_mode(old_fd, compaction->fd);
	compaction->error = write_snapshot(compaction);
}

/* On another thread. */
static void run(uv_work_t *work)
{
	struct journal_compaction *compaction = container_of(work, struct journal_compaction, work);

	write_file(compaction, compaction->journal->fd);
	uv_sem_post(&compaction->finished);
}

static void discard(struct journal_compaction *compaction)
{
	if (compaction->fd >= 0) {
		unlink(compaction->path);
		close(compaction->fd);
	}
	compaction->fd = -1;
}

static void give_up(struct db_journal *journal, int error)
{
	struct journal_compaction *compaction = journal->compaction;

	log_warn("cannot compact %s: %s; it stays as it is", journal->path, strerror(-error));
	discard(compaction);
	journal->compaction = NULL;
	journal->next_fd = -1;
	/* Growing once more by as much brings the next attempt. */
	journal->compacted_size = journal->size;
}

/* Copies what was appended to the old file while the new one was written. */
static int copy_tail(struct db_journal *journal, struct journal_compaction *compaction)
{
	char buffer[65536];
	uint64_t at = compaction->old_size;

	while (at < journal->size) {
		uint64_t left = journal->size - at;
		ssize_t n =
			pread(journal->fd,
			      buffer,
			      left < sizeof(buffer) ? left : sizeof(buffer),
			      (off_t)at);
		int error = n > 0 ? 0 : n < 0 ? -errno : -EIO;

		if (!error)
			error = journal_write_all(compaction->fd, buffer, (size_t)n);
		if (error)
			return error;
		at += (uint64_t)n;
	}
	compaction->size += journal->size - compaction->old_size;
	return 0;
}

static void snapshot_written(struct journal_compaction *compaction)
{
	struct db_journal *journal = compaction->journal;

	if (!compaction->error)
		compaction->error = copy_tail(journal, compaction);
	if (compaction->error) {
		give_up(journal, compaction->error);
		compaction_free(compaction);
		return;
	}
	journal->next_fd = compaction->fd;
	journal->next_size = compaction->size;
	journal_sync_start(journal);
}

static void done(uv_work_t *work, int status)
{
	struct journal_compaction *compaction = container_of(work, struct journal_compaction, work);

	uv_sem_destroy(&compaction->finished);
	if (compaction->journal)
		snapshot_written(compaction);
	else
		compaction_free(compaction);
}

void journal_compact_start(struct db_journal *journal)
{
	struct journal_compaction *compaction;

	if (journal->compaction || journal->is_closing)
		return;
	if (!journal->loop) {
		journal_compact_now(journal, NULL);
		return;
	}
	compaction = compaction_new(journal);
	journal->compaction = compaction;
	uv_sem_init(&compaction->finished, 0);
	uv_queue_work(journal->loop, &compaction->work, run, done);
}

/* The new file takes the old one's place. */
static int switch_files(struct db_journal *journal, struct journal_compaction *compaction)
{
	if (rename(compaction->path, journal->path))
		return -errno;
	if (journal->fd >= 0)
		close(journal->fd);
	journal->fd = compaction->fd;
	journal->size = journal->compacted_size = compaction->size;
	journal->next_fd = -1;
	journal->compaction = NULL;
	journal->dir_is_dirty = true;
	return 0;
}

void journal_compact_synced(struct db_journal *journal)
{
	struct journal_compaction *compaction = journal->compaction;
	uint64_t old_size = journal->size;
	int error;

	compaction->size = journal->next_size;
	error = switch_files(journal, compaction);
	if (error)
		give_up(journal, error);
	else
		log_info(
			"compacted %s from %llu to %llu bytes",
			journal->path,
			(unsigned long long)old_size,
			(unsigned long long)journal->size
		);
	compaction_free(compaction);
	journal_sync_start(journal);
}

void journal_compact_abort(struct db_journal *journal)
{
	struct journal_compaction *compaction = journal->compaction;

	if (!compaction)
		return;
	journal->compaction = NULL;
	if (journal->next_fd >= 0) {
		journal->next_fd = -1;
		journal_sync_wait(journal);
		discard(compaction);
		compaction_free(compaction);
		if (!journal->is_closing)
			journal_sync_start(journal);
		return;
	}
	/* Its thread may still be writing; done() frees it. */
	uv_sem_wait(&compaction->finished);
	discard(compaction);
	compaction->journal = NULL;
}

int journal_compact_now(struct db_journal *journal, struct errbuf *err)
{
	struct journal_compaction *compaction = compaction_new(journal);
	int error;

	write_file(compaction, journal->fd);
	error = compaction->error;
	if (!error)
		error = copy_tail(journal, compaction);
	if (!error)
		error = switch_files(journal, compaction);
	if (!error) {
		db_journal_sync(journal, NULL);
	} else {
		errbuf_set(
			err,
			error,
			"cannot write the database %s: %s",
			compaction->path,
			strerror(-error)
		);
		discard(compaction);
	}
	compaction_free(compaction);
	return error;
}

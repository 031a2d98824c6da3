/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/journal/db_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db_engine.h"
#include "lib/ovsdb/journal/db_lock.h"
#include "lib/ovsdb/journal/db_record.h"
#include "lib/ovsdb/journal/journal_priv.h"
#include "lib/xmalloc.h"

enum {
	/* Below this size rewriting gains nothing worth the work. */
	COMPACT_MIN_SIZE = 4 << 20,
	COMPACT_GROWTH = 3
};

static int open_dir(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(copy);
	return fd;
}

static void journal_free(struct db_journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	if (journal->dir_fd >= 0)
		close(journal->dir_fd);
	db_lock_free(journal->lock);
	strbuf_fini(&journal->text);
	free(journal->path);
	free(journal);
}

/* Compared with what the rows take, not with what the file was when opened: a daemon that is killed
 * again and again would otherwise let it grow without end. */
static void compact_if_due(struct db_journal *journal)
{
	if (journal->size > COMPACT_MIN_SIZE &&
	    journal->size > COMPACT_GROWTH * journal->compacted_size)
		journal_compact_start(journal);
}

struct db_journal *
db_journal_open(struct db *db, const char *path, struct uv_loop_s *loop, struct errbuf *err)
{
	struct db_journal *journal = XNEW(struct db_journal);
	char *real = realpath(path, NULL);

	journal->db = db;
	journal->path = real ? real : xstrdup(path);
	journal->loop = loop;
	journal->fd = journal->next_fd = journal->dir_fd = -1;
	CDS_INIT_LIST_HEAD(&journal->waiters);
	journal->lock = db_lock_new(journal->path, err);
	if (!journal->lock)
		goto err_free;
	journal->dir_fd = open_dir(journal->path);
	if (journal_load(journal, err))
		goto err_free;
	journal_sync_init(journal);
	compact_if_due(journal);
	return journal;

err_free:
	journal_free(journal);
	return NULL;
}

void db_journal_close(struct db_journal *journal)
{
	struct journal_waiter *waiter, *next;

	if (!journal)
		return;
	journal->is_closing = true;
	journal_compact_abort(journal);
	db_journal_sync(journal, NULL);
	cds_list_for_each_entry_safe(waiter, next, &journal->waiters, node)
		free(waiter);
	journal_sync_fini(journal);
	journal_free(journal);
}

/* Takes back what a failed write left behind. */
static int cut_back(struct db_journal *journal)
{
	if (ftruncate(journal->fd, (off_t)journal->size)) {
		journal->is_torn = true;
		return -errno;
	}
	journal->is_torn = false;
	return 0;
}

static void append_to_next(struct db_journal *journal, const struct strbuf *text)
{
	if (journal->next_fd < 0)
		return;
	/* The new file is worth nothing without this record; the old one has it. */
	if (journal_write_record(journal->next_fd, text->text, text->length, &journal->next_size))
		journal_compact_abort(journal);
}

int db_journal_append(
	struct db_journal *journal,
	const struct db_commit *commit,
	const char *comment,
	struct errbuf *err
)
{
	struct strbuf *text = &journal->text;
	int error;

	strbuf_clear(text);
	if (!db_record_print_commit(commit, comment, text))
		return 0;
	error = journal->is_torn ? cut_back(journal) : 0;
	if (!error)
		error = journal_write_record(journal->fd, text->text, text->length, &journal->size);
	if (error) {
		cut_back(journal);
		return errbuf_set(
			err,
			error,
			"cannot write to the database %s: %s; nothing was changed, make room or "
			"repair the disk and try again",
			journal->path,
			strerror(-error)
		);
	}
	journal->n_appended++;
	append_to_next(journal, text);
	journal_sync_soon(journal);
	compact_if_due(journal);
	return 0;
}

void db_journal_when_durable(struct db_journal *journal, db_durable_fn *done, void *context)
{
	struct journal_waiter *waiter;
	struct errbuf err;

	if (!journal->loop ||
	    (journal->n_synced == journal->n_appended && !journal->dir_is_dirty)) {
		errbuf_init(&err);
		done(context, db_journal_sync(journal, &err) ? &err : NULL);
		return;
	}
	waiter = XNEW(struct journal_waiter);
	waiter->up_to = journal->n_appended;
	waiter->done = done;
	waiter->context = context;
	cds_list_add_tail(&waiter->node, &journal->waiters);
	journal_sync_start(journal);
}

void db_journal_forget(struct db_journal *journal, void *context)
{
	struct journal_waiter *waiter, *next;

	cds_list_for_each_entry_safe(waiter, next, &journal->waiters, node) {
		if (waiter->context != context)
			continue;
		cds_list_del(&waiter->node);
		free(waiter);
	}
}

int db_journal_sync(struct db_journal *journal, struct errbuf *err)
{
	if (journal->n_synced < journal->n_appended && fdatasync(journal->fd))
		goto err_sync;
	if (journal->dir_is_dirty && fsync(journal->dir_fd))
		goto err_sync;
	journal->n_synced = journal->n_appended;
	journal->dir_is_dirty = false;
	return 0;

err_sync:
	return errbuf_set(
		err, -errno, "cannot sync the database %s: %s", journal->path, strerror(errno)
	);
}

int db_journal_compact(struct db_journal *journal, struct errbuf *err)
{
	if (!journal->loop)
		return journal_compact_now(journal, err);
	journal_compact_start(journal);
	return 0;
}

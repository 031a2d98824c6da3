/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/ovsdb/journal/journal_priv.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

LOG_TOPIC(journal);

enum {
	/* How long a record that nobody waits for may stay in the kernel's memory only. */
	SYNC_DELAY_MS = 200
};

/* The libuv request outlives the journal when that is closed while a sync runs. */
struct sync_request {
	uv_work_t work;
	uv_sem_t finished; /* worker posts */
	struct db_journal *journal; /* NULL once it is closed */
	int fd, next_fd, dir_fd; /* -1: not to be synced */
	uint64_t up_to;
	int error; /* worker writes */
};

static int sync_fd(int fd, bool data_only)
{
	if (fd < 0)
		return 0;
	return (data_only ? fdatasync(fd) : fsync(fd)) ? -errno : 0;
}

/* On another thread. */
static void run(uv_work_t *work)
{
	struct sync_request *request = container_of(work, struct sync_request, work);

	request->error = sync_fd(request->fd, true);
	if (!request->error)
		request->error = sync_fd(request->next_fd, true);
	if (!request->error)
		request->error = sync_fd(request->dir_fd, false);
	uv_sem_post(&request->finished);
}

static void answer_waiters(struct db_journal *journal, uint64_t up_to, int error)
{
	struct journal_waiter *waiter, *next;
	struct errbuf err;

	errbuf_init(&err);
	if (error)
		errbuf_set(
			&err,
			error,
			"cannot sync the database %s: %s",
			journal->path,
			strerror(-error)
		);
	cds_list_for_each_entry_safe(waiter, next, &journal->waiters, node) {
		if (waiter->up_to > up_to)
			continue;
		cds_list_del(&waiter->node);
		waiter->done(waiter->context, error ? &err : NULL);
		free(waiter);
	}
}

static void finish(struct db_journal *journal, const struct sync_request *request)
{
	journal->request = NULL;
	if (request->error) {
		log_err("cannot sync %s: %s", journal->path, strerror(-request->error));
	} else {
		journal->n_synced = request->up_to;
		if (request->dir_fd >= 0)
			journal->dir_is_dirty = false;
	}
	answer_waiters(journal, request->up_to, request->error);
	if (request->next_fd >= 0 && request->next_fd == journal->next_fd && !request->error)
		journal_compact_synced(journal);
	if (!cds_list_empty(&journal->waiters))
		journal_sync_start(journal);
	else if (journal->n_synced < journal->n_appended)
		journal_sync_soon(journal);
}

static void done(uv_work_t *work, int status)
{
	struct sync_request *request = container_of(work, struct sync_request, work);

	if (request->journal)
		finish(request->journal, request);
	uv_sem_destroy(&request->finished);
	free(request);
}

void journal_sync_start(struct db_journal *journal)
{
	struct sync_request *request;

	if (journal->request || !journal->loop)
		return;
	request = XNEW(struct sync_request);
	uv_sem_init(&request->finished, 0);
	request->journal = journal;
	request->fd = journal->fd;
	request->next_fd = journal->next_fd;
	request->dir_fd = journal->dir_is_dirty ? journal->dir_fd : -1;
	request->up_to = journal->n_appended;
	journal->request = request;
	uv_timer_stop(journal->timer);
	uv_queue_work(journal->loop, &request->work, run, done);
}

static void timer_expired(uv_timer_t *timer)
{
	journal_sync_start(timer->data);
}

void journal_sync_soon(struct db_journal *journal)
{
	if (journal->loop && !journal->request && !uv_is_active((uv_handle_t *)journal->timer))
		uv_timer_start(journal->timer, timer_expired, SYNC_DELAY_MS, 0);
}

void journal_sync_init(struct db_journal *journal)
{
	if (!journal->loop)
		return;
	journal->timer = XNEW(uv_timer_t);
	uv_timer_init(journal->loop, journal->timer);
	uv_unref((uv_handle_t *)journal->timer);
	journal->timer->data = journal;
}

static void timer_closed(uv_handle_t *timer)
{
	free(timer);
}

void journal_sync_wait(struct db_journal *journal)
{
	if (!journal->request)
		return;
	uv_sem_wait(&journal->request->finished);
	journal->request->journal = NULL;
	journal->request = NULL;
}

void journal_sync_fini(struct db_journal *journal)
{
	if (!journal->timer)
		return;
	journal_sync_wait(journal);
	uv_close((uv_handle_t *)journal->timer, timer_closed);
	journal->timer = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jsonrpc/remotes.h"

#include <stdlib.h>
#include <string.h>

#include <urcu/list.h>
#include <uv.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/xmalloc.h"

LOG_TOPIC(remotes);

enum {
	RETRY_MS = 2000,
	PROBE_MS = 5000,
	MAX_BACKOFF_MS = 8000
};

struct entry {
	struct cds_list_head link;
	char *target;
	struct remote *remote; /* NULL: could not be opened */
	char *error; /* why not */
	uint64_t failed_at; /* uv_now() */
	int probe_ms, max_backoff_ms;
	bool wanted; /* while the set is being changed */
};

struct remotes {
	struct uv_loop_s *loop;
	struct remote_config config;
	struct cds_list_head entries;
	uv_timer_t timer; /* tries again what could not be opened */
};

static struct entry *entry_find(const struct remotes *remotes, const char *target)
{
	struct entry *entry;

	cds_list_for_each_entry(entry, &remotes->entries, link)
		if (!strcmp(entry->target, target))
			return entry;
	return NULL;
}

static void apply(struct entry *entry)
{
	bool local = strstr(entry->target, "unix:") != NULL;

	if (!entry->remote)
		return;
	if (entry->probe_ms >= 0)
		remote_set_probe(entry->remote, (unsigned)entry->probe_ms);
	else
		remote_set_probe(entry->remote, local ? 0 : PROBE_MS);
	remote_set_max_backoff(
		entry->remote,
		entry->max_backoff_ms > 0 ? (unsigned)entry->max_backoff_ms : MAX_BACKOFF_MS
	);
}

/* Logs a failure once, not at every try. */
static void entry_open(struct remotes *remotes, struct entry *entry)
{
	struct errbuf err;

	entry->remote = remote_open(remotes->loop, entry->target, &remotes->config, &err);
	if (entry->remote) {
		free(entry->error);
		entry->error = NULL;
		apply(entry);
		return;
	}
	if (!entry->error)
		entry->failed_at = uv_now(remotes->loop);
	if (!entry->error || strcmp(entry->error, err.text)) {
		log_warn("%s", err.text);
		free(entry->error);
		entry->error = xstrdup(err.text);
	}
}

static void entry_free(struct entry *entry)
{
	cds_list_del(&entry->link);
	remote_close(entry->remote);
	free(entry->target);
	free(entry->error);
	free(entry);
}

static void free_all(struct cds_list_head *entries)
{
	struct entry *entry, *next;

	cds_list_for_each_entry_safe(entry, next, entries, link)
		entry_free(entry);
}

static void timer_cb(uv_timer_t *timer)
{
	struct remotes *remotes = timer->data;
	struct entry *entry;
	bool failing = false;

	cds_list_for_each_entry(entry, &remotes->entries, link) {
		if (!entry->remote)
			entry_open(remotes, entry);
		failing |= !entry->remote;
	}
	if (!failing)
		uv_timer_stop(&remotes->timer);
}

struct remotes *remotes_new(struct uv_loop_s *loop, const struct remote_config *config)
{
	struct remotes *remotes = XNEW(struct remotes);

	remotes->loop = loop;
	remotes->config = *config;
	CDS_INIT_LIST_HEAD(&remotes->entries);
	uv_timer_init(loop, &remotes->timer);
	remotes->timer.data = remotes;
	return remotes;
}

static void timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void remotes_free(struct remotes *remotes)
{
	if (!remotes)
		return;
	free_all(&remotes->entries);
	uv_close((uv_handle_t *)&remotes->timer, timer_closed);
}

static void want(struct remotes *remotes, const struct remotes_wanted *wanted)
{
	struct entry *entry = entry_find(remotes, wanted->target);

	if (entry && entry->wanted)
		return;
	if (!entry) {
		entry = XNEW(struct entry);
		entry->target = xstrdup(wanted->target);
		cds_list_add_tail(&entry->link, &remotes->entries);
	}
	entry->wanted = true;
	entry->probe_ms = wanted->probe_ms;
	entry->max_backoff_ms = wanted->max_backoff_ms;
}

void remotes_set(struct remotes *remotes, const struct remotes_wanted *wanted, size_t n)
{
	struct entry *entry, *next;
	CDS_LIST_HEAD(gone);
	bool failing = false;

	cds_list_for_each_entry(entry, &remotes->entries, link)
		entry->wanted = false;
	for (size_t i = 0; i < n; i++)
		want(remotes, &wanted[i]);
	/* First what goes: its port may be wanted under another name. */
	cds_list_for_each_entry_safe(entry, next, &remotes->entries, link)
		if (!entry->wanted)
			cds_list_move(&entry->link, &gone);
	free_all(&gone);
	cds_list_for_each_entry(entry, &remotes->entries, link) {
		if (entry->remote)
			apply(entry);
		else
			entry_open(remotes, entry);
		failing |= !entry->remote;
	}
	if (failing)
		uv_timer_start(&remotes->timer, timer_cb, RETRY_MS, RETRY_MS);
	else
		uv_timer_stop(&remotes->timer);
}

bool remotes_get_status(
	const struct remotes *remotes, const char *target, struct remote_status *status
)
{
	const struct entry *entry = entry_find(remotes, target);

	if (!entry)
		return false;
	if (entry->remote)
		remote_get_status(entry->remote, status);
	else
		*status = (struct remote_status){
			.state = "BACKOFF",
			.last_error = entry->error,
			.since_ms = (int64_t)(uv_now(remotes->loop) - entry->failed_at),
			.connected_ms = -1,
			.disconnected_ms = -1,
		};
	return true;
}

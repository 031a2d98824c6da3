/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jsonrpc/remotes.h"

#include <stdlib.h>
#include <string.h>

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
	char *target;
	struct remote *remote; /* NULL: could not be opened */
	char *error; /* why not */
	uint64_t failed_at; /* uv_now() */
	int probe_ms, max_backoff_ms;
	unsigned dscp;
	bool wanted; /* while the set is being changed */
};

struct remotes {
	struct uv_loop_s *loop;
	struct remote_config config;
	struct entry **entries;
	size_t n;
	uv_timer_t timer; /* tries again what could not be opened */
};

static struct entry *entry_find(const struct remotes *remotes, const char *target)
{
	for (size_t i = 0; i < remotes->n; i++)
		if (!strcmp(remotes->entries[i]->target, target))
			return remotes->entries[i];
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
	remote_set_dscp(entry->remote, entry->dscp);
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
	remote_close(entry->remote);
	free(entry->target);
	free(entry->error);
	free(entry);
}

/* Opens what is not open. Says whether all is. */
static bool open_all(struct remotes *remotes)
{
	bool all = true;

	for (size_t i = 0; i < remotes->n; i++) {
		struct entry *entry = remotes->entries[i];

		if (!entry->remote)
			entry_open(remotes, entry);
		all &= entry->remote != NULL;
	}
	return all;
}

static void timer_cb(uv_timer_t *timer)
{
	if (open_all(timer->data))
		uv_timer_stop(timer);
}

struct remotes *remotes_new(struct uv_loop_s *loop, const struct remote_config *config)
{
	struct remotes *remotes = XNEW(struct remotes);

	remotes->loop = loop;
	remotes->config = *config;
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
	for (size_t i = 0; i < remotes->n; i++)
		entry_free(remotes->entries[i]);
	free(remotes->entries);
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
		remotes->entries =
			xrealloc(remotes->entries, (remotes->n + 1) * sizeof(remotes->entries[0]));
		remotes->entries[remotes->n++] = entry;
	}
	entry->wanted = true;
	entry->probe_ms = wanted->probe_ms;
	entry->max_backoff_ms = wanted->max_backoff_ms;
	entry->dscp = wanted->dscp;
	apply(entry);
}

static void drop_unwanted(struct remotes *remotes)
{
	size_t n = 0;

	for (size_t i = 0; i < remotes->n; i++)
		if (remotes->entries[i]->wanted)
			remotes->entries[n++] = remotes->entries[i];
		else
			entry_free(remotes->entries[i]);
	remotes->n = n;
}

void remotes_set(struct remotes *remotes, const struct remotes_wanted *wanted, size_t n)
{
	for (size_t i = 0; i < remotes->n; i++)
		remotes->entries[i]->wanted = false;
	for (size_t i = 0; i < n; i++)
		want(remotes, &wanted[i]);
	/* First what goes: its port may be wanted under another name. */
	drop_unwanted(remotes);
	if (open_all(remotes))
		uv_timer_stop(&remotes->timer);
	else
		uv_timer_start(&remotes->timer, timer_cb, RETRY_MS, RETRY_MS);
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

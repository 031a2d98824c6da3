/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/db_history.h"

#include <stdlib.h>

#include "lib/ovsdb/db_engine.h"
#include "lib/xmalloc.h"

enum {
	/* A client that missed more than this reads everything anew, which is then cheaper. */
	MAX_ENTRIES = 100,
	MAX_DELTAS = 20000
};

struct entry {
	struct cds_list_head node;
	struct db_commit *commit;
};

static void drop(struct db_history *history, struct entry *entry)
{
	cds_list_del(&entry->node);
	history->n_entries--;
	history->n_deltas -= entry->commit->n;
	db_commit_unref(entry->commit);
	free(entry);
}

void db_history_init(struct db_history *history)
{
	CDS_INIT_LIST_HEAD(&history->entries);
	history->n_entries = history->n_deltas = 0;
}

void db_history_fini(struct db_history *history)
{
	struct entry *entry, *next;

	cds_list_for_each_entry_safe(entry, next, &history->entries, node)
		drop(history, entry);
}

/* The newest stays, however large: its id is what clients remember. */
static bool is_too_long(const struct db_history *history)
{
	return history->n_entries > MAX_ENTRIES ||
		(history->n_entries > 1 && history->n_deltas > MAX_DELTAS);
}

void db_history_add(struct db_history *history, struct db_commit *commit)
{
	struct entry *entry = XNEW(struct entry), *oldest, *next;

	commit->refs++;
	entry->commit = commit;
	cds_list_add_tail(&entry->node, &history->entries);
	history->n_entries++;
	history->n_deltas += commit->n;
	cds_list_for_each_entry_safe(oldest, next, &history->entries, node) {
		if (!is_too_long(history))
			break;
		drop(history, oldest);
	}
}

bool db_history_foreach(
	const struct db *db, const struct uuid *since, db_history_fn *fn, void *context
)
{
	struct entry *entry, *first = NULL;
	bool found = false;

	cds_list_for_each_entry(entry, &db->history.entries, node) {
		if (found && !first)
			first = entry;
		if (uuid_equal(&entry->commit->txn_id, since))
			found = true;
	}
	if (!found || !first)
		return found;
	for (entry = first; &entry->node != &db->history.entries;
	     entry = cds_list_entry(entry->node.next, struct entry, node))
		fn(context, entry->commit);
	return true;
}

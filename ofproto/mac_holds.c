/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/mac_holds.h"

#include <stdbool.h>
#include <stdlib.h>

#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/mac_table.h"

enum {
	SECOND_MS = 1000,
	SECONDS = 64, /* more than the longest hold */
	ACCOUNTS = 256, /* lports share them when there are more */
	PAUSE_MS = 2 * MAC_HOLDS_MS, /* who has not moved for so long has come to rest */
};

struct mac_holds {
	struct cds_list_head seconds[SECONDS]; /* entries by the second in which they are let go */
	int64_t now_s; /* the earliest that may have any */
	int64_t owed_until_ms[ACCOUNTS];
};

struct mac_holds *mac_holds_new(void)
{
	struct mac_holds *holds = XNEW(struct mac_holds);

	for (unsigned i = 0; i < SECONDS; i++)
		CDS_INIT_LIST_HEAD(&holds->seconds[i]);
	return holds;
}

void mac_holds_free(struct mac_holds *holds)
{
	struct mac_entry *entry, *next;

	for (unsigned i = 0; holds && i < SECONDS; i++)
		cds_list_for_each_entry_safe(entry, next, &holds->seconds[i], in_held)
			cds_list_del_init(&entry->in_held);
	free(holds);
}

static void hold(struct mac_holds *holds, struct mac_entry *entry, int64_t until)
{
	__atomic_store_n(&entry->held_until_ms, until, __ATOMIC_RELAXED);
	cds_list_del(&entry->in_held);
	cds_list_add_tail(&entry->in_held, &holds->seconds[until / SECOND_MS % SECONDS]);
}

/* How long the lport must wait until it can afford another move; that one it gets. */
static int64_t charge(struct mac_holds *holds, uint32_t lport, int64_t now)
{
	int64_t *owed_until = &holds->owed_until_ms[hash_u64(lport, 0) % ACCOUNTS];
	int64_t most = now + MAC_HOLDS_BURST_MS + MAC_HOLDS_MAX_MS;

	*owed_until = (*owed_until > now ? *owed_until : now) + MAC_HOLDS_EACH_MS;
	if (*owed_until > most)
		*owed_until = most;
	return *owed_until - now - MAC_HOLDS_BURST_MS;
}

/* An address that goes home is always followed, and costs nothing, so that nobody can take it from
 * its owner by making it move too often. */
void mac_holds_note(struct mac_holds *holds, struct mac_entry *entry, uint32_t lport, int64_t now)
{
	int64_t since = now - entry->moved_ms, wait = 0;
	bool is_held = entry->held_until_ms > now;

	if (!entry->moved_from || since >= MAC_HOLDS_WANDER_MS)
		__atomic_store_n(&entry->home, entry->lport, __ATOMIC_RELAXED);
	else if (lport != entry->home)
		wait = charge(holds, lport, now);
	entry->restless = entry->moved_from && since < PAUSE_MS ? entry->restless + 1 : 0;
	if (is_held)
		return;
	if (entry->restless >= MAC_TABLE_RESTLESS && wait < MAC_HOLDS_MS)
		wait = MAC_HOLDS_MS;
	if (wait > 0)
		hold(holds, entry, now + wait);
}

void mac_holds_release(struct mac_holds *holds, int64_t now, mac_holds_fn *tell, void *context)
{
	int64_t last = now / SECOND_MS;
	struct mac_entry *entry, *next;

	if (holds->now_s <= last - SECONDS)
		holds->now_s = last - SECONDS + 1;
	for (;; holds->now_s++) {
		cds_list_for_each_entry_safe(
			entry, next, &holds->seconds[holds->now_s % SECONDS], in_held
		) {
			if (entry->held_until_ms > now)
				continue;
			cds_list_del_init(&entry->in_held);
			tell(context, entry);
		}
		if (holds->now_s >= last)
			return;
	}
}

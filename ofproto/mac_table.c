/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/mac_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/epoch.h"
#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/xmalloc.h"
#include "ofproto/mac_holds.h"

enum {
	DEFAULT_MAX = 8192,
	FIRST_SIZE = 64, /* buckets */
	DEFAULT_AGING_MS = 300000,
	RETURNS_WITHIN_MS = 5000,
	AGED_AT_ONCE = 20000, /* takes some milliseconds */
	REFRESHES_PER_EVICTION = 64, /* bounds the search for the oldest address of an lport */
};

/* The addresses behind one lport. Those with the most stand first in the heap. */
struct mac_lport {
	struct hmap_node node;
	uint32_t id;
	unsigned n; /* learned ones: what eviction counts */
	unsigned place; /* in the heap */
	struct cds_list_head entries; /* learned ones, oldest first, about */
	struct cds_list_head fixed;
};

struct mac_table {
	struct cds_lfht *entries; /* main writes, translators read */
	/* Main. */
	unsigned size; /* buckets */
	struct cds_list_head by_age;
	struct cds_list_head locked; /* who is let go first stands first */
	struct mac_holds *holds;
	struct hmap lports;
	struct mac_lport **heap;
	unsigned n_heap, heap_size;
	unsigned max;
	int64_t aging_ms;
	mac_changed_fn *changed;
	void *context;
	struct mac_table_stats stats;
};

struct mac_key {
	uint16_t vlan;
	struct mac mac;
};

static uint64_t key_value(uint16_t vlan, struct mac mac)
{
	uint64_t value = (uint64_t)vlan << 48;

	memcpy(&value, mac.bytes, sizeof(mac.bytes));
	return value;
}

static unsigned long key_hash(uint16_t vlan, struct mac mac)
{
	return hash_u64(key_value(vlan, mac), 0x6d6163);
}

static int key_matches(struct cds_lfht_node *node, const void *key_)
{
	const struct mac_entry *entry = container_of(node, struct mac_entry, node);
	const struct mac_key *key = key_;

	TSAN_ACQUIRE(entry);
	return key_value(entry->vlan, entry->mac) == key_value(key->vlan, key->mac);
}

/* The heap. */

static void heap_set(struct mac_table *table, unsigned place, struct mac_lport *lport)
{
	table->heap[place] = lport;
	lport->place = place;
}

static void heap_up(struct mac_table *table, struct mac_lport *lport)
{
	unsigned place = lport->place;

	while (place) {
		unsigned parent = (place - 1) / 2;

		if (table->heap[parent]->n >= lport->n)
			break;
		heap_set(table, place, table->heap[parent]);
		place = parent;
	}
	heap_set(table, place, lport);
}

static void heap_down(struct mac_table *table, struct mac_lport *lport)
{
	unsigned place = lport->place;

	for (;;) {
		unsigned child = place * 2 + 1;

		if (child >= table->n_heap)
			break;
		if (child + 1 < table->n_heap && table->heap[child + 1]->n > table->heap[child]->n)
			child++;
		if (table->heap[child]->n <= lport->n)
			break;
		heap_set(table, place, table->heap[child]);
		place = child;
	}
	heap_set(table, place, lport);
}

static struct mac_lport *find_lport(const struct mac_table *table, uint32_t id)
{
	struct mac_lport *lport;

	HMAP_FOREACH_WITH_HASH(lport, node, hash_u64(id, 0), &table->lports)
		if (lport->id == id)
			return lport;
	return NULL;
}

static struct mac_entry *first_of(const struct mac_lport *lport)
{
	const struct cds_list_head *list = lport->n ? &lport->entries : &lport->fixed;

	return cds_list_first_entry(list, struct mac_entry, in_lport);
}

static struct mac_lport *get_lport(struct mac_table *table, uint32_t id)
{
	struct mac_lport *lport = find_lport(table, id);

	if (lport)
		return lport;
	lport = XNEW(struct mac_lport);
	lport->id = id;
	CDS_INIT_LIST_HEAD(&lport->entries);
	CDS_INIT_LIST_HEAD(&lport->fixed);
	hmap_add(&table->lports, &lport->node, hash_u64(id, 0));
	if (table->n_heap == table->heap_size) {
		table->heap_size = table->heap_size * 2 + 8;
		table->heap = xrealloc(table->heap, table->heap_size * sizeof(table->heap[0]));
	}
	heap_set(table, table->n_heap++, lport);
	return lport;
}

static void put_lport(struct mac_table *table, struct mac_lport *lport)
{
	if (lport->n || !cds_list_empty(&lport->fixed))
		return;
	struct mac_lport *last = table->heap[--table->n_heap];

	if (last != lport) {
		heap_set(table, lport->place, last);
		heap_up(table, last);
		heap_down(table, last);
	}
	hmap_del(&table->lports, &lport->node);
	free(lport);
}

/* Entries. */

static void requeue(struct cds_list_head *node, struct cds_list_head *list)
{
	cds_list_del(node);
	cds_list_add_tail(node, list);
}

static void enter_lport(struct mac_table *table, struct mac_entry *entry)
{
	struct mac_lport *lport = get_lport(table, entry->lport);

	cds_list_add_tail(&entry->in_lport, entry->fixed ? &lport->fixed : &lport->entries);
	if (!entry->fixed) {
		lport->n++;
		heap_up(table, lport);
	}
}

static void leave_lport(struct mac_table *table, struct mac_entry *entry)
{
	struct mac_lport *lport = find_lport(table, entry->lport);

	assert(lport); /* it is there as long as it has entries */
	cds_list_del(&entry->in_lport);
	if (!entry->fixed) {
		lport->n--;
		heap_down(table, lport);
	}
	put_lport(table, lport);
}

static void tell(struct mac_table *table, const struct mac_entry *entry, enum mac_change change)
{
	if (table->changed)
		table->changed(table->context, entry, change);
}

static void free_entry(void *entry)
{
	free(entry);
}

static void remove_entry(struct mac_table *table, struct mac_entry *entry)
{
	cds_lfht_del(table->entries, &entry->node);
	leave_lport(table, entry);
	cds_list_del(&entry->in_table);
	cds_list_del(&entry->in_held);
	cds_list_del(&entry->in_locked);
	table->stats.n--;
	table->stats.n_fixed -= entry->fixed;
	tell(table, entry, MAC_CHANGE_REMOVED);
	epoch_free(entry, free_entry);
}

/* Entries whose use was counted since they were queued go to the end, so that the first one is
 * really the oldest, or nearly so when very many were in use. */
static void evict(struct mac_table *table)
{
	struct mac_lport *lport = table->heap[0];
	struct mac_entry *entry, *next;
	struct mac_entry *victim = NULL;
	unsigned refreshes = 0;

	cds_list_for_each_entry_safe(entry, next, &lport->entries, in_lport) {
		if (!victim || mac_entry_used_ms(entry) < mac_entry_used_ms(victim))
			victim = entry;
		if (++refreshes == REFRESHES_PER_EVICTION ||
		    mac_entry_used_ms(entry) == entry->learned_ms)
			break;
	}
	if (!victim)
		return;
	table->stats.evicted++;
	remove_entry(table, victim);
}

static struct mac_entry *
add_entry(struct mac_table *table, uint16_t vlan, struct mac mac, uint32_t lport, bool fixed)
{
	struct mac_entry *entry = XNEW(struct mac_entry);

	if (!fixed && table->n_heap && table->stats.n - table->stats.n_fixed >= table->max)
		evict(table);
	cds_lfht_node_init(&entry->node);
	entry->mac = mac;
	entry->vlan = vlan;
	entry->lport = lport;
	entry->fixed = fixed;
	entry->learned_ms = clock_ms();
	CDS_INIT_LIST_HEAD(&entry->in_held);
	CDS_INIT_LIST_HEAD(&entry->in_locked);
	enter_lport(table, entry);
	cds_list_add_tail(&entry->in_table, &table->by_age);
	/* By hand: what resizes by itself depends on a thread that may come late or not at all. */
	if (++table->stats.n > table->size) {
		table->size *= 4;
		cds_lfht_resize(table->entries, table->size);
	}
	table->stats.n_fixed += fixed;
	TSAN_RELEASE(entry);
	cds_lfht_add(table->entries, key_hash(vlan, mac), &entry->node);
	tell(table, entry, MAC_CHANGE_ADDED);
	return entry;
}

static void tell_released(void *table, struct mac_entry *entry)
{
	tell(table, entry, MAC_CHANGE_RELEASED);
}

static void go_to_lport(struct mac_table *table, struct mac_entry *entry, uint32_t lport)
{
	leave_lport(table, entry);
	__atomic_store_n(&entry->lport, lport, __ATOMIC_RELEASE);
	enter_lport(table, entry);
}

static void move_entry(struct mac_table *table, struct mac_entry *entry, uint32_t lport)
{
	int64_t now = clock_ms();

	mac_holds_note(table->holds, entry, lport, now);
	entry->returned = entry->moved_from == lport && now - entry->moved_ms < RETURNS_WITHIN_MS;
	entry->moved_from = entry->lport;
	entry->moved_ms = now;
	go_to_lport(table, entry, lport);
	table->stats.moved++;
	tell(table, entry, MAC_CHANGE_MOVED);
}

static struct mac_entry *find(const struct mac_table *table, uint16_t vlan, struct mac mac)
{
	struct mac_key key = {.vlan = vlan, .mac = mac};
	struct cds_lfht_iter iter;

	cds_lfht_lookup(table->entries, key_hash(vlan, mac), key_matches, &key, &iter);
	struct cds_lfht_node *node = cds_lfht_iter_get_node(&iter);

	return node ? container_of(node, struct mac_entry, node) : NULL;
}

const struct mac_entry *mac_table_find(const struct mac_table *table, uint16_t vlan, struct mac mac)
{
	return find(table, vlan, mac);
}

bool mac_entry_is_held(const struct mac_entry *entry, uint32_t lport)
{
	return __atomic_load_n(&entry->held_until_ms, __ATOMIC_RELAXED) > clock_ms() &&
		lport != __atomic_load_n(&entry->home, __ATOMIC_RELAXED);
}

bool mac_entry_is_locked(const struct mac_entry *entry)
{
	return __atomic_load_n(&entry->locked_until_ms, __ATOMIC_RELAXED) > clock_ms();
}

int64_t mac_entry_used_ms(const struct mac_entry *entry)
{
	int64_t used_ms = __atomic_load_n(&entry->used_ms, __ATOMIC_RELAXED);

	return used_ms > entry->learned_ms ? used_ms : entry->learned_ms;
}

void mac_entry_set_used(const struct mac_entry *entry, int64_t now_ms)
{
	struct mac_entry *mine = (struct mac_entry *)entry;

	if (mine->used_ms < now_ms)
		__atomic_store_n(&mine->used_ms, now_ms, __ATOMIC_RELAXED);
}

struct mac_table *mac_table_new(mac_changed_fn *changed, void *context)
{
	struct mac_table *table = XNEW(struct mac_table);

	table->entries = cds_lfht_new_flavor(FIRST_SIZE, FIRST_SIZE, 0, 0, &urcu_qsbr_flavor, NULL);
	table->size = FIRST_SIZE;
	CDS_INIT_LIST_HEAD(&table->by_age);
	CDS_INIT_LIST_HEAD(&table->locked);
	table->holds = mac_holds_new();
	hmap_init(&table->lports);
	table->max = DEFAULT_MAX;
	table->aging_ms = DEFAULT_AGING_MS;
	table->changed = changed;
	table->context = context;
	return table;
}

void mac_table_free(struct mac_table *table)
{
	struct mac_entry *entry, *next;

	if (!table)
		return;
	table->changed = NULL;
	mac_holds_free(table->holds);
	cds_list_for_each_entry_safe(entry, next, &table->by_age, in_table)
		remove_entry(table, entry);
	cds_lfht_destroy(table->entries, NULL);
	hmap_fini(&table->lports);
	free(table->heap);
	free(table);
}

void mac_table_configure(struct mac_table *table, unsigned max, int64_t aging_ms)
{
	table->max = max ? max : DEFAULT_MAX;
	table->aging_ms = aging_ms ? aging_ms : DEFAULT_AGING_MS;
	while (table->n_heap && table->heap[0]->n &&
	       table->stats.n - table->stats.n_fixed > table->max)
		evict(table);
}

void mac_table_learn(
	struct mac_table *table, uint16_t vlan, struct mac mac, uint32_t lport, bool lock
)
{
	struct mac_entry *entry = find(table, vlan, mac);

	if (entry && (entry->fixed || (entry->lport != lport && mac_entry_is_held(entry, lport))))
		return;
	if (!entry) {
		entry = add_entry(table, vlan, mac, lport, false);
		table->stats.learned++;
	} else {
		entry->learned_ms = clock_ms();
		requeue(&entry->in_table, &table->by_age);
		if (entry->lport != lport) {
			move_entry(table, entry, lport);
		} else {
			struct mac_lport *home = find_lport(table, lport);

			requeue(&entry->in_lport, &home->entries);
		}
	}
	if (lock) {
		__atomic_store_n(
			&entry->locked_until_ms, clock_ms() + MAC_TABLE_LOCK_MS, __ATOMIC_RELAXED
		);
		requeue(&entry->in_locked, &table->locked);
	}
}

void mac_table_fix(struct mac_table *table, uint16_t vlan, struct mac mac, uint32_t lport)
{
	struct mac_entry *entry = find(table, vlan, mac);

	if (entry && entry->fixed) {
		if (entry->lport == lport)
			return;
		go_to_lport(table, entry, lport);
		tell(table, entry, MAC_CHANGE_MOVED);
		return;
	}
	if (entry)
		remove_entry(table, entry);
	add_entry(table, vlan, mac, lport, true);
}

void mac_table_recall(
	struct mac_table *table, uint16_t vlan, struct mac mac, uint32_t lport, int64_t age_ms
)
{
	if (age_ms >= table->aging_ms || find(table, vlan, mac))
		return;
	add_entry(table, vlan, mac, lport, false)->learned_ms -= age_ms;
}

bool mac_table_del(struct mac_table *table, uint16_t vlan, struct mac mac)
{
	struct mac_entry *entry = find(table, vlan, mac);

	if (entry)
		remove_entry(table, entry);
	return entry;
}

void mac_table_flush(struct mac_table *table)
{
	struct mac_entry *entry, *next;

	cds_list_for_each_entry_safe(entry, next, &table->by_age, in_table)
		if (!entry->fixed)
			remove_entry(table, entry);
}

void mac_table_flush_lport(struct mac_table *table, uint32_t id)
{
	struct mac_lport *lport = find_lport(table, id);
	struct mac_entry *entry, *next;
	unsigned left = lport ? lport->n : 0;

	/* The last removal frees the lport. */
	for (entry = left ? first_of(lport) : NULL; left; entry = next) {
		next = cds_list_entry(entry->in_lport.next, struct mac_entry, in_lport);
		left--;
		remove_entry(table, entry);
	}
}

void mac_table_forget_lport(struct mac_table *table, uint32_t id)
{
	struct mac_lport *lport;

	/* The last removal frees the lport, hence the search each time. */
	while ((lport = find_lport(table, id)))
		remove_entry(table, first_of(lport));
}

static void release_locked(struct mac_table *table, int64_t now)
{
	struct mac_entry *entry, *next;

	cds_list_for_each_entry_safe(entry, next, &table->locked, in_locked) {
		if (entry->locked_until_ms > now)
			return;
		__atomic_store_n(&entry->locked_until_ms, 0, __ATOMIC_RELAXED);
		cds_list_del_init(&entry->in_locked);
		tell(table, entry, MAC_CHANGE_RELEASED);
	}
}

void mac_table_age(struct mac_table *table)
{
	int64_t now = clock_ms();
	struct mac_entry *entry, *next;
	struct mac_entry *first_kept = NULL;
	unsigned left = AGED_AT_ONCE;

	mac_holds_release(table->holds, now, tell_released, table);
	release_locked(table, now);
	cds_list_for_each_entry_safe(entry, next, &table->by_age, in_table) {
		if (entry == first_kept || now - entry->learned_ms < table->aging_ms || !left--)
			break;
		int64_t used_ms = mac_entry_used_ms(entry);

		if (!entry->fixed && now - used_ms >= table->aging_ms) {
			table->stats.expired++;
			remove_entry(table, entry);
			continue;
		}
		/* In use: it counts as learned when it was last used, and queues up again. */
		entry->learned_ms = entry->fixed ? now : used_ms;
		requeue(&entry->in_table, &table->by_age);
		if (!first_kept)
			first_kept = entry;
	}
}

void mac_table_get_stats(const struct mac_table *table, struct mac_table_stats *stats)
{
	*stats = table->stats;
	stats->max = table->max;
}

void mac_table_clear_stats(struct mac_table *table)
{
	table->stats.learned = table->stats.expired = 0;
	table->stats.evicted = table->stats.moved = 0;
}

void mac_table_foreach(
	const struct mac_table *table,
	void (*visit)(const struct mac_entry *entry, void *context),
	void *context
)
{
	struct mac_entry *entry;

	cds_list_for_each_entry(entry, &table->by_age, in_table)
		visit(entry, context);
}

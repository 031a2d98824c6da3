/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* MAC tables: which lport of a bridge leads to a MAC address in a VLAN.
 *
 * The main thread learns, ages and evicts; translators look up without locks; the keeper writes
 * down when traffic last came from an address. A full table makes room at the cost of the lport
 * that has the most addresses, so that one port's flood of addresses cannot push out another's.  */

#include <stdbool.h>
#include <stdint.h>

#include <urcu/list.h>
#include <urcu/rculfhash.h>

#include "lib/epoch.h"
#include "lib/types.h"

struct mac_table;

enum {
	MAC_TABLE_LOCK_MS = 5000, /* how long a gratuitous ARP's word holds */
	MAC_TABLE_RESTLESS = 10, /* moves without a pause, after which an address is held */
};

struct mac_entry {
	struct cds_lfht_node node;
	/* Main writes, all read. */
	struct mac mac;
	uint16_t vlan;
	uint32_t lport; /* id; changes when the address moves */
	int64_t locked_until_ms; /* not moved by reflected packets before; 0: it is not locked */
	bool fixed; /* set by hand: does not age, does not move */
	int64_t learned_ms;
	int64_t held_until_ms; /* does not move before, but home: it has moved too often */
	uint32_t home; /* the lport where it was before it began to move */
	/* Main. */
	uint32_t moved_from; /* where it was before its last move; 0: it never moved */
	int64_t moved_ms;
	unsigned restless; /* moves, each soon after the one before */
	bool returned; /* its last move took it back, soon, to where it had just been */
	/* Keeper writes, main reads: the last packet from the address, 0 before the first count. */
	int64_t used_ms;
	/* Main. */
	struct cds_list_head in_table; /* by age, about */
	struct cds_list_head in_lport;
	struct cds_list_head in_held; /* empty if it is not held */
	struct cds_list_head in_locked; /* empty if it is not locked */
};

enum mac_change {
	MAC_CHANGE_ADDED,
	MAC_CHANGE_MOVED,
	MAC_CHANGE_RELEASED, /* it was held or locked, and may move again */
	MAC_CHANGE_REMOVED
};

struct mac_table_stats {
	unsigned n, max, n_fixed;
	uint64_t learned, expired, evicted, moved;
};

/* Called for each entry that came, went or moved. */
typedef void mac_changed_fn(void *context, const struct mac_entry *entry, enum mac_change change);

/* Any thread that holds an epoch. */

const struct mac_entry *
mac_table_find(const struct mac_table *table, uint16_t vlan, struct mac mac);
/* Whether the address may not move to the lport now. */
bool mac_entry_is_held(const struct mac_entry *entry, uint32_t lport);
/* Whether frames that a bond's other end may have reflected must not move the address now. */
bool mac_entry_is_locked(const struct mac_entry *entry);
/* Main thread and keeper: when the entry was last known to be in use. */
int64_t mac_entry_used_ms(const struct mac_entry *entry);

/* The keeper. */

void mac_entry_set_used(const struct mac_entry *entry, int64_t now_ms);

/* Main thread. */

struct mac_table *mac_table_new(mac_changed_fn *changed, void *context);
/* No translator may see the table any more. */
void mac_table_free(struct mac_table *table);
void mac_table_configure(struct mac_table *table, unsigned max, int64_t aging_ms);

/* Learns that 'mac' is behind 'lport'; with 'lock', a gratuitous ARP said so, after which frames that a
 * bond's other end reflects are not believed for a while. */
void mac_table_learn(
	struct mac_table *table, uint16_t vlan, struct mac mac, uint32_t lport, bool lock
);
/* An entry set by hand. */
void mac_table_fix(struct mac_table *table, uint16_t vlan, struct mac mac, uint32_t lport);
/* Learns, if it is not known, an address that was last heard of 'age_ms' ago. */
void mac_table_recall(
	struct mac_table *table, uint16_t vlan, struct mac mac, uint32_t lport, int64_t age_ms
);
/* False if there was none. */
bool mac_table_del(struct mac_table *table, uint16_t vlan, struct mac mac);
/* Forgets what was learned (not what was set by hand). */
void mac_table_flush(struct mac_table *table);
/* Forgets what was learned behind the lport. */
void mac_table_flush_lport(struct mac_table *table, uint32_t id);
/* … and what was set by hand there, too. */
void mac_table_forget_lport(struct mac_table *table, uint32_t id);
/* Removes what is too old by clock_ms(); with very much of it, a part. */
void mac_table_age(struct mac_table *table);

void mac_table_get_stats(const struct mac_table *table, struct mac_table_stats *stats);
void mac_table_clear_stats(struct mac_table *table);
/* In order of age, about. The entry stays valid until the main thread changes the table. */
void mac_table_foreach(
	const struct mac_table *table,
	void (*visit)(const struct mac_entry *entry, void *context),
	void *context
);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Pending entries: a worker's packets that wait until their flow is translated.
 *
 * An entry is named by the hash of its key, which leaves out what changes from packet to packet of a
 * connection (TTL, TOS, TCP flags): those that wait behind it are looked up again when the answer is
 * there, so a wrong guess costs time but never order.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_cycles.h>

#include "datapath/batch.h"
#include "datapath/miss.h"
#include "datapath/worker.h"
#include "lib/metrics/histogram.h"
#include "lib/types.h"

struct rte_ring;

enum {
	PENDING_ENTRIES = MISS_PLACES, /* of a worker */
	PENDING_WAITING = BATCH_SIZE - 1, /* packets behind the first of an entry … */
	PENDING_MORE = 64, /* … and batches of more, for all entries of a worker */
	PENDING_TICK = 8, /* times are counted in so many cycles, as a power of two */
};

/* Packets behind those that have a place in their entry. */
struct pending_more {
	struct pending_more *next; /* of the same entry */
	uint16_t n;
	struct rte_mbuf *pkts[BATCH_SIZE];
};

struct pending {
	/* The translator gets a pointer to this. Processors fetch lines in pairs: whose fields are whose is told
	 * apart by pairs. */
	alignas(2 * CACHE_LINE) struct miss miss;
	/* The worker's, of what waits behind the first packet. */
	alignas(2 * CACHE_LINE) struct rte_mbuf *waiting[PENDING_WAITING];
	struct pending_more *more, *last; /* NULL: none; written with the first that waits */
};
static_assert(offsetof(struct pending, miss) == 0, "pending: named by its miss in rings");

/* What a worker asks of entries again and again: it stays in its nearest cache, where the entries themselves,
 * which other cores write, do not. */
struct pending_slot {
	uint32_t hash;
	uint32_t since; /* pending_clock() */
	uint16_t port;
	uint16_t next; /* in its chain, or 0 */
	uint16_t n_waiting;
	uint16_t blocks; /* of the key, also while the entry is free */
};
static_assert(CACHE_LINE % sizeof(struct pending_slot) == 0, "pending: slots are in one line");

/* A worker's pending entries, by numbers from 1 on. Worker only. */
struct pending_table {
	unsigned n;
	uint16_t *by_port; /* how many of them each port has */
	struct pending *entries; /* and one of number 0, which is none */
	uint16_t chains[PENDING_ENTRIES];
	uint16_t free[PENDING_ENTRIES]; /* PENDING_ENTRIES - n; the last goes first */
	alignas(CACHE_LINE) struct pending_slot slots[PENDING_ENTRIES + 1];
	unsigned n_more;
	uint16_t *more_by_port;
	struct pending_more *free_more[PENDING_MORE]; /* PENDING_MORE - n_more */
	struct rte_ring *answers; /* translators write, the worker reads */
	/* Answers on their way, which are fetched from other cores while the worker does something else: … */
	bool announced; /* places in the ring are being fetched */
	uint16_t n_taken; /* and entries that have been taken from it */
	struct pending *taken[BATCH_SIZE];
	struct histogram waits; /* worker writes, main reads: how long first packets waited */
	/* The worker writes, others read: misses sent ever, and those whose packets have left. */
	alignas(CACHE_LINE) unsigned sent;
	unsigned done;
};

/* By worker; main makes, all read. NULL: there was no such worker yet. */
extern struct pending_table *pending_tables[WORKERS_MAX];

/* Main thread. */

/* The table of a worker; it stays for the next worker of that index. */
struct pending_table *pending_table_of(unsigned worker);
/* Frees all packets that wait, with all workers and translators stopped. */
void pending_empty(struct pending_table *table);
/* Frees the entry and what waits in it. Returns how many packets that were. */
unsigned pending_drop(struct pending_table *table, struct pending *pending);

/* Workers. */

static inline bool pending_has(const struct pending_table *table, uint16_t port)
{
	return table->n && table->by_port[port];
}

static inline uint32_t pending_clock(void)
{
	return (uint32_t)(rte_rdtsc() >> PENDING_TICK);
}

static inline struct pending_slot *
pending_slot(struct pending_table *table, const struct pending *pending)
{
	return &table->slots[pending - table->entries];
}

static inline struct pending *
pending_find(const struct pending_table *table, uint32_t hash, uint16_t port, uint32_t recirc)
{
	for (unsigned at = table->chains[hash % PENDING_ENTRIES]; at; at = table->slots[at].next) {
		const struct pending_slot *slot = &table->slots[at];
		struct pending *pending = &table->entries[at];

		if (slot->hash == hash && slot->port == port &&
		    pending->miss.key.base.recirc == recirc)
			return pending;
	}
	return NULL;
}

/* A free entry for 'hash' of 'port', linked. NULL if none is left for the port: as many as it has must
 * stay free for others. */
static inline struct pending *
pending_new(struct pending_table *table, uint32_t hash, uint16_t port, uint32_t since)
{
	uint16_t *chain = &table->chains[hash % PENDING_ENTRIES];

	if (unlikely(table->by_port[port] >= PENDING_ENTRIES - table->n))
		return NULL;
	uint16_t at = table->free[PENDING_ENTRIES - ++table->n];
	struct pending *pending = &table->entries[at];
	struct pending_slot *slot = &table->slots[at];

	table->by_port[port]++;
	slot->hash = hash;
	slot->since = since;
	slot->port = port;
	slot->next = *chain;
	slot->n_waiting = 0;
	*chain = at;
	pending->miss.port = port;
	return pending;
}

/* Unlinks and frees the entry. */
static inline void pending_free(struct pending_table *table, struct pending *pending)
{
	uint16_t number = pending - table->entries;
	const struct pending_slot *slot = &table->slots[number];
	uint16_t *at = &table->chains[slot->hash % PENDING_ENTRIES];

	while (unlikely(*at != number))
		at = &table->slots[*at].next;
	*at = slot->next;
	table->free[PENDING_ENTRIES - table->n--] = number;
	table->by_port[slot->port]--;
}

/* Lets the packet wait behind the entry. False: its port has as many such packets as it must leave room
 * for others. */
bool pending_wait(struct pending_table *table, struct pending *pending, struct rte_mbuf *pkt);
/* Gives back what was in 'more' of an entry of the port. */
void pending_free_more(struct pending_table *table, uint16_t port, struct pending_more *more);

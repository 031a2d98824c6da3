/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Misses from the worker's side.
 *
 * A pending entry is named by the hash of its key, which leaves out what changes from packet to
 * packet of a connection (TTL, TOS, TCP flags): those that wait behind it are looked up again when
 * the answer is there, so a wrong guess costs time but never order.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/batch.h"
#include "datapath/miss.h"
#include "datapath/port.h"
#include "lib/metrics/histogram.h"
#include "lib/types.h"

struct rte_ring;
struct worker;

enum {
	MISS_PENDING = 1024, /* entries of a worker */
	MISS_PORT_RING = 64, /* misses of a port that wait for a translator */
	MISS_WAITING = BATCH_SIZE - 1, /* packets behind the first of an entry … */
	MISS_MORE = 64, /* … and batches of more, for all entries of a worker */
	MISS_TURN_NS = 2000, /* of translating that a port gets for each turn … */
	MISS_DEBT_TURNS = 256, /* … of which it may owe so many */
};

/* Packets behind those that have a place in their entry. */
struct waiting {
	struct waiting *next; /* of the same entry */
	uint16_t n;
	struct rte_mbuf *pkts[BATCH_SIZE];
};

struct pending {
	struct miss miss; /* the translator gets a pointer to this */
	/* The worker's. What is read to find an entry shares no line with what translators write. */
	alignas(CACHE_LINE) struct pending *next; /* in its chain */
	uint64_t sent_at; /* by the processor's clock */
	uint32_t hash;
	uint32_t recirc; /* the point its packets come from */
	uint16_t port;
	uint16_t n_waiting;
	struct waiting *more, *last; /* NULL: none */
	struct rte_mbuf *waiting[MISS_WAITING];
};
static_assert(offsetof(struct pending, miss) == 0, "pending: named by its miss in rings");

/* A worker's pending entries. Worker only. */
struct pending_table {
	unsigned n;
	uint16_t *by_port; /* how many of them each port has */
	struct pending *chains[MISS_PENDING];
	struct pending *entries;
	struct pending *free[MISS_PENDING]; /* MISS_PENDING - n; the last goes first */
	unsigned n_more;
	uint16_t *more_by_port;
	struct waiting *free_more[MISS_MORE]; /* MISS_MORE - n_more */
	struct rte_ring *answers; /* translators write, the worker reads */
	struct histogram waits; /* worker writes, main reads: how long first packets waited */
	/* The worker writes, others read: misses sent ever, and those whose packets have left. */
	alignas(CACHE_LINE) unsigned sent;
	unsigned done;
};

/* Translators. */

/* As miss_charge(), for those who know the time. */
void miss_charge_ns(uint16_t port, int64_t ns);

/* Main thread. */

void misses_init(void);
void misses_fini(void);
void misses_add_port(uint16_t port_id);
void misses_del_port(uint16_t port_id);
/* How many there have been. */
unsigned misses_sent(void);
/* How long packets have waited for their translation, and how long the translating took. */
void misses_get_times(struct histogram *waits, struct histogram *translating);
/* Makes the table of a worker; it stays for the next worker of that index. */
struct pending_table *pending_table_of(unsigned worker);

/* Workers. */

/* Whether packets of the port wait: what else comes from it must not overtake them. */
static inline bool pending_has(const struct pending_table *table, uint16_t port)
{
	return table->n && table->by_port[port];
}

static inline struct pending *
pending_find(const struct pending_table *table, uint32_t hash, uint16_t port, uint32_t recirc)
{
	struct pending *pending = table->chains[hash % MISS_PENDING];

	while (pending &&
	       (pending->hash != hash || pending->port != port || pending->recirc != recirc))
		pending = pending->next;
	return pending;
}

/* A free entry for 'hash' of 'port', linked. NULL if none is left for the port: as many as it has must
 * stay free for others. */
struct pending *
pending_new(struct pending_table *table, uint32_t hash, uint16_t port, uint32_t recirc);
/* Lets the packet wait behind the entry. False: its port has as many such packets as it must leave room
 * for others. */
bool pending_wait(struct pending_table *table, struct pending *pending, struct rte_mbuf *pkt);
/* Gives back what was in 'more' of an entry of the port. */
void waiting_free(struct pending_table *table, uint16_t port, struct waiting *waiting);
/* 'n' entries will be needed: they are fetched together. */
void pending_prefetch(const struct pending_table *table, unsigned n);
/* Unlinks and frees the entry. */
void pending_free(struct pending_table *table, struct pending *pending);
/* Hands entries of one port to the translators. Returns how many its ring took, the first ones. */
unsigned misses_send(struct pending_table *table, struct pending **pendings, unsigned n);
/* Takes up to 'max' answered entries. Returns how many. */
unsigned misses_take_answers(struct pending_table *table, struct pending **pendings, unsigned max);
/* The packets of 'n' answered entries have left: those are in flight no more. */
void miss_done(struct pending_table *table, unsigned n);

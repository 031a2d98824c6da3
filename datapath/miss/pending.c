/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/miss/pending.h"

#include <rte_mbuf.h>

#include "datapath/packet/ring.h"
#include "datapath/pages.h"
#include "datapath/port.h"
#include "lib/epoch.h"
#include "lib/xmalloc.h"

struct pending_table *pending_tables[WORKERS_MAX];

static struct rte_ring *ring_new(void)
{
	/* One place is never used by a ring: this one can hold every entry. */
	unsigned size = PENDING_ENTRIES * 2;
	struct rte_ring *ring = xalloc_aligned(CACHE_LINE, rte_ring_get_memsize(size));

	ring_init(ring, "answers", size, 0);
	return ring;
}

struct pending_table *pending_table_of(unsigned worker)
{
	struct pending_table *table = pending_tables[worker];

	if (table)
		return table;
	table = xalloc_aligned(CACHE_LINE, sizeof(*table));
	table->by_port = xalloc_aligned(CACHE_LINE, PORT_IDS * sizeof(uint16_t));
	table->entries = pages_map((PENDING_ENTRIES + 1) * sizeof(struct pending), false);
	table->more_by_port = xalloc_aligned(CACHE_LINE, PORT_IDS * sizeof(uint16_t));
	for (unsigned i = 0; i < PENDING_MORE; i++)
		table->free_more[i] = XNEW(struct pending_more);
	table->answers = ring_new();
	for (unsigned i = 0; i < PENDING_ENTRIES; i++) {
		table->entries[i + 1].miss.worker = worker;
		table->free[i] = i + 1;
	}
	epoch_store(&pending_tables[worker], table);
	return table;
}

/* A block for more packets of the entry. NULL if as many as its port has would not be left. */
static struct pending_more *more_new(struct pending_table *table, struct pending *pending)
{
	uint16_t port = pending->miss.port;

	if (table->more_by_port[port] >= PENDING_MORE - table->n_more)
		return NULL;
	struct pending_more *more = table->free_more[PENDING_MORE - ++table->n_more];

	table->more_by_port[port]++;
	more->n = 0;
	more->next = NULL;
	if (pending->last)
		pending->last->next = more;
	else
		pending->more = more;
	pending->last = more;
	return more;
}

void pending_free_more(struct pending_table *table, uint16_t port, struct pending_more *more)
{
	table->free_more[PENDING_MORE - table->n_more--] = more;
	table->more_by_port[port]--;
}

bool pending_wait(struct pending_table *table, struct pending *pending, struct rte_mbuf *pkt)
{
	struct pending_slot *slot = pending_slot(table, pending);
	struct pending_more *more;

	if (likely(slot->n_waiting < PENDING_WAITING)) {
		if (!slot->n_waiting)
			pending->more = pending->last = NULL;
		pending->waiting[slot->n_waiting++] = pkt;
		return true;
	}
	more = pending->last;
	if (!more || more->n == BATCH_SIZE)
		more = more_new(table, pending);
	if (!more)
		return false;
	more->pkts[more->n++] = pkt;
	return true;
}

static void free_packets(struct pending_table *table, struct pending *pending)
{
	uint16_t n_waiting = pending_slot(table, pending)->n_waiting;
	struct pending_more *next;

	rte_pktmbuf_free(pending->miss.first);
	rte_pktmbuf_free_bulk(pending->waiting, n_waiting);
	for (struct pending_more *more = n_waiting ? pending->more : NULL; more; more = next) {
		next = more->next;
		rte_pktmbuf_free_bulk(more->pkts, more->n);
		pending_free_more(table, pending->miss.port, more);
	}
}

unsigned pending_drop(struct pending_table *table, struct pending *pending)
{
	uint16_t n_waiting = pending_slot(table, pending)->n_waiting;
	unsigned n = 1 + n_waiting;

	for (const struct pending_more *more = n_waiting ? pending->more : NULL; more;
	     more = more->next)
		n += more->n;
	free_packets(table, pending);
	pending_free(table, pending);
	return n;
}

void pending_empty(struct pending_table *table)
{
	void *miss;

	for (unsigned c = 0; c < PENDING_ENTRIES; c++) {
		while (table->chains[c]) {
			struct pending *pending = &table->entries[table->chains[c]];

			free_packets(table, pending);
			pending_free(table, pending);
		}
	}
	while (ring_take(table->answers, &miss, 1))
		;
	table->announced = false;
	table->n_taken = 0;
	table->done = table->sent;
}

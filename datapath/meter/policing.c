/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/meter/policing.h"

#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/drop.h"
#include "datapath/fast/queue.h"
#include "datapath/meter/rate.h"
#include "datapath/port.h"
#include "datapath/worker_priv.h"
#include "lib/clock.h"
#include "lib/epoch.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

DROP_REASON(ingress_policed, "more came in by the port than it may (ingress_policing_rate)");

enum {
	ETH_HEADER = 14, /* does not count where bytes of IP packets do */
};

/* What workers write stands on a line of its own. */
struct limit {
	alignas(CACHE_LINE) struct rate rate;
	alignas(CACHE_LINE) int64_t due;
};

struct queue {
	struct limit committed, excess;
	/* Main writes before anybody sees it. */
	uint32_t number;
	bool has_excess;
	/* Workers add, main reads. */
	alignas(CACHE_LINE) struct policing_counts counts;
};

struct policing {
	/* Main writes before anybody sees it. */
	bool limits_bytes, limits_packets;
	unsigned n_queues;
	/* A hash table of queues by number: 1 + where they are, or 0. There are more slots than queues. */
	uint32_t *slots;
	uint32_t slots_mask;
	struct policing_config config; /* to tell whether another one is different */
	struct limit in_bytes, in_packets;
	struct queue queues[];
};

static void set_limit(struct limit *limit, struct policing_rate rate)
{
	limit->rate = rate_of((double)rate.rate, (double)rate.burst);
	limit->due = rate_never_paid();
}

/* Where a queue is, or would be if there were one of that number. */
static inline uint32_t *find_slot(const struct policing *policing, uint32_t number)
{
	uint32_t at = number * 0x9e3779b1; /* numbers that follow each other end up far apart */

	for (at ^= at >> 16;; at++) {
		uint32_t *slot = &policing->slots[at & policing->slots_mask];

		if (!*slot || policing->queues[*slot - 1].number == number)
			return slot;
	}
}

static void make_slots(struct policing *policing)
{
	uint32_t n = 2;

	while (n < 2 * policing->n_queues)
		n *= 2;
	policing->slots = XNEW_N(uint32_t, n);
	policing->slots_mask = n - 1;
	for (uint32_t i = 0; i < policing->n_queues; i++) {
		uint32_t *slot = find_slot(policing, policing->queues[i].number);

		if (!*slot)
			*slot = i + 1;
	}
}

static struct policing *policing_new(const struct policing_config *config)
{
	size_t size = sizeof(struct policing) + config->n_queues * sizeof(struct queue);
	struct policing *new = xalloc_aligned(CACHE_LINE, size);
	size_t queues_size = config->n_queues * sizeof(config->queues[0]);
	struct policing_queue *queues = xmalloc(queues_size + 1);

	new->limits_bytes = config->limits_bytes;
	new->limits_packets = config->limits_packets;
	new->n_queues = config->n_queues;
	new->config = *config;
	memcpy(queues, config->queues, queues_size);
	new->config.queues = queues;
	set_limit(&new->in_bytes, config->in_bytes);
	set_limit(&new->in_packets, config->in_packets);
	for (unsigned i = 0; i < config->n_queues; i++) {
		new->queues[i].number = queues[i].number;
		new->queues[i].has_excess = queues[i].excess.rate > 0;
		set_limit(&new->queues[i].committed, queues[i].committed);
		set_limit(&new->queues[i].excess, queues[i].excess);
		new->queues[i].counts.since_ms = clock_ms();
	}
	make_slots(new);
	return new;
}

static void keep_counts(struct policing *new, const struct policing *old)
{
	for (unsigned i = 0; i < new->n_queues; i++)
		for (unsigned j = 0; j < old->n_queues; j++)
			if (new->queues[i].number == old->queues[j].number)
				policing_get_counts(old, j, &new->queues[i].counts);
}

void policing_free(struct policing *policing)
{
	if (!policing)
		return;
	free((void *)policing->config.queues);
	free(policing->slots);
	free(policing);
}

static void free_later(void *policing)
{
	policing_free(policing);
}

static bool same_rate(struct policing_rate a, struct policing_rate b)
{
	return a.rate == b.rate && a.burst == b.burst;
}

static bool is_same(const struct policing_config *a, const struct policing_config *b)
{
	if (a->limits_bytes != b->limits_bytes || a->limits_packets != b->limits_packets ||
	    !same_rate(a->in_bytes, b->in_bytes) || !same_rate(a->in_packets, b->in_packets) ||
	    a->n_queues != b->n_queues)
		return false;
	for (unsigned i = 0; i < a->n_queues; i++)
		if (a->queues[i].number != b->queues[i].number ||
		    !same_rate(a->queues[i].committed, b->queues[i].committed) ||
		    !same_rate(a->queues[i].excess, b->queues[i].excess))
			return false;
	return true;
}

void policing_set(struct port *port, const struct policing_config *config)
{
	struct policing *old = port->policing, *new = NULL;
	bool wanted = config->limits_bytes || config->limits_packets || config->n_queues;

	if (old ? is_same(&old->config, config) : !wanted)
		return;
	if (wanted)
		new = policing_new(config);
	if (new &&old)
		keep_counts(new, old);
	epoch_store(&port->policing, new);
	if (old)
		epoch_free(old, free_later);
}

const struct policing_config *policing_config_of(const struct policing *policing)
{
	return &policing->config;
}

void policing_get_counts(
	const struct policing *policing, unsigned queue, struct policing_counts *counts
)
{
	const struct policing_counts *from = &policing->queues[queue].counts;

	counts->packets = __atomic_load_n(&from->packets, __ATOMIC_RELAXED);
	counts->bytes = __atomic_load_n(&from->bytes, __ATOMIC_RELAXED);
	counts->dropped = __atomic_load_n(&from->dropped, __ATOMIC_RELAXED);
	counts->since_ms = from->since_ms;
}

uint64_t policing_count(const struct port *port)
{
	return drop_count(port->id, &drop_ingress_policed);
}

/* Workers. */

bool policing_limits_in(const struct policing *policing)
{
	return policing->limits_bytes || policing->limits_packets;
}

bool policing_limits_out(const struct policing *policing)
{
	return policing->n_queues > 0;
}

static uint32_t first_bits(uint16_t n)
{
	return n < 32 ? (1U << n) - 1 : UINT32_MAX;
}

/* The packets of 'among' that the limit does not allow. 'skipped' bytes of each do not count. */
static uint32_t
exceed(struct limit *limit,
       struct rte_mbuf *const *pkts,
       uint32_t among,
       unsigned skipped,
       bool packets)
{
	int64_t costs[BATCH_SIZE];

	for (uint32_t left = among; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		costs[i] =
			rate_cost(&limit->rate, packets ? 1 : (uint64_t)pkts[i]->pkt_len - skipped);
	}
	return rate_exceed(&limit->rate, &limit->due, rate_now(), costs, among);
}

/* Moves the packets in 'excess' behind the others; returns how many those are. */
static uint16_t move_behind(struct rte_mbuf **pkts, uint16_t n, uint32_t excess)
{
	struct rte_mbuf *bad[BATCH_SIZE];
	uint16_t n_good = 0, n_bad = 0;

	for (uint16_t i = 0; i < n; i++) {
		if (excess >> i & 1)
			bad[n_bad++] = pkts[i];
		else
			pkts[n_good++] = pkts[i];
	}
	for (uint16_t i = 0; i < n_bad; i++)
		pkts[n_good + i] = bad[i];
	return n_good;
}

uint64_t policing_in(struct worker *worker, struct policing *policing, struct batch *batch)
{
	uint32_t all = first_bits(batch->n), excess = 0;
	uint64_t bytes = 0;

	if (policing->limits_packets)
		excess = exceed(&policing->in_packets, batch->pkts, all, 0, true);
	if (policing->limits_bytes && excess != all)
		excess |= exceed(&policing->in_bytes, batch->pkts, all & ~excess, 0, false);
	if (excess) {
		uint16_t left = move_behind(batch->pkts, batch->n, excess);

		worker_drop(worker, &batch->pkts[left], batch->n - left, &drop_ingress_policed);
		batch->n = left;
	}
	BATCH_FOREACH(i, batch)
		bytes += batch->pkts[i]->pkt_len;
	return bytes;
}

static unsigned find_queue(const struct policing *policing, const struct rte_mbuf *pkt)
{
	uint32_t slot = *find_slot(policing, queue_of(pkt));

	return slot ? slot - 1 : 0;
}

/* Queues that several workers send to are counted together, as they are measured. */
static void count(struct queue *queue, struct rte_mbuf *const *pkts, uint32_t ours, uint32_t over)
{
	uint64_t bytes = 0, packets = (uint64_t)__builtin_popcount(ours & ~over);

	for (uint32_t left = ours & ~over; left; left &= left - 1)
		bytes += pkts[__builtin_ctz(left)]->pkt_len;
	__atomic_fetch_add(&queue->counts.packets, packets, __ATOMIC_RELAXED);
	__atomic_fetch_add(&queue->counts.bytes, bytes, __ATOMIC_RELAXED);
	if (over)
		__atomic_fetch_add(
			&queue->counts.dropped, (uint64_t)__builtin_popcount(over), __ATOMIC_RELAXED
		);
}

uint16_t policing_out(struct policing *policing, struct rte_mbuf **pkts, uint16_t n)
{
	unsigned queues[BATCH_SIZE] = {0}; /* cppcheck thinks that there may be no packet */
	uint32_t excess = 0;

	for (uint16_t i = 0; i < n; i++)
		queues[i] = find_queue(policing, pkts[i]);
	for (uint32_t left = first_bits(n); left;) {
		unsigned at = queues[__builtin_ctz(left)];
		struct queue *queue = &policing->queues[at];
		uint32_t ours = 0, over;

		for (uint32_t rest = left; rest; rest &= rest - 1) {
			unsigned i = (unsigned)__builtin_ctz(rest);

			if (queues[i] == at)
				ours |= 1U << i;
		}
		over = exceed(&queue->committed, pkts, ours, ETH_HEADER, false);
		if (over && queue->has_excess)
			over = exceed(&queue->excess, pkts, over, ETH_HEADER, false);
		count(queue, pkts, ours, over);
		excess |= over;
		left &= ~ours;
	}
	return excess ? move_behind(pkts, n, excess) : n;
}

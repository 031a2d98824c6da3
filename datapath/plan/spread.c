/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/plan/spread.h"

#include <limits.h>
#include <stdlib.h>

#include "datapath/worker.h"
#include "lib/xmalloc.h"

/* Workers that queues without a pin may be given to, and what they have so far. */
struct hands {
	unsigned n;
	unsigned workers[WORKERS_MAX];
	uint64_t loads[WORKERS_MAX];
	unsigned counts[WORKERS_MAX];
	uint64_t guess; /* what a queue will cost that is new */
};

bool spread_is_isolated(const struct spread *spread, unsigned worker)
{
	if (!spread->isolate)
		return false;
	for (unsigned i = 0; i < spread->n_queues; i++)
		if (spread->queues[i].pinned == (int)worker)
			return true;
	return false;
}

static bool is_pinned(const struct spread *spread, const struct spread_queue *queue)
{
	return queue->pinned != SPREAD_NOBODY && queue->pinned < (int)spread->n_workers;
}

static void find_hands(const struct spread *spread, struct hands *hands)
{
	*hands = (struct hands){0};
	for (unsigned i = 0; i < spread->n_workers; i++)
		if (!spread_is_isolated(spread, i))
			hands->workers[hands->n++] = i;
	for (unsigned i = 0; !hands->n && i < spread->n_workers; i++)
		hands->workers[i] = i;
	if (!hands->n)
		hands->n = spread->n_workers;

	uint64_t load = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < spread->n_queues; i++) {
		load += spread->queues[i].load;
		n += spread->queues[i].load > 0;
	}
	hands->guess = n ? load / n : 1;
}

/* The place of the worker among the hands, or -1. */
static int find_hand(const struct hands *hands, int worker)
{
	for (unsigned i = 0; i < hands->n; i++)
		if ((int)hands->workers[i] == worker)
			return i;
	return -1;
}

static void add_load(struct hands *hands, int hand, const struct spread_queue *queue)
{
	bool is_new = queue->worker == SPREAD_NOBODY && !queue->load;

	hands->loads[hand] += is_new ? hands->guess : queue->load;
}

static void give(struct hands *hands, int hand, struct spread_queue *queue)
{
	add_load(hands, hand, queue);
	queue->worker = hands->workers[hand];
	hands->counts[hand]++;
}

/* What it costs leaves its worker, unless that is isolated, less time for others. */
static void pin(struct hands *hands, struct spread_queue *queue)
{
	int hand = find_hand(hands, queue->pinned);

	if (hand >= 0)
		add_load(hands, hand, queue);
	queue->worker = queue->pinned;
}

static unsigned least(const struct hands *hands, bool by_load)
{
	unsigned best = 0;

	for (unsigned i = 1; i < hands->n; i++) {
		bool lighter = by_load && hands->loads[i] < hands->loads[best];
		bool equal = !by_load || hands->loads[i] == hands->loads[best];

		if (lighter || (equal && hands->counts[i] < hands->counts[best]))
			best = i;
	}
	return best;
}

static int by_load(const void *a, const void *b)
{
	const struct spread_queue *x = *(struct spread_queue *const *)a;
	const struct spread_queue *y = *(struct spread_queue *const *)b;

	if (x->load != y->load)
		return x->load < y->load ? 1 : -1;
	/* qsort() is not stable: what came first stays first. */
	return x < y ? -1 : 1;
}

/* Back and forth, so that who gets the busiest gets the idlest of the next ones. */
static void deal(struct hands *hands, struct spread_queue **queues, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned turn = i / hands->n, at = i % hands->n;

		give(hands, turn % 2 ? hands->n - 1 - at : at, queues[i]);
	}
}

void spread(const struct spread *spread)
{
	struct spread_queue **free_ones = XNEW_N(struct spread_queue *, spread->n_queues + 1);
	unsigned share, n_free = 0, n_unpinned = 0;
	struct hands hands;

	find_hands(spread, &hands);
	for (unsigned i = 0; i < spread->n_queues; i++)
		n_unpinned += !is_pinned(spread, &spread->queues[i]);
	share = !spread->even ? UINT_MAX : hands.n ? (n_unpinned + hands.n - 1) / hands.n : 0;
	for (unsigned i = 0; i < spread->n_queues; i++) {
		struct spread_queue *queue = &spread->queues[i];
		int hand = find_hand(&hands, queue->worker);

		if (is_pinned(spread, queue))
			pin(&hands, queue);
		else if (spread->keep && hand >= 0 && hands.counts[hand] < share)
			give(&hands, hand, queue);
		else
			free_ones[n_free++] = queue;
	}
	if (spread->mode != SPREAD_ROUNDROBIN)
		qsort(free_ones, n_free, sizeof(free_ones[0]), by_load);
	if (!hands.n)
		for (unsigned i = 0; i < n_free; i++)
			free_ones[i]->worker = SPREAD_NOBODY;
	else if (spread->mode == SPREAD_CYCLES && !spread->keep)
		deal(&hands, free_ones, n_free);
	else
		for (unsigned i = 0; i < n_free; i++)
			give(&hands, least(&hands, spread->mode != SPREAD_ROUNDROBIN), free_ones[i]
			);
	free(free_ones);
}

double spread_variance(const struct spread *spread)
{
	struct hands hands;
	double mean = 0, sum = 0;

	find_hands(spread, &hands);
	for (unsigned i = 0; i < spread->n_queues; i++) {
		int hand = find_hand(&hands, spread->queues[i].worker);

		if (hand >= 0)
			hands.loads[hand] += spread->queues[i].load;
	}
	for (unsigned i = 0; i < hands.n; i++)
		mean += (double)hands.loads[i] / hands.n;
	for (unsigned i = 0; i < hands.n; i++)
		sum += (hands.loads[i] - mean) * (hands.loads[i] - mean);
	return hands.n ? sum / hands.n : 0;
}

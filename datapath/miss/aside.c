/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/miss/aside.h"

#include "datapath/miss_priv.h"

#include "datapath/fast/fast.h"

DROP_REASON(
	miss_entries_full,
	"the port had as many new flows waiting on the worker as were left for others"
);
DROP_REASON(miss_queue_full, "too many new flows of the port waited for translation");
DROP_REASON(
	miss_waiting_full,
	"as many packets of the port waited for the translation of their flows as were left for others"
);

/* Parks the packet in a new pending entry. */
static inline void
miss(struct worker *worker, unsigned i, struct rte_mbuf *pkt, struct asking *asking)
{
	struct pending_table *table = worker->pending;
	struct pending *pending =
		pending_new(table, worker->keys.hashes[i], worker->in_port, asking->since);

	if (unlikely(!pending)) {
		COUNTER_ADD(worker->stats.lost, 1);
		worker_drop(worker, &pkt, 1, &drop_miss_entries_full);
		return;
	}
	keys_get_again(&worker->keys, i, &pending->miss.key, &pending_slot(table, pending)->blocks);
	pending->miss.first = pkt;
	pending->miss.length = pkt->pkt_len;
	asking->pendings[asking->n++] = pending;
}

static void wait_behind(struct worker *worker, struct pending *pending, struct rte_mbuf *pkt)
{
	if (unlikely(!pending_wait(worker->pending, pending, pkt))) {
		COUNTER_ADD(worker->stats.lost, 1);
		worker_drop(worker, &pkt, 1, &drop_miss_waiting_full);
		return;
	}
	COUNTER_ADD(worker->stats.waited, 1);
}

static inline struct pending *find_pending(const struct worker *worker, unsigned i)
{
	return pending_find(
		worker->pending, worker->keys.hashes[i], worker->in_port, worker->recirc
	);
}

/* Drops the packets of an entry that nobody is asked about. */
static void give_up(struct worker *worker, struct pending *pending)
{
	uint16_t n_waiting = pending_slot(worker->pending, pending)->n_waiting;

	COUNTER_ADD(worker->stats.lost, n_waiting + 1);
	worker_drop(worker, &pending->miss.first, 1, &drop_miss_queue_full);
	if (n_waiting)
		worker_drop(worker, pending->waiting, n_waiting, &drop_miss_queue_full);
	pending_free(worker->pending, pending);
}

void aside_begin(struct asking *asking)
{
	asking->n = 0;
	asking->since = pending_clock();
}

void aside_set_one(struct worker *worker, unsigned i, struct rte_mbuf *pkt, struct asking *asking)
{
	struct pending *pending = find_pending(worker, i);

	if (pending)
		wait_behind(worker, pending, pkt);
	else
		miss(worker, i, pkt, asking);
}

void aside_ask(struct worker *worker, struct asking *asking)
{
	unsigned sent = 0;

	if (!asking->n)
		return;
	sent = misses_send(worker->pending, asking->pendings, asking->n);
	COUNTER_ADD(worker->stats.misses, sent);
	for (; unlikely(sent < asking->n); sent++)
		give_up(worker, asking->pendings[sent]);
}

bool aside_set(struct worker *worker, struct batch *batch)
{
	struct lookup *lookup = &worker->lookup;
	struct asking asking;
	bool left = false;

	aside_begin(&asking);
	BATCH_FOREACH(i, batch) {
		struct pending *pending = find_pending(worker, i);

		if (!pending && lookup->flows[i]) {
			left = true;
			continue;
		}
		if (pending)
			wait_behind(worker, pending, batch->pkts[i]);
		else
			miss(worker, i, batch->pkts[i], &asking);
		lookup->flows[i] = NULL;
	}
	aside_ask(worker, &asking);
	return left;
}

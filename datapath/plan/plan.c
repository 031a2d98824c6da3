/* SPDX-License-Identifier: Apache-2.0 */

/* Plans: which worker polls which queue. The main thread keeps the assignments, makes a new plan
 * for each worker they change for, and publishes it. A queue that moves is first taken from its
 * old worker, and given to the new one only when the old one cannot see it any more and what it had
 * received from it has left.  */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "datapath/plan/plan_priv.h"
#include "datapath/port.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/xmalloc.h"

enum {
	LEAVE_MS = 100, /* packets that do not leave within this may be overtaken */
};

CDS_LIST_HEAD(plan_assignments);
struct plan_config plan_config = {.isolate = true};

static unsigned n_planned; /* workers queues may be given to */
static uint32_t last_number;

static unsigned count_of(int worker)
{
	struct assignment *a;
	unsigned n = 0;

	cds_list_for_each_entry(a, &plan_assignments, node)
		n += a->worker == worker;
	return n;
}

/* Makes and publishes the worker's plan from the assignments. */
static void publish(unsigned worker)
{
	unsigned n = count_of(worker);
	struct plan *plan = xcalloc(1, sizeof(*plan) + n * sizeof(plan->rxqs[0]));
	struct plan *old = workers[worker]->plan;
	struct assignment *a;

	plan->number = ++last_number;
	plan->can_wait = true;
	cds_list_for_each_entry(a, &plan_assignments, node) {
		if (a->worker != (int)worker)
			continue;
		bool by_fd = a->rxq->port->type->rx_by_fd;

		plan->rxqs[plan->n_rxqs++] = (struct plan_rxq){a->rxq, a->load, by_fd};
		plan->can_wait &= a->rxq->wait_fd >= 0;
		plan->asks |= by_fd;
	}
	epoch_store(&workers[worker]->plan, plan);
	epoch_free(old, free);
	worker_kick(workers[worker]);
}

/* What a worker had on hand at some moment. */
struct on_hand {
	uint64_t misses; /* ever sent to translators */
	uint32_t handed; /* end of the packets others had left for it to send */
};

static void look(const struct worker *worker, struct on_hand *on_hand)
{
	on_hand->misses = __atomic_load_n(&worker->stats.misses, __ATOMIC_RELAXED);
	on_hand->handed = ring_end(worker->handed);
}

static bool has_left(const struct worker *worker, const struct on_hand *on_hand)
{
	uint32_t sent = __atomic_load_n(&worker->handed->cons.tail, __ATOMIC_ACQUIRE);

	return (int32_t)(sent - on_hand->handed) >= 0 &&
		__atomic_load_n(&worker->stats.answers, __ATOMIC_RELAXED) >= on_hand->misses;
}

/* Waits until the packets that wait behind misses, and those handed to others for sending, are
 * gone: a queue's new worker would overtake them. Translators answer in about the order they were
 * asked, so counting says it well enough. */
static void wait_until_packets_leave(unsigned n_workers)
{
	const struct timespec pause = {.tv_nsec = 50000};
	struct on_hand on_hand[WORKERS_MAX];
	unsigned tries = LEAVE_MS * 20;

	for (unsigned i = 0; i < n_workers; i++)
		look(workers[i], &on_hand[i]);
	epoch_offline();
	for (unsigned i = 0; i < n_workers; i++)
		for (; tries && !has_left(workers[i], &on_hand[i]); tries--)
			nanosleep(&pause, NULL);
	epoch_online();
	/* Those seen last have been taken from their ring, and are gone with the end of the round. */
	epoch_wait();
}

/* The worker the queue is pinned to, if its core has one. */
static int pinned_to(const struct port_rxq *rxq)
{
	int core = rxq->port->affinity[rxq->index];

	for (unsigned i = 0; core && i < WORKERS_MAX; i++)
		if (workers[i] && workers[i]->core == core - 1)
			return i;
	return SPREAD_NOBODY;
}

struct spread_queue *plan_make_spread(struct spread *spread, bool keep, unsigned n_workers)
{
	struct assignment *a;
	unsigned n = 0;

	cds_list_for_each_entry(a, &plan_assignments, node)
		n++;
	*spread = (struct spread){
		.mode = plan_config.mode,
		.isolate = plan_config.isolate,
		.keep = keep,
		.n_workers = n_workers,
		.queues = XNEW_N(struct spread_queue, n + 1),
	};
	cds_list_for_each_entry(a, &plan_assignments, node)
		spread->queues[spread->n_queues++] = (struct spread_queue){
			.load = plan_history_sum(
				&a->history, __atomic_load_n(&a->load->cycles, __ATOMIC_RELAXED)
			),
			.pinned = pinned_to(a->rxq),
			.worker = a->worker,
		};
	return spread->queues;
}

bool plan_is_isolated(unsigned worker)
{
	struct spread spread;
	struct spread_queue *queues = plan_make_spread(&spread, true, n_planned);
	bool isolated = spread_is_isolated(&spread, worker);

	free(queues);
	return isolated;
}

/* Workers that lost a queue (which nobody has any more then) get their new plan. */
static void take_queues(const struct spread *spread)
{
	bool changed[WORKERS_MAX] = {false};
	unsigned before = n_planned;
	unsigned i = 0;
	bool moved = false;
	struct assignment *a;

	cds_list_for_each_entry(a, &plan_assignments, node) {
		const struct spread_queue *queue = &spread->queues[i++];

		if (a->worker == SPREAD_NOBODY || a->worker == queue->worker)
			continue;
		changed[a->worker] = moved = true;
		a->worker = SPREAD_NOBODY;
	}
	if (!moved)
		return;
	for (i = 0; i < before; i++)
		if (changed[i])
			publish(i);
	epoch_wait();
	/* Twice: what waited behind a miss may have been handed over then. */
	for (i = 0; spread->n_workers && i < 2; i++)
		wait_until_packets_leave(before);
}

void plan_apply(const struct spread *spread)
{
	bool changed[WORKERS_MAX] = {false};
	unsigned i = 0;
	struct assignment *a;

	take_queues(spread);
	n_planned = spread->n_workers;
	cds_list_for_each_entry(a, &plan_assignments, node) {
		const struct spread_queue *queue = &spread->queues[i++];

		if (a->worker == queue->worker)
			continue;
		a->worker = queue->worker;
		changed[a->worker] = true;
	}
	for (i = 0; i < n_planned; i++)
		if (changed[i])
			publish(i);
	epoch_wait();
}

/* Spreads the queues anew; with 'keep' those that can stay do. */
static void spread_all(bool keep, unsigned n_workers)
{
	struct spread now;
	struct spread_queue *queues = plan_make_spread(&now, keep, n_workers);

	now.even = n_workers != n_planned;
	spread(&now);
	plan_apply(&now);
	free(queues);
}

void plan_rebalance(void)
{
	spread_all(false, n_planned);
}

void plan_configure(const struct plan_config *config)
{
	bool changed = plan_config.mode != config->mode || plan_config.isolate != config->isolate;

	plan_config = *config;
	if (changed)
		plan_rebalance();
}

void plan_set_affinity(struct port *port, const uint16_t *cores)
{
	if (!memcmp(port->affinity, cores, sizeof(port->affinity)))
		return;
	memcpy(port->affinity, cores, sizeof(port->affinity));
	spread_all(true, n_planned);
}

static void add_queues(struct port *port)
{
	if (!port->type->rx)
		return;
	for (unsigned i = 0; i < port->n_rxqs; i++) {
		struct assignment *a = XNEW(struct assignment);

		a->rxq = port->rxqs[i];
		a->load = xalloc_aligned(CACHE_LINE, sizeof(*a->load));
		a->load->depth = a->load->depth_most = -1;
		a->worker = SPREAD_NOBODY;
		cds_list_add_tail(&a->node, &plan_assignments);
	}
}

void plan_add_ports(struct port *const *ports, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		add_queues(ports[i]);
	if (n)
		spread_all(true, n_planned);
}

void plan_add_port(struct port *port)
{
	plan_add_ports(&port, 1);
}

void plan_del_ports(struct port *const *ports, unsigned n)
{
	bool changed[WORKERS_MAX] = {false};
	struct assignment *a, *next;
	CDS_LIST_HEAD(gone);

	for (unsigned i = 0; i < n; i++)
		ports[i]->leaves_plan = true;
	cds_list_for_each_entry_safe(a, next, &plan_assignments, node) {
		if (!a->rxq->port->leaves_plan)
			continue;
		if (a->worker != SPREAD_NOBODY)
			changed[a->worker] = true;
		cds_list_del(&a->node);
		cds_list_add(&a->node, &gone);
	}
	for (unsigned i = 0; i < n; i++)
		ports[i]->leaves_plan = false;
	for (unsigned i = 0; i < n_planned; i++)
		if (changed[i])
			publish(i);
	epoch_wait();
	/* Only now: a worker that is between two rounds may take up the old plan until the new one is there. */
	cds_list_for_each_entry_safe(a, next, &gone, node) {
		free(a->load);
		free(a);
	}
}

void plan_del_port(struct port *port)
{
	plan_del_ports(&port, 1);
}

void plan_workers_changed(unsigned n)
{
	spread_all(true, n);
}

const struct rxq_load *plan_find_load(const struct port_rxq *rxq, int *worker)
{
	struct assignment *a;

	cds_list_for_each_entry(a, &plan_assignments, node) {
		if (a->rxq == rxq) {
			*worker = a->worker;
			return a->load;
		}
	}
	*worker = SPREAD_NOBODY;
	return NULL;
}

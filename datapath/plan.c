/* SPDX-License-Identifier: Apache-2.0 */

/* Plans: which worker polls which queue. The main thread keeps the assignments, makes a new plan
 * for each worker they change for, and publishes it. A queue that moves is first taken from its
 * old worker, and given to the new one only when the old one cannot see it any more and what it had
 * received from it has left.  */

#include <stdlib.h>
#include <time.h>

#include <rte_ring.h>
#include <urcu/list.h>

#include "datapath/port.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/xmalloc.h"

enum {
	UNASSIGNED = -1,
	LEAVE_MS = 100, /* packets that do not leave within this may be overtaken */
};

struct assignment {
	struct cds_list_head node;
	struct port_rxq *rxq;
	struct rxq_load *load;
	int worker; /* or UNASSIGNED */
};

static CDS_LIST_HEAD(assignments);
static unsigned n_planned; /* workers queues may be given to */
static uint32_t last_number;

static unsigned count_of(int worker)
{
	struct assignment *a;
	unsigned n = 0;

	cds_list_for_each_entry(a, &assignments, node)
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
	cds_list_for_each_entry(a, &assignments, node) {
		if (a->worker != (int)worker)
			continue;
		plan->rxqs[plan->n_rxqs++] = (struct plan_rxq){a->rxq, a->load};
		plan->can_wait &= a->rxq->wait_fd >= 0;
	}
	epoch_store(&workers[worker]->plan, plan);
	epoch_free(old, free);
	worker_kick(workers[worker]);
}

static int least_loaded(void)
{
	int best = UNASSIGNED;
	unsigned fewest = 0;

	for (unsigned i = 0; i < n_planned; i++) {
		unsigned n = count_of(i);

		if (best == UNASSIGNED || n < fewest) {
			best = i;
			fewest = n;
		}
	}
	return best;
}

static void assign_all(void)
{
	bool changed[WORKERS_MAX] = {false};
	struct assignment *a;

	cds_list_for_each_entry(a, &assignments, node) {
		if (a->worker != UNASSIGNED)
			continue;
		a->worker = least_loaded();
		if (a->worker != UNASSIGNED)
			changed[a->worker] = true;
	}
	for (unsigned i = 0; i < n_planned; i++)
		if (changed[i])
			publish(i);
	epoch_wait();
}

static void add_queues(struct port *port)
{
	if (!port->type->rx)
		return;
	for (unsigned i = 0; i < port->n_rxqs; i++) {
		struct assignment *a = XNEW(struct assignment);

		a->rxq = port->rxqs[i];
		a->load = XNEW(struct rxq_load);
		a->worker = UNASSIGNED;
		cds_list_add_tail(&a->node, &assignments);
	}
}

void plan_add_ports(struct port *const *ports, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		add_queues(ports[i]);
	if (n)
		assign_all();
}

void plan_add_port(struct port *port)
{
	plan_add_ports(&port, 1);
}

void plan_del_port(struct port *port)
{
	bool changed[WORKERS_MAX] = {false};
	struct assignment *a, *next;

	cds_list_for_each_entry_safe(a, next, &assignments, node) {
		if (a->rxq->port != port)
			continue;
		if (a->worker != UNASSIGNED)
			changed[a->worker] = true;
		cds_list_del(&a->node);
		epoch_free(a->load, free);
		free(a);
	}
	for (unsigned i = 0; i < n_planned; i++)
		if (changed[i])
			publish(i);
	epoch_wait();
}

/* What a worker had on hand at some moment. */
struct on_hand {
	uint64_t misses; /* ever sent to translators */
	uint32_t handed; /* end of the packets others had left for it to send */
};

static void look(const struct worker *worker, struct on_hand *on_hand)
{
	on_hand->misses = __atomic_load_n(&worker->stats.misses, __ATOMIC_RELAXED);
	on_hand->handed = __atomic_load_n(&worker->handed->prod.tail, __ATOMIC_ACQUIRE);
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

void plan_workers_changed(unsigned n)
{
	bool changed[WORKERS_MAX] = {false};
	unsigned before = n_planned;
	unsigned total = 0;
	bool moved = false;
	struct assignment *a;

	cds_list_for_each_entry(a, &assignments, node)
		total++;
	/* Queues of workers that go, and what the others have above their new share. */
	unsigned share = n ? (total + n - 1) / n : 0;
	unsigned kept[WORKERS_MAX] = {0};

	cds_list_for_each_entry(a, &assignments, node) {
		if (a->worker == UNASSIGNED)
			continue;
		if (a->worker < (int)n && kept[a->worker] < share) {
			kept[a->worker]++;
			continue;
		}
		changed[a->worker] = moved = true;
		a->worker = UNASSIGNED;
	}
	for (unsigned i = 0; i < before; i++)
		if (changed[i])
			publish(i);
	epoch_wait();
	/* Twice: what waited behind a miss may have been handed over then. */
	for (unsigned i = 0; moved && n && i < 2; i++)
		wait_until_packets_leave(before);
	n_planned = n;
	assign_all();
}

const struct rxq_load *plan_find_load(const struct port_rxq *rxq, int *worker)
{
	struct assignment *a;

	cds_list_for_each_entry(a, &assignments, node) {
		if (a->rxq == rxq) {
			*worker = a->worker;
			return a->load;
		}
	}
	*worker = UNASSIGNED;
	return NULL;
}

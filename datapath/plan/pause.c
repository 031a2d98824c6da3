/* SPDX-License-Identifier: Apache-2.0 */

/* Queues that must pause. A guest may string together pieces of its memory to packets of megabytes, which
 * the library copies before anybody can tell, for milliseconds that all other ports wait. After a round
 * of that kind receiving is timed, queue by queue, and one that takes much time for little again and again
 * is left alone for a multiple of it.  */

#include <rte_cycles.h>

#include "datapath/worker_priv.h"

enum {
	LONG_ROUND_US = 1500, /* of work, after which queues are timed */
	LEAST_US = 300, /* of work that one batch may always take … */
	PACKET_US = 100, /* … and for each packet: the largest is 64 kB */
	PAUSE = 16, /* times as long as it took … */
	LONGEST_US = 100000, /* … and no longer than that */
	WATCH_MS = 1000, /* from then on */
};

void pause_suspect(struct worker *worker, uint64_t worked_us, uint64_t now)
{
	if (worked_us > LONG_ROUND_US)
		worker->suspects_until = now + worker->hz / 1000 * WATCH_MS;
	worker->suspects = now < worker->suspects_until;
}

uint16_t pause_rx(struct worker *worker, const struct plan_rxq *queue, struct batch *batch)
{
	struct rxq_load *load = queue->load;
	uint64_t now = rte_rdtsc();

	if (now < load->paused_until)
		return 0;
	uint64_t malformed = worker->n_malformed;
	uint16_t n = queue->rxq->port->type->rx(queue->rxq, batch);

	/* The thread's own time is too dear to ask for with each batch, and where nothing was malformed
	 * it was the kernel that took the core away. */
	if (malformed == worker->n_malformed)
		return n;
	uint64_t took = (rte_rdtsc() - now) / (worker->hz / 1000000);

	if (took <= LEAST_US + n * (uint64_t)PACKET_US)
		return n;
	now = rte_rdtsc();
	took = took < LONGEST_US / PAUSE ? took * PAUSE : LONGEST_US;
	/* Once may have been the kernel's work for others, done on our time. */
	if (now < load->watched_until) {
		load->paused_until = now + worker->hz / 1000000 * took;
		COUNTER_ADD(worker->stats.pauses, 1);
		now = load->paused_until;
		if (worker->paused_until < now)
			worker->paused_until = now;
	}
	load->watched_until = now + worker->hz / 1000 * WATCH_MS;
	worker->suspects_until = load->watched_until;
	return n;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a worker owns, for the packet path and for the files that start and report on workers.  */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/drop.h"
#include "datapath/fast/classify.h"
#include "datapath/fast/exact.h"
#include "datapath/fast/parse.h"
#include "datapath/flow_priv.h"
#include "datapath/packet/ring.h"
#include "datapath/plan/nudge.h"
#include "datapath/plan/polled.h"
#include "datapath/plan/turns.h"
#include "datapath/port_priv.h"
#include "datapath/report/counter.h"
#include "datapath/report/worker_stats.h"
#include "datapath/tunnel/inner.h"
#include "datapath/worker.h"
#include "lib/types.h"

struct pending_table;
struct recirc_queue;
struct remains;

/* Packets on their way out of one port, sent together. */
struct outbox {
	uint16_t n;
	bool listed; /* in worker.dirty */
	struct rte_mbuf *pkts[BATCH_SIZE];
};

enum worker_state {
	WORKER_NONE,
	WORKER_RUNNING,
	WORKER_STOPPING,
};

/* A batch's way through the stages; indexes are the packets'. */
struct lookup {
	struct flow *flows[BATCH_SIZE]; /* NULL: none was found yet */
	uint32_t left[BATCH_SIZE]; /* those without a flow */
	uint16_t n_left;
	bool same; /* all packets have the same flow, and none is left */
	be16 tcp_flags; /* then: of all of them */
};

enum {
	WORKER_SLEEP_US = 500, /* at most, unless configured */
	WORKER_ASK_US = 20, /* between questions to the kernel while there is other work */
};

struct worker {
	/* Read on every loop. Main writes. */
	alignas(CACHE_LINE) struct plan *plan;
	enum worker_state state;
	uint32_t max_sleep_us;
	uint32_t quiet_asked; /* counts up: has it nothing to do? */
	struct exact_cache *exact_wanted; /* adopted between two rounds */

	/* Written at start. */
	alignas(CACHE_LINE) uint16_t index;
	uint16_t core;
	pid_t thread_id;
	struct outbox *outboxes; /* by port id */
	struct flow_counters *flow_counters; /* by flow id */
	struct port_counters *port_counters; /* by port id */
	uint64_t *drops; /* by port id and reason */
	struct remains *remains; /* the last packets that died */
	struct rte_mempool *pool; /* for copies */
	struct pending_table *pending;
	struct recirc_queue *recircs; /* packets that are to be looked up again */
	struct rte_ring *handed; /* packets other workers want sent through queues we own */
	uint64_t hz; /* of the cycle counter */
	uint64_t ask_step[2]; /* cycles between looks at descriptors: with work at hand, and idle */
	int event_fd; /* wakes it */

	/* The worker's own. */
	alignas(CACHE_LINE) int64_t now_ms;
	uint64_t now_tsc; /* when now_ms was read; 0: before a sleep */
	int64_t now_cpu_ns; /* the thread's own time then */
	uint64_t timed_since; /* the end of the last stage of a batch that is timed; or 0 */
	uint16_t n_dirty;
	uint16_t in_port; /* of the batch at hand */
	uint32_t recirc; /* the point the batch at hand comes from, or 0 */
	uint16_t *dirty; /* ports with packets in their outbox */
	uint32_t watched; /* number of the plan event_set was made for */
	int event_set; /* epoll */
	bool idle; /* the last round found nothing */
	bool suspects; /* some queue keeps it too long: receiving is timed */
	uint64_t suspects_until; /* cycle count */
	uint64_t paused_until; /* the same: by then every queue is polled again */
	uint64_t n_malformed; /* what devices found to be none, all in all */
	uint64_t idle_since; /* cycle count */
	uint64_t asked; /* cycle count: when it last looked at descriptors */
	struct exact_cache exact;
	struct lookup lookup;
	uint64_t *subtable_hits; /* by subtable id */
	struct hint *hints; /* HINTS */
	struct inner inner;
	struct lanes *lanes;
	uint16_t ip_id; /* of the last outer packet that may be fragmented */

	alignas(CACHE_LINE) struct keys keys;

	/* Worker writes, main reads, and sets the two worst ones back. */
	alignas(CACHE_LINE) struct worker_stats stats;
	uint64_t worst_cycles; /* of a round, with up to a millisecond before it */
	uint64_t worst_cpu_ns; /* the same in the thread's own time; maybe of another round */
	bool ready; /* it has its memory, and its clock if there is one */
	uint32_t asleep; /* someone who leaves work for it must write to event_fd */
	uint32_t quiet_seen; /* the question a round without packets has answered */

	/* Main's. */
	alignas(CACHE_LINE) pthread_t thread;
	struct worker_mark base; /* at the last clear */
};

/* By index; the first workers_count() run. */
extern struct worker *workers[WORKERS_MAX];

/* Any thread. */

/* The index of the worker whose thread this is; -1: nobody's. */
int worker_index(void);

/* Wakes the worker if it sleeps: it has an answer or packets to send. */
void worker_wake(unsigned index);
/* All of them: a queue of theirs, whosever it is, may have packets that it did not tell of. */
void workers_wake(void);

/* Main thread. */

/* Which cores the workers get: at most WORKERS_MAX. */
int cores_choose(
	const struct worker_config *config, unsigned *cores, unsigned *n_cores, struct errbuf *err
);
/* Spreads the receive queues over workers 0 to n - 1. Those that can stay do. */
void plan_workers_changed(unsigned n);
void worker_kick(struct worker *worker);
/* How busy the queue has been; NULL if it is not polled. 'worker' is who polls it, or -1. */
const struct rxq_load *plan_find_load(const struct port_rxq *rxq, int *worker);

/* Workers. */

/* How long the thread has run. */
static inline int64_t worker_cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return used.tv_sec * 1000000000LL + used.tv_nsec;
}

/* Finds out which queues that are polled by descriptor have packets: one system call for all. */
void worker_ask(struct worker *worker, const struct plan *plan);
/* After a round with so much work, or none: whether queues are to be timed. */
void pause_suspect(struct worker *worker, uint64_t worked_us, uint64_t now);
/* As the port's rx(), when they are; a queue that has to pause gives nothing. */
uint16_t pause_rx(struct worker *worker, const struct plan_rxq *queue, struct batch *batch);
/* Sleeps if it has been idle long enough. */
void worker_rest(struct worker *worker, const struct plan *plan, unsigned idle_loops);

static inline void worker_count_drops(
	struct worker *worker, uint16_t port_id, unsigned n, const struct drop_reason *reason
)
{
	COUNTER_ADD(worker->drops[(port_id % PORT_IDS) * DROP_REASONS + reason->id], n);
}

static inline void
worker_count_drop(struct worker *worker, uint16_t port_id, const struct drop_reason *reason)
{
	worker_count_drops(worker, port_id, 1, reason);
}

/* Counts packets that a port's device did not take, and keeps the last; the caller frees them. */
void worker_count_refused(
	struct worker *worker,
	uint16_t port_id,
	struct rte_mbuf *const *pkts,
	uint16_t n,
	const struct drop_reason *reason
);
/* Counts packets that a port received and freed since they made no sense, or no memory was there to
 * make sense of them. Elsewhere than on a worker it does nothing. */
void worker_count_malformed(const struct port *port, unsigned n);

/* Drops packets, each counted under the port it came from. */
void worker_drop(
	struct worker *worker, struct rte_mbuf **pkts, uint16_t n, const struct drop_reason *reason
);

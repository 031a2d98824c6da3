/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What workers count of their own work. Each writes its own; reports read all.  */

#include <stdint.h>

struct worker;

/* Where a batch spends its time. */
enum worker_stage {
	STAGE_RECEIVE, /* from the device, and counting */
	STAGE_PARSE,
	STAGE_EXACT,
	STAGE_CLASSIFY, /* the flow table, and misses */
	STAGE_EXECUTE,
	STAGE_SEND,
	WORKER_STAGES,
};

extern const char *const worker_stage_names[WORKER_STAGES];

enum {
	BATCH_CLASSES = 6, /* of 1, 2, up to 4, 8, 16, 32 packets */
	STAGE_SAMPLES = 64, /* one batch in so many is timed: reading the clock costs */
};

/* Worker writes, main reads; the main thread subtracts what it saw at the last clear. */
struct worker_stats {
	uint64_t packets; /* received */
	uint64_t batches; /* that held packets */
	uint64_t whole_hits; /* by flows that look only at in_port */
	uint64_t lane_hits; /* taken out of tunnels on the short way */
	uint64_t exact_hits;
	uint64_t flow_hits; /* in the megaflow table */
	uint64_t probes; /* subtables looked into */
	uint64_t hint_hits; /* first probe, told by the hint, was right */
	uint64_t misses; /* handed to translators */
	uint64_t waited; /* behind a miss */
	uint64_t lost; /* misses that were dropped */
	uint64_t answers;
	uint64_t recirculated; /* packets that were looked up again */
	uint64_t tx_packets;
	uint64_t tx_batches;
	uint64_t tx_retries;
	uint64_t busy_cycles; /* in loops that moved packets */
	uint64_t idle_cycles; /* polling in vain */
	uint64_t sleep_cycles;
	uint64_t sleeps;
	uint64_t pauses; /* of queues that took much time for little */
	uint64_t loops;
	uint64_t busy_loops; /* that moved packets */
	uint64_t batch_sizes[BATCH_CLASSES];
	uint64_t timed_packets; /* of batches whose stages were timed */
	uint64_t stage_cycles[WORKER_STAGES];
};

struct worker_mark {
	struct worker_stats stats;
	uint64_t tsc; /* when it was */
	uint64_t wait_ns; /* how long packets had waited for their translation */
};

/* Main thread. */

/* What the worker has counted since its counts were last cleared. */
void worker_stats_get(const struct worker *worker, struct worker_stats *stats);
/* Lets them, and its worst rounds, start again at 0. */
void worker_stats_clear(struct worker *worker);
/* Cycles since then. */
uint64_t worker_stats_age(const struct worker *worker);
/* How long all packets together have waited for their translation since then. */
uint64_t worker_stats_wait_ns(const struct worker *worker);

static inline double worker_stats_ratio(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / whole : 0;
}

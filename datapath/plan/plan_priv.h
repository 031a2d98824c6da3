/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Assignments of receive queues to workers, for the files of this folder and for reports.  */

#include <stdbool.h>
#include <stdint.h>

#include <urcu/list.h>

#include "datapath/plan/spread.h"
#include "datapath/worker.h"

struct port_rxq;
struct rxq_load;

enum {
	PLAN_INTERVALS = 6, /* over which loads are told */
	PLAN_INTERVAL_MS = 10000,
};

/* What something has cost in each of the last intervals, oldest overwritten. */
struct plan_history {
	uint64_t last; /* the counter at the end of the last interval */
	uint64_t intervals[PLAN_INTERVALS];
	unsigned next; /* whose turn it is to be overwritten */
};

struct assignment {
	struct cds_list_head node;
	struct port_rxq *rxq;
	struct rxq_load *load;
	struct plan_history history; /* of cycles */
	int worker; /* or SPREAD_NOBODY */
};

extern struct cds_list_head plan_assignments;
extern struct plan_config plan_config;

/* Main thread. */

/* Where the queues would go; to be freed. In the order of plan_assignments. */
struct spread_queue *plan_make_spread(struct spread *spread, bool keep, unsigned n_workers);
/* Lets each queue go where the spread says. Queues that move leave their old worker first. */
void plan_apply(const struct spread *spread);
bool plan_is_isolated(unsigned worker);
/* Closes an interval; 'now' is where the counter stands. */
void plan_history_add(struct plan_history *history, uint64_t now);
/* Over the closed intervals and the one under way. */
uint64_t plan_history_sum(const struct plan_history *history, uint64_t now);
/* Cycles of the worker, busy or not, over the same time. */
uint64_t plan_worker_cycles(unsigned worker);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Workers: one pinned thread per core, polling receive queues and running packets to completion.
 *
 * The main thread decides which worker polls which queue and publishes the decision as a plan, an
 * immutable object each worker picks up between two loops; traffic on queues that stay where they
 * are is not disturbed. A worker with nothing to do sleeps until one of its queues has packets.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "datapath/plan/spread.h"

struct errbuf;
struct port;
struct worker;

enum {
	WORKERS_MAX = 64,
	CORES = 256, /* of a machine; workers run on these */
};

/* The exact-match cache of each worker. */
struct exact_config {
	uint32_t entries; /* 0: as many as suit the processor's caches */
	bool off;
};

struct worker_config {
	/* Cores to run on, from pmd-cpu-mask; all zero: choose sensible ones. */
	uint64_t cores[CORES / 64];
	uint32_t max_sleep_us; /* pmd-sleep-max; 0: the default */
	struct exact_config exact;
};

/* Any thread. */

unsigned workers_count(void);

/* Main thread. */

/* Starts, stops or moves workers so that they match 'config'. Traffic goes on on those that stay. */
int workers_configure(const struct worker_config *config, struct errbuf *err);
void workers_stop(void);
/* The index of a worker that has made no round since the last call and does not sleep; or -1. */
int workers_find_stuck(void);

/* How receive queues are spread over the workers. */
struct plan_config {
	enum spread_mode mode; /* pmd-rxq-assign */
	bool isolate; /* pmd-rxq-isolate */
	/* pmd-auto-lb…: whether queues are spread anew when a worker has been busy for a minute; at most
	 * every so many minutes; from what percentage on; for how many percent less variance. */
	bool auto_balance;
	unsigned balance_minutes;
	unsigned balance_load;
	unsigned balance_gain;
};

void plan_configure(const struct plan_config *config);
/* Pins queues to cores: element i is 1 + the core of queue i, or 0. */
void plan_set_affinity(struct port *port, const uint16_t *cores);
/* Spreads all queues anew by what they have cost lately. */
void plan_rebalance(void);
/* The share of the last minute that the worker was busy: 0 to 1. */
double plan_worker_load(unsigned worker);
/* To be called about every second: notes loads, and balances by itself if configured. */
void plan_tick(void);

/* Begins (ends) polling the port's queues. Returns when every worker runs with the new plan. */
void plan_add_port(struct port *port);
/* Many at once, for the price of one plan. */
void plan_add_ports(struct port *const *ports, unsigned n);
void plan_del_port(struct port *port);
void plan_del_ports(struct port *const *ports, unsigned n);

/* No packet is on its way through a worker or waits for a translator. For tests. */
bool workers_are_quiet(void);

/* One object per worker: core, ports, packets, busy share, cycles per packet, hits, misses. */
json_t *workers_show(void);

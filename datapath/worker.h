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

struct errbuf;
struct port;
struct worker;

enum {
	WORKERS_MAX = 64
};

struct worker_config {
	/* Cores to run on, from pmd-cpu-mask; all zero: choose sensible ones. */
	uint64_t cores[4];
	uint32_t max_sleep_us; /* pmd-sleep-max; 0: the default */
};

/* Main thread. */

/* Starts, stops or moves workers so that they match 'config'. Traffic goes on on those that stay. */
int workers_configure(const struct worker_config *config, struct errbuf *err);
void workers_stop(void);
unsigned workers_count(void);

/* Begins (ends) polling the port's queues. Returns when every worker runs with the new plan. */
void plan_add_port(struct port *port);
/* Many at once, for the price of one plan. */
void plan_add_ports(struct port *const *ports, unsigned n);
void plan_del_port(struct port *port);

/* No packet is on its way through a worker or waits for a translator. For tests. */
bool workers_are_quiet(void);

/* One object per worker: core, ports, packets, busy share, cycles per packet, hits, misses. */
json_t *workers_show(void);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Spreading: which worker gets which receive queue, as a calculation that touches nothing.  */

#include <stdbool.h>
#include <stdint.h>

enum spread_mode {
	SPREAD_CYCLES, /* the busiest queues are dealt out first, back and forth */
	SPREAD_ROUNDROBIN, /* dealt out in the order they came, whatever they cost */
	SPREAD_GROUP, /* each goes to the worker that has least to do so far */
};

enum {
	SPREAD_NOBODY = -1
};

struct spread_queue {
	uint64_t load; /* what it has cost lately */
	int pinned; /* to this worker by configuration, or SPREAD_NOBODY */
	int worker; /* who has it: now before spread(), then who shall */
};

struct spread {
	enum spread_mode mode;
	bool isolate; /* workers that queues are pinned to get no others */
	bool keep; /* queues stay where they are unless they must go */
	bool even; /* no worker keeps more than its share of them */
	unsigned n_workers;
	struct spread_queue *queues;
	unsigned n_queues;
};

/* Main thread. */

/* Decides for each queue. With only isolated workers the others are spread over all of them: a queue
 * that nobody serves would be worse. */
void spread(const struct spread *spread);
/* How unevenly the queues' load lies on the workers that may be given queues: the variance. */
double spread_variance(const struct spread *spread);
/* Whether the worker serves only queues that are pinned to it. */
bool spread_is_isolated(const struct spread *spread, unsigned worker);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Pace: keeps a busy worker from asking the kernel about an idle device on every loop.
 *
 * A system call that finds nothing costs as much as ten packets. While a queue is empty it is asked
 * every PACE_US only; a queue that had packets is asked at once, and so is one whose worker was woken
 * by its descriptor.  */

#include <stdbool.h>
#include <stdint.h>

#include <rte_cycles.h>

enum {
	PACE_US = 20
};

struct pace {
	uint64_t next; /* cycles; worker writes and reads */
	uint64_t step;
};

/* Main thread. */

static inline void pace_init(struct pace *pace)
{
	pace->next = 0;
	pace->step = rte_get_tsc_hz() / 1000000 * PACE_US;
}

/* Workers. */

static inline bool pace_is_early(const struct pace *pace)
{
	return pace->next && rte_rdtsc() < pace->next;
}

static inline void pace_found(struct pace *pace, unsigned n)
{
	pace->next = n ? 0 : rte_rdtsc() + pace->step;
}

static inline void pace_wake(struct pace *pace)
{
	pace->next = 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rates: how much of something is too much.
 *
 * What has passed is one number, the time up to which it has been paid for. A packet costs the time
 * that it takes at the rate; it is in excess when that would lead into the future, and nothing is
 * saved up for longer than the burst. One that costs more than the whole burst, as TCP does that is
 * left to be cut, passes when all of the burst is saved up: else it never would. So a batch of
 * packets is one compare-and-swap, whichever worker has it, and no credit is lost or given twice.  */

#include <stdint.h>

#include "lib/clock.h"

enum {
	RATE_UNITS_PER_NS = 16, /* of time: 64 bytes at 100 Gbit/s are exact to about a percent */
};

/* What a rate of 0 asks for; it still must not overflow. */
#define RATE_NEVER (1LL << 61)

struct rate {
	double unit_cost; /* units of time for one of what is counted */
	int64_t burst; /* units of time */
};

/* Main thread. */

/* So many per second, so many at once. */
static inline struct rate rate_of(double per_second, double burst)
{
	const double units = 1e9 * RATE_UNITS_PER_NS;

	if (!(per_second > 0))
		return (struct rate){.unit_cost = (double)RATE_NEVER};
	burst *= units / per_second;
	return (struct rate){
		.unit_cost = units / per_second,
		.burst = burst < (double)RATE_NEVER ? (int64_t)burst : RATE_NEVER,
	};
}

/* Any thread. */

static inline int64_t rate_now(void)
{
	return clock_ns() * RATE_UNITS_PER_NS;
}

/* 'due' of something that has paid for nothing yet. */
static inline int64_t rate_never_paid(void)
{
	return rate_now() - RATE_NEVER;
}

static inline int64_t rate_cost(const struct rate *rate, uint64_t n)
{
	double cost = rate->unit_cost * n;

	return cost < (double)RATE_NEVER ? (int64_t)cost : RATE_NEVER;
}

/* Which of the packets in 'among' exceed the rate, as a bit mask. Who loses the race for 'due' looks
 * again. */
static inline uint32_t rate_exceed(
	const struct rate *rate, int64_t *due, int64_t now, const int64_t *costs, uint32_t among
)
{
	int64_t seen = __atomic_load_n(due, __ATOMIC_RELAXED), paid;
	uint32_t excess;

	do {
		excess = 0;
		paid = seen - now < -rate->burst ? now - rate->burst : seen;
		for (uint32_t left = among; left; left &= left - 1) {
			unsigned i = (unsigned)__builtin_ctz(left);

			bool saved_up = paid <= now - rate->burst && costs[i] < RATE_NEVER;

			if (paid + costs[i] <= now || saved_up)
				paid += costs[i];
			else
				excess |= 1U << i;
		}
	} while (!__atomic_compare_exchange_n(
		due, &seen, paid, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED
	));
	return excess;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Histograms: how long something took, in steps of four from a microsecond to a second.
 *
 * One thread adds, any thread reads.  */

#include <stdint.h>

enum {
	HISTOGRAM_STEPS = 11 /* up to 1 µs, 4 µs, 16 µs … 1.05 s; what is longer is in the last */
};

struct histogram {
	uint64_t counts[HISTOGRAM_STEPS + 1];
	uint64_t sum_ns;
};

/* One thread. */

void histogram_add(struct histogram *histogram, uint64_t ns);
/* As often as 'n' says. */
void histogram_add_many(struct histogram *histogram, uint64_t ns, uint64_t n);

/* Any thread. */

/* The longest time, in seconds, that step 'i' counts. */
double histogram_bound(unsigned i);

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/metrics/histogram.h"

static void add(uint64_t *to, uint64_t n)
{
	__atomic_store_n(to, *to + n, __ATOMIC_RELAXED);
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
	histogram_add_many(histogram, ns, 1);
}

void histogram_add_many(struct histogram *histogram, uint64_t ns, uint64_t n)
{
	unsigned i = 0;

	for (uint64_t bound = 1000; i < HISTOGRAM_STEPS && ns > bound; bound *= 4)
		i++;
	add(&histogram->counts[i], n);
	add(&histogram->sum_ns, ns * n);
}

double histogram_bound(unsigned i)
{
	return (double)(1ULL << 2 * i) / 1e6;
}

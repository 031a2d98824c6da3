/* SPDX-License-Identifier: Apache-2.0 */

/* Making exact caches: how large they are.  */

#include <stdlib.h>
#include <unistd.h>

#include "datapath/fast/exact.h"
#include "datapath/flow_priv.h"
#include "datapath/pages.h"
#include "datapath/worker.h"
#include "lib/xmalloc.h"

enum {
	LEAST_BUCKETS = 64,
	MOST_BUCKETS = 1 << 19,
	MOST_BY_ITSELF = 1 << 16,
	USUAL_L2 = 1 << 20, /* bytes, where the kernel does not say */
};

static uint32_t power_of_two(uint64_t at_least)
{
	uint32_t n = LEAST_BUCKETS;

	while (n < at_least && n < MOST_BUCKETS)
		n *= 2;
	return n;
}

/* As many lines as the L2 cache has: what is hot then stays there, beside what else is hot. */
static uint32_t suitable_buckets(void)
{
	long l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
	uint64_t n = (l2 > 0 ? l2 : USUAL_L2) / sizeof(struct bucket);

	return power_of_two(n < MOST_BY_ITSELF ? n : MOST_BY_ITSELF);
}

struct exact_cache *exact_new(const struct exact_config *config, const struct exact_cache *old)
{
	static uint32_t last_number;
	struct exact_cache *cache = XNEW(struct exact_cache);
	uint32_t n =
		config->entries ? power_of_two(config->entries / BUCKET_WAYS) : suitable_buckets();

	if (config->off)
		n = LEAST_BUCKETS;
	/* Who switches it off and on again does not make it anew. */
	if (old && (config->off || old->mask == n - 1)) {
		cache->buckets = old->buckets;
		cache->mask = old->mask;
	} else {
		cache->buckets = pages_map(n * sizeof(struct bucket), n > LEAST_BUCKETS);
		cache->mask = n - 1;
	}
	cache->number = ++last_number;
	cache->off = config->off;
	return cache;
}

static size_t size_of(const struct exact_cache *cache)
{
	return (cache->mask + 1ULL) * sizeof(struct bucket);
}

void exact_fill(const struct exact_cache *cache)
{
	pages_fill(cache->buckets, size_of(cache));
}

void exact_free(struct exact_cache *cache, const struct exact_cache *now)
{
	if (!cache)
		return;
	if (!now || now->buckets != cache->buckets)
		pages_unmap(cache->buckets, size_of(cache));
	free(cache);
}

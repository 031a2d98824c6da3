/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/exact.h"

#include <rte_prefetch.h>

#include "datapath/fast/hash.h"
#include "datapath/fast/match.h"
#include "datapath/pages.h"
#include "datapath/worker_priv.h"

#include "datapath/fast/fast.h"

enum {
	JUDGE_AFTER = 1 << 16, /* packets between two judgements whether the cache pays */
};

void exact_init(struct exact_cache *cache, uint32_t n_buckets)
{
	cache->buckets = pages_map(n_buckets * sizeof(struct bucket), true);
	cache->mask = n_buckets - 1;
}

void exact_fini(struct exact_cache *cache)
{
	pages_unmap(cache->buckets, (cache->mask + 1ULL) * sizeof(struct bucket));
}

void exact_add(struct exact_cache *cache, uint32_t hash, uint32_t flow_id)
{
	struct bucket *bucket = &cache->buckets[hash & cache->mask];
	unsigned free_ways = match_signature(bucket, 0);
	unsigned way =
		free_ways ? (unsigned)__builtin_ctz(free_ways) : bucket->turn++ % BUCKET_WAYS;

	bucket->signatures[way] = hash_signature(hash);
	bucket->flows[way] = flow_id;
}

/* The first of the ways that is a hit, or NULL. */
static __attribute__((noinline)) struct flow *
verify_others(const struct keys *keys, unsigned i, const struct bucket *bucket, unsigned ways)
{
	for (; ways; ways &= ways - 1) {
		struct flow *flow = &flows[bucket->flows[__builtin_ctz(ways)]];

		if (match_flow(flow, keys_base(keys, i), KEYS_STRIDE))
			return flow;
	}
	return NULL;
}

void exact_find(struct worker *worker, unsigned n)
{
	const struct exact_cache *cache = &worker->exact;
	const struct keys *keys = &worker->keys;
	struct lookup *lookup = &worker->lookup;
	struct flow *all = flows;
	uint8_t ways[BATCH_SIZE];
	unsigned n_left = 0;

	for (unsigned i = 0; i < n; i++) {
		uint32_t hash = keys->hashes[i];
		const struct bucket *bucket = &cache->buckets[hash & cache->mask];
		uint32_t id = 0;

		ways[i] = match_signature(bucket, hash_signature(hash));
		if (likely(ways[i]))
			id = bucket->flows[__builtin_ctz(ways[i])];
		lookup->flows[i] = &all[id];
		rte_prefetch0(&all[id].key);
		rte_prefetch0(&all[id].subtable);
		rte_prefetch0(&worker->flow_counters[id]);
	}
	for (unsigned i = 0; i < n; i++) {
		/* Flow 0 is never alive. */
		if (likely(match_flow(lookup->flows[i], keys_base(keys, i), KEYS_STRIDE)))
			continue;
		const struct bucket *bucket = &cache->buckets[keys->hashes[i] & cache->mask];

		lookup->flows[i] = verify_others(keys, i, bucket, ways[i] & (ways[i] - 1));
		lookup->left[n_left] = i;
		n_left += !lookup->flows[i];
	}
	lookup->n_left = n_left;
	worker->stats.exact_hits += n - n_left;
}

void exact_skip(struct worker *worker, unsigned n)
{
	struct lookup *lookup = &worker->lookup;

	for (unsigned i = 0; i < n; i++) {
		lookup->flows[i] = NULL;
		lookup->left[i] = i;
	}
	lookup->n_left = n;
}

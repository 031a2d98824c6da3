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
	PASS_OVER = 1 << 20, /* packets before a cache that did not pay is tried again */
	CHEAP_PROBES = 3, /* looks per packet up to which the flow table is no dearer */
};

void exact_add(struct exact_cache *cache, uint32_t hash, uint32_t flow_id)
{
	struct bucket *bucket = &cache->buckets[hash & cache->mask];
	unsigned free_ways = match_signature(bucket, 0);
	unsigned way =
		free_ways ? (unsigned)__builtin_ctz(free_ways) : bucket->turn++ % BUCKET_WAYS;

	bucket->signatures[way] = hash_signature(hash);
	bucket->flows[way] = flow_id;
}

/* The flow of the packet among all candidates, or NULL. */
static __attribute__((noinline)) struct flow *
verify_others(const struct exact_cache *cache, const struct keys *keys, unsigned i)
{
	uint32_t hash = keys->hashes[i];
	const struct bucket *bucket = &cache->buckets[hash & cache->mask];
	unsigned ways = match_signature(bucket, hash_signature(hash));

	for (; ways; ways &= ways - 1) {
		struct flow *flow = &flows[bucket->flows[__builtin_ctz(ways)]];

		if (match_flow(flow, keys_base(keys, i), KEYS_STRIDE))
			return flow;
	}
	return NULL;
}

/* With more connections than the cache holds it is all misses and insertions. It is then passed
 * over, unless each miss costs looks into many subtables. */
static __attribute__((noinline)) void judge(struct worker *worker)
{
	struct exact_cache *cache = &worker->exact;
	uint64_t probes = worker->stats.probes - cache->probes_before;
	uint32_t missed = cache->tried - cache->hit;

	if (cache->hit < cache->tried / 2 && probes <= (uint64_t)missed * CHEAP_PROBES)
		cache->pass_over = PASS_OVER;
	cache->tried = 0;
	cache->hit = 0;
	cache->probes_before = worker->stats.probes;
}

/* There is no candidate for any packet: all are left. */
static __attribute__((noinline)) unsigned leave_all(struct lookup *lookup, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		lookup->flows[i] = NULL;
		lookup->left[i] = i;
	}
	return n;
}

/* Verifies candidates that are not all the same. Returns how many packets are left. */
static unsigned verify_each(struct worker *worker, unsigned n)
{
	const struct exact_cache *cache = &worker->exact;
	const struct keys *keys = &worker->keys;
	struct lookup *lookup = &worker->lookup;
	unsigned n_left = 0;

	for (unsigned i = 0; i < n; i++) {
		/* Flow 0, which stands for no candidate, is never alive. */
		if (likely(match_flow(lookup->flows[i], keys_base(keys, i), KEYS_STRIDE)))
			continue;
		lookup->flows[i] = lookup->flows[i] == flows ? NULL : verify_others(cache, keys, i);
		lookup->left[n_left] = i;
		n_left += !lookup->flows[i];
	}
	return n_left;
}

void exact_find(struct worker *worker, unsigned n)
{
	struct exact_cache *cache = &worker->exact;
	const struct keys *keys = &worker->keys;
	struct lookup *lookup = &worker->lookup;
	struct flow *all = flows, *candidate = all;
	unsigned n_left = 0;
	uint32_t last = 0, differ = 0, last_hash = ~keys->hashes[0];

	for (unsigned i = 0; i < n; i++) {
		uint32_t hash = keys->hashes[i];

		/* Packets of one connection often come together. */
		if (hash == last_hash) {
			lookup->flows[i] = candidate;
			continue;
		}
		last_hash = hash;

		const struct bucket *bucket = &cache->buckets[hash & cache->mask];
		uint32_t id = 0;

		unsigned ways = match_signature(bucket, hash_signature(hash));

		if (likely(ways))
			id = bucket->flows[(unsigned)__builtin_ctz(ways)];
		candidate = &all[id];
		lookup->flows[i] = candidate;
		if (id == last)
			continue;
		last = id;
		differ |= i;
		rte_prefetch0(&all[id].key);
		rte_prefetch0(&all[id].subtable);
		rte_prefetch0(&worker->flow_counters[id]);
	}
	lookup->same = !differ &&
		match_all(lookup->flows[0], keys_base(keys, 0), KEYS_STRIDE, n, &lookup->tcp_flags);
	if (!lookup->same)
		n_left = last | differ ? verify_each(worker, n) : leave_all(lookup, n);
	lookup->n_left = n_left;
	COUNTER_ADD(worker->stats.exact_hits, n - n_left);
	cache->hit += n - n_left;
	cache->tried += n;
	if (unlikely(cache->tried >= JUDGE_AFTER))
		judge(worker);
}

void exact_skip(struct worker *worker, unsigned n)
{
	struct lookup *lookup = &worker->lookup;

	lookup->n_left = leave_all(lookup, n);
	lookup->same = false;
	worker->exact.pass_over -= n < worker->exact.pass_over ? n : worker->exact.pass_over;
	if (!worker->exact.pass_over)
		worker->exact.probes_before = worker->stats.probes;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/classify.h"

#include <rte_prefetch.h>

#include "datapath/fast/exact.h"
#include "datapath/fast/hash.h"
#include "datapath/fast/match.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

#include "datapath/fast/fast.h"

/* The flow in the chain of buckets that matches, or NULL. */
static inline struct flow *find_in(const struct bucket *bucket, uint32_t hash, const uint8_t *key)
{
	for (; bucket; bucket = epoch_load(&bucket->next)) {
		unsigned ways = match_signature(bucket, hash_signature(hash));

		for (; ways; ways &= ways - 1) {
			struct flow *flow = &flows[bucket->flows[__builtin_ctz(ways)]];

			if (match_flow(flow, key, KEYS_STRIDE))
				return flow;
		}
	}
	return NULL;
}

/* Looks for the packets 'left' in one subtable. Fills in those found; returns how many are left,
 * in order. */
static unsigned
probe(struct worker *worker, const struct subtable *subtable, uint32_t *left, unsigned n)
{
	const struct subtable_buckets *table = epoch_load(&subtable->buckets);
	const struct keys *keys = &worker->keys;
	uint32_t hashes[BATCH_SIZE];
	unsigned n_left = 0;

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *key = keys_base(keys, left[i]);

		/* What a packet lacks is not in its key, so it must not be read. */
		hashes[i] = hash_under_mask(subtable, key, KEYS_STRIDE);
		rte_prefetch0(&table->buckets[hashes[i] & table->mask]);
	}
	for (unsigned i = 0; i < n; i++) {
		const struct bucket *bucket = &table->buckets[hashes[i] & table->mask];
		unsigned packet = left[i];
		struct flow *flow = find_in(bucket, hashes[i], keys_base(keys, packet));

		worker->lookup.flows[packet] = flow;
		left[n_left] = packet;
		n_left += !flow;
		if (flow && exact_pays(&worker->exact))
			exact_add(&worker->exact, keys->hashes[packet], flow_id(flow));
	}
	worker->stats.probes += n;
	worker->subtable_hits[subtable->id] += n - n_left;
	return n_left;
}

void classify(struct worker *worker)
{
	struct lookup *lookup = &worker->lookup;
	const struct flow_index *index = epoch_load(&flow_indexes[worker->in_port]);
	unsigned n = lookup->n_left;

	for (unsigned i = 0; index && i < index->n && n; i++)
		n = probe(worker, index->subtables[i], lookup->left, n);
	worker->stats.flow_hits += lookup->n_left - n;
	lookup->n_left = n;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/classify.h"

#include <rte_prefetch.h>

#include "datapath/fast/exact.h"
#include "datapath/fast/hash.h"
#include "datapath/fast/match.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

#include "datapath/fast/fast.h"

enum {
	HINT_FROM = 3, /* masks; with fewer it is as quick to look into all */
};

/* The flow in the chain of buckets that matches, or NULL. */
static inline struct flow *find_in(const struct bucket *bucket, uint32_t hash, const uint8_t *key)
{
	for (; bucket; bucket = epoch_load(&bucket->next)) {
		unsigned ways = match_signature(bucket, hash_signature(hash));

		for (; ways; ways &= ways - 1) {
			const uint32_t *id = &bucket->flows[__builtin_ctz(ways)];
			struct flow *flow = &flows[__atomic_load_n(id, __ATOMIC_RELAXED)];

			if (match_flow(flow, key, KEYS_STRIDE))
				return flow;
		}
	}
	return NULL;
}

static inline void
found(struct worker *worker, const struct subtable *subtable, unsigned i, struct flow *flow)
{
	worker->lookup.flows[i] = flow;
	worker->subtable_hits[subtable->id]++;
	if (exact_pays(&worker->exact))
		exact_add(&worker->exact, worker->keys.hashes[i], flow_id(flow));
}

/* Looks for the packets 'left' in one subtable. Fills in those found, with 'position' as their
 * hint; returns how many are left, in order. */
static unsigned
probe(struct worker *worker,
      const struct subtable *subtable,
      uint16_t position,
      const uint32_t *places,
      uint32_t *left,
      unsigned n)
{
	const struct subtable_buckets *table = epoch_load(&subtable->buckets);
	const struct keys *keys = &worker->keys;
	uint32_t hashes[BATCH_SIZE];
	unsigned n_left = 0;

	for (unsigned i = 0; i < n; i++) {
		/* Blocks that a packet lacks hold those of another: the base block then differs. */
		hashes[i] = hash_in_batch(subtable, keys_base(keys, left[i]));
		rte_prefetch0(&table->buckets[hashes[i] & table->mask]);
	}
	for (unsigned i = 0; i < n; i++) {
		const struct bucket *bucket = &table->buckets[hashes[i] & table->mask];
		unsigned packet = left[i];
		struct flow *flow = find_in(bucket, hashes[i], keys_base(keys, packet));

		if (!flow) {
			left[n_left++] = packet;
			continue;
		}
		found(worker, subtable, packet, flow);
		if (places)
			worker->hints[places[packet] % HINTS] = (struct hint){
				.tag = hash_signature(places[packet]),
				.position = position,
			};
	}
	COUNTER_ADD(worker->stats.probes, n);
	return n_left;
}

/* Where the packet goes, by a hash: the same for most packets that share a flow. */
static inline uint32_t place_of(const struct keys *keys, unsigned i)
{
	const struct key_base *base = (const void *)keys_base(keys, i);
	const hash_key_word *words = (const void *)base;
	const hash_key_word *ipv6 = (const void *)keys->blocks[KEY_BLOCK_IPV6][i];
	uint64_t to = words[1] & 0xffffffffffff; /* eth_dst */
	uint64_t hash;

	hash = hash_pair(to, base->ip_dst | (uint64_t)base->l4_dst << 32, 0) ^ base->in_port;
	if (base->blocks & KEY_HAS(KEY_BLOCK_IPV6))
		hash ^= hash_pair(ipv6[2], ipv6[3], 2);
	return hash_fold(hash);
}

/* Looks for each packet in the subtable its hint names. Returns how many are left, in order. */
static unsigned probe_hinted(
	struct worker *worker,
	const struct flow_index *index,
	uint32_t *places,
	uint32_t *left,
	unsigned n
)
{
	const struct keys *keys = &worker->keys;
	const struct bucket *buckets[BATCH_SIZE];
	const struct subtable *subtables[BATCH_SIZE];
	uint32_t hashes[BATCH_SIZE];
	unsigned n_left = 0;

	for (unsigned i = 0; i < n; i++) {
		places[left[i]] = place_of(keys, left[i]);
		rte_prefetch0(&worker->hints[places[left[i]] % HINTS]);
	}
	for (unsigned i = 0; i < n; i++) {
		uint32_t place = places[left[i]];
		const struct hint *hint = &worker->hints[place % HINTS];

		subtables[i] = NULL;
		if (hint->tag != hash_signature(place) || hint->position >= index->n)
			continue;
		subtables[i] = index->subtables[hint->position];
		hashes[i] = hash_in_batch(subtables[i], keys_base(keys, left[i]));

		const struct subtable_buckets *table = epoch_load(&subtables[i]->buckets);

		buckets[i] = &table->buckets[hashes[i] & table->mask];
		rte_prefetch0(buckets[i]);
		COUNTER_ADD(worker->stats.probes, 1);
	}
	for (unsigned i = 0; i < n; i++) {
		unsigned packet = left[i];
		struct flow *flow = NULL;

		if (likely(subtables[i]))
			flow = find_in(buckets[i], hashes[i], keys_base(keys, packet));
		if (flow)
			found(worker, subtables[i], packet, flow);
		else
			left[n_left++] = packet;
	}
	COUNTER_ADD(worker->stats.hint_hits, n - n_left);
	return n_left;
}

void classify(struct worker *worker)
{
	struct lookup *lookup = &worker->lookup;
	const struct flow_index *index = epoch_load(&flow_indexes[worker->in_port]);
	bool hinted = index && index->n >= HINT_FROM;
	uint32_t places[BATCH_SIZE];
	unsigned n = lookup->n_left;

	if (hinted)
		n = probe_hinted(worker, index, places, lookup->left, n);
	for (unsigned i = 0; index && i < index->n && n; i++)
		n = probe(worker, index->subtables[i], i, hinted ? places : NULL, lookup->left, n);
	COUNTER_ADD(worker->stats.flow_hits, lookup->n_left - n);
	lookup->n_left = n;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "datapath/fast/hash.h"
#include "datapath/fast/match.h"
#include "datapath/fast/parse.h"
#include "datapath/flow_priv.h"
#include "datapath/pages.h"
#include "lib/epoch.h"
#include "lib/xmalloc.h"

enum {
	FIRST_BUCKETS = 4,
	FLOWS_PER_BUCKET = 4, /* on average, before the table grows */
	BIG_TABLE = 1 << 20, /* bytes from which large pages pay */
};

static struct subtable_buckets *buckets_new(uint32_t n)
{
	struct subtable_buckets *buckets = XNEW(struct subtable_buckets);
	size_t size = n * sizeof(struct bucket);

	buckets->mask = n - 1;
	buckets->buckets =
		size >= BIG_TABLE ? pages_map(size, true) : xalloc_aligned(CACHE_LINE, size);
	return buckets;
}

static void buckets_free(void *obj)
{
	struct subtable_buckets *buckets = obj;
	size_t n = buckets->mask + 1;

	for (size_t i = 0; i < n; i++) {
		struct bucket *bucket = buckets->buckets[i].next;

		while (bucket) {
			struct bucket *next = bucket->next;

			free(bucket);
			bucket = next;
		}
	}
	if (n * sizeof(struct bucket) >= BIG_TABLE)
		pages_unmap(buckets->buckets, n * sizeof(struct bucket));
	else
		free(buckets->buckets);
	free(buckets);
}

static void add_words(struct subtable *subtable, const struct key *mask)
{
	for (unsigned block = 0; block < KEY_N_PACKET_BLOCKS; block++) {
		const uint64_t *words = (const uint64_t *)mask->block[block];

		for (unsigned i = 0; i < KEY_BLOCK_SIZE / 8; i++) {
			if (!words[i])
				continue;
			subtable->words[subtable->n_words++] = (struct subtable_word){
				.mask = words[i],
				.block = block,
				.word = i,
				.at = block * KEYS_STRIDE + i * 8,
			};
		}
	}
	/* Words are hashed in pairs: the last may need a partner, which has no bits. */
	subtable->n_words += subtable->n_words % 2;
}

static bool looks_only_at_port(const struct key *mask)
{
	struct key_base base = mask->base;

	base.in_port = 0;
	base.recirc = 0;
	for (size_t i = 0; i < sizeof(base); i++)
		if (((const uint8_t *)&base)[i])
			return false;
	return true;
}

struct subtable *subtable_new(const struct key *mask)
{
	struct subtable *subtable = xalloc_aligned(CACHE_LINE, sizeof(*subtable));
	uint16_t blocks = key_mask_blocks(mask);

	subtable->mask = mask->base;
	for (unsigned i = 1; i < KEY_N_PACKET_BLOCKS; i++)
		if (blocks & KEY_HAS(i))
			subtable->extra_block[subtable->n_extra++] = i;
	if (subtable->n_extra)
		subtable->extra =
			xalloc_aligned(CACHE_LINE, subtable->n_extra * sizeof(*subtable->extra));
	for (unsigned i = 0; i < subtable->n_extra; i++)
		memcpy(subtable->extra[i], mask->block[subtable->extra_block[i]], KEY_BLOCK_SIZE);
	add_words(subtable, mask);
	subtable->only_port = !subtable->n_extra && looks_only_at_port(mask);
	subtable->buckets = buckets_new(FIRST_BUCKETS);
	return subtable;
}

void subtable_free(struct subtable *subtable)
{
	buckets_free(subtable->buckets);
	free(subtable->extra);
	free(subtable);
}

bool subtable_has_mask(const struct subtable *subtable, const struct key *mask)
{
	unsigned n = 0;

	if (memcmp(&subtable->mask, &mask->base, sizeof(subtable->mask)))
		return false;
	uint16_t blocks = key_mask_blocks(mask);

	for (unsigned i = 1; i < KEY_N_PACKET_BLOCKS; i++) {
		if (!(blocks & KEY_HAS(i)))
			continue;
		if (n == subtable->n_extra || subtable->extra_block[n] != i ||
		    memcmp(subtable->extra[n], mask->block[i], KEY_BLOCK_SIZE))
			return false;
		n++;
	}
	return n == subtable->n_extra;
}

static void place(struct subtable_buckets *buckets, const struct flow *flow)
{
	struct bucket *bucket = &buckets->buckets[flow->hash & buckets->mask];

	for (;;) {
		unsigned free_ways = match_signature(bucket, 0);

		if (free_ways) {
			unsigned way = __builtin_ctz(free_ways);

			__atomic_store_n(&bucket->flows[way], flow_id(flow), __ATOMIC_RELAXED);
			/* Pairs with the dependent loads of readers: the id stands first. */
			__atomic_store_n(
				&bucket->signatures[way],
				hash_signature(flow->hash),
				__ATOMIC_RELEASE
			);
			return;
		}
		if (!bucket->next) {
			struct bucket *more = xalloc_aligned(CACHE_LINE, sizeof(*more));

			epoch_store(&bucket->next, more);
		}
		bucket = bucket->next;
	}
}

static void grow(struct subtable *subtable)
{
	struct subtable_buckets *old = subtable->buckets;
	struct subtable_buckets *new = buckets_new((old->mask + 1) * 2);

	for (uint32_t i = 0; i <= old->mask; i++) {
		for (struct bucket *b = &old->buckets[i]; b; b = b->next)
			for (unsigned way = 0; way < BUCKET_WAYS; way++)
				if (b->signatures[way])
					place(new, &flows[b->flows[way]]);
	}
	epoch_store(&subtable->buckets, new);
	epoch_free(old, buckets_free);
}

void subtable_add(struct subtable *subtable, struct flow *flow)
{
	if (++subtable->n_flows > (uint64_t)(subtable->buckets->mask + 1) * FLOWS_PER_BUCKET)
		grow(subtable);
	place(subtable->buckets, flow);
}

void subtable_del(struct subtable *subtable, struct flow *flow)
{
	struct bucket *b = &subtable->buckets->buckets[flow->hash & subtable->buckets->mask];
	uint32_t id = flow_id(flow);

	for (; b; b = b->next) {
		for (unsigned way = 0; way < BUCKET_WAYS; way++) {
			if (!b->signatures[way] || b->flows[way] != id)
				continue;
			__atomic_store_n(&b->signatures[way], 0, __ATOMIC_RELEASE);
			subtable->n_flows--;
			return;
		}
	}
}

uint32_t subtable_hash_key(const struct subtable *subtable, const struct key *key)
{
	return hash_key(subtable, key);
}

static bool match_stale(const struct flow *flow, const struct key *key)
{
	const struct subtable *subtable = flow->subtable;

	if (!match_block(&key->base, &flow->key, &subtable->mask))
		return false;
	for (unsigned i = 0; i < subtable->n_extra; i++)
		if (!match_block(
			    key->block[subtable->extra_block[i]], flow->extra[i], subtable->extra[i]
		    ))
			return false;
	return true;
}

struct flow *subtable_find(const struct subtable *subtable, const struct key *key, bool stale_too)
{
	uint32_t hash = subtable_hash_key(subtable, key);
	const struct bucket *b = &subtable->buckets->buckets[hash & subtable->buckets->mask];

	for (; b; b = b->next) {
		unsigned ways = match_signature(b, hash_signature(hash));

		for (; ways; ways &= ways - 1) {
			struct flow *flow = &flows[b->flows[__builtin_ctz(ways)]];

			if ((stale_too || flow->live) && match_stale(flow, key))
				return flow;
		}
	}
	return NULL;
}

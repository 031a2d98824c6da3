/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Comparing: a packet's key with a flow's under its mask, and a signature with a bucket's eight.
 *
 * In 16-byte vectors, written out: gcc 12 leaves the plain loop scalar.  */

#include <smmintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/flow_priv.h"
#include "lib/epoch.h"

typedef uint64_t match_words __attribute__((vector_size(16), may_alias));

/* Workers. */

/* Whether the blocks 'key' and 'masked' agree where 'mask' looks. All three are aligned. */
static inline bool match_block(const void *key, const void *masked, const void *mask)
{
	const match_words *k = key;
	const match_words *f = masked;
	const match_words *m = mask;
	match_words d = ((k[0] & m[0]) ^ f[0]) | ((k[1] & m[1]) ^ f[1]) | ((k[2] & m[2]) ^ f[2]) |
		((k[3] & m[3]) ^ f[3]);

	return _mm_testz_si128((__m128i)d, (__m128i)d);
}

/* Whether the flow is alive and matches the key at 'base', its blocks 'stride' bytes apart. The
 * load of 'live' pairs with the keeper's release: who sees it set sees the whole flow. */
static inline bool match_flow(const struct flow *flow, const uint8_t *base, size_t stride)
{
	if (!__atomic_load_n(&flow->live, __ATOMIC_ACQUIRE))
		return false;
	const struct subtable *subtable = flow->subtable;

	if (!match_block(base, &flow->key, &subtable->mask))
		return false;
	for (unsigned i = 0; i < subtable->n_extra; i++) {
		const uint8_t *block = base + subtable->extra_block[i] * stride;

		if (!match_block(block, flow->extra[i], subtable->extra[i]))
			return false;
	}
	return true;
}

/* In which bits the n blocks that stand one behind the other at 'keys' differ from 'masked' under
 * 'mask'. 'seen' gets the bits of their third quarters. */
static inline match_words
match_row(const uint8_t *keys, unsigned n, const void *masked, const void *mask, match_words *seen)
{
	const match_words *f = masked;
	const match_words *m = mask;
	const match_words m0 = m[0], m1 = m[1], m2 = m[2], m3 = m[3];
	const match_words f0 = f[0], f1 = f[1], f2 = f[2], f3 = f[3];
	match_words d = {0}, third = {0};

	for (unsigned i = 0; i < n; i++) {
		const match_words *k = (const match_words *)(keys + (size_t)i * KEY_BLOCK_SIZE);

		third |= k[2];
		d |= ((k[0] & m0) ^ f0) | ((k[1] & m1) ^ f1) | ((k[2] & m2) ^ f2) |
			((k[3] & m3) ^ f3);
	}
	*seen = third;
	return d;
}

/* Whether the flow is alive and matches all n keys of a batch; the base blocks stand one behind the
 * other at 'base', further ones as many 'stride's behind. 'tcp_flags' gets those that any of the
 * packets has. */
static inline bool
match_all(const struct flow *flow, const uint8_t *base, size_t stride, unsigned n, be16 *tcp_flags)
{
	if (!__atomic_load_n(&flow->live, __ATOMIC_ACQUIRE))
		return false;
	const struct subtable *subtable = flow->subtable;
	match_words seen, unused, d = match_row(base, n, &flow->key, &subtable->mask, &seen);

	/* Blocks that a packet lacks hold those of another: the base block then differs. */
	for (unsigned i = 0; i < subtable->n_extra; i++)
		d |= match_row(
			base + subtable->extra_block[i] * stride,
			n,
			flow->extra[i],
			subtable->extra[i],
			&unused
		);
	*tcp_flags = (be16)seen[1];
	return _mm_testz_si128((__m128i)d, (__m128i)d);
}

static_assert(offsetof(struct key_base, tcp_flags) == 40, "match: not where match_all() looks");

/* One bit for each way of the bucket with this signature. */
static inline TSAN_UNSEEN unsigned match_signature(const struct bucket *bucket, uint16_t signature)
{
	__m128i all = _mm_load_si128((const __m128i *)bucket->signatures);
	__m128i hits = _mm_cmpeq_epi16(all, _mm_set1_epi16(signature));

	return _mm_movemask_epi8(_mm_packs_epi16(hits, _mm_setzero_si128()));
}

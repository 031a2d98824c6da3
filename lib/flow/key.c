/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/key.h"

#include <string.h>

#include "lib/hash.h"

enum {
	BLOCK_WORDS = KEY_BLOCK_SIZE / sizeof(uint64_t),
	BLOCK_PAIRS = BLOCK_WORDS / 2,
	KEY_WORDS = KEY_N_BLOCKS * BLOCK_WORDS,
};

static const uint64_t *words(const struct key *key)
{
	return (const uint64_t *)(const void *)key;
}

/* Two words at once: gcc 12 does not do that by itself. */
typedef uint64_t key_pair __attribute__((vector_size(16), aligned(8), may_alias));

static const key_pair *pairs(const struct key *key)
{
	return (const key_pair *)(const void *)key;
}

static bool block_is_zero(const key_pair *block)
{
	key_pair any = block[0] | block[1] | block[2] | block[3];

	return !(any[0] | any[1]);
}

uint16_t key_mask_blocks(const struct key *mask)
{
	uint16_t blocks = KEY_HAS(KEY_BLOCK_BASE);

	for (unsigned b = 1; b < KEY_N_BLOCKS; b++)
		if (!block_is_zero(pairs(mask) + (size_t)b * BLOCK_PAIRS))
			blocks |= KEY_HAS(b);
	return blocks;
}

bool key_equal_masked(const struct key *a, const struct key *b, const struct key *mask)
{
	const uint64_t *x = words(a), *y = words(b), *m = words(mask);

	for (unsigned i = 0; i < KEY_WORDS; i += BLOCK_WORDS) {
		uint64_t differ = 0;

		for (unsigned j = i; j < i + BLOCK_WORDS; j++)
			differ |= (x[j] ^ y[j]) & m[j];
		if (differ)
			return false;
	}
	return true;
}

void key_apply_mask(struct key *out, const struct key *key, const struct key *mask)
{
	key_pair *o = (key_pair *)(void *)out;
	const key_pair *k = pairs(key), *m = pairs(mask);

	for (unsigned i = 0; i < KEY_N_BLOCKS * BLOCK_PAIRS; i++)
		o[i] = k[i] & m[i];
}

bool key_block_is_in(unsigned block, uint16_t blocks)
{
	if (block > KEY_BLOCK_TUNNEL_OPTIONS && block < KEY_BLOCK_CONNTRACK)
		block = KEY_BLOCK_TUNNEL_OPTIONS;
	return block && block < KEY_N_PACKET_BLOCKS && blocks & KEY_HAS(block);
}

void key_get_agreed(struct key *agreed, const struct key *key, const struct key *mask)
{
	uint16_t absent = mask->base.blocks & ~key->base.blocks;

	*agreed = *mask;
	for (unsigned block = 1; block < KEY_N_PACKET_BLOCKS; block++)
		if (key_block_is_in(block, absent))
			memset(agreed->block[block], 0xff, KEY_BLOCK_SIZE);
}

/* Whether bits are in 'a' that are in neither 'b' nor 'without', in one block. */
static bool block_has_more(const key_pair *a, const key_pair *b, const key_pair *without)
{
	key_pair more = {0, 0};

	for (unsigned i = 0; i < BLOCK_PAIRS; i++)
		more |= a[i] & ~b[i] & ~without[i];
	return more[0] | more[1];
}

static bool mask_is_within(const struct key *a, const struct key *b, const struct key_base *without)
{
	static const struct key_base nothing;
	uint16_t blocks = a->base.blocks;

	if (block_has_more(pairs(a), pairs(b), (const void *)without))
		return false;
	/* Where a mask looks into a block, it says so. */
	for (unsigned i = 1; blocks && i < KEY_N_PACKET_BLOCKS; i++)
		if (key_block_is_in(i, blocks) &&
		    block_has_more(
			    pairs(a) + (size_t)i * BLOCK_PAIRS,
			    pairs(b) + (size_t)i * BLOCK_PAIRS,
			    (const void *)&nothing
		    ))
			return false;
	return true;
}

bool key_mask_is_within(const struct key *a, const struct key *b)
{
	static const struct key_base nothing;

	return mask_is_within(a, b, &nothing);
}

bool key_mask_asks_within(const struct key *a, const struct key *b)
{
	static const struct key_base blocks = {.blocks = UINT16_MAX};

	return mask_is_within(a, b, &blocks);
}

uint32_t key_hash_masked(const struct key *key, const struct key *mask, uint32_t basis)
{
	const uint64_t *k = words(key), *m = words(mask);
	uint64_t hash = basis;

	for (unsigned i = 0; i < KEY_WORDS; i++) {
		if (!m[i])
			continue;
		/* The word's place takes part, or equal words in different places would hash
		 * alike. */
		hash = (hash ^ (k[i] & m[i]) ^ i) * 0xff51afd7ed558ccdULL;
		hash ^= hash >> 32;
	}
	return hash_finish(hash);
}

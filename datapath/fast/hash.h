/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hashes of the packet path: pairs of key words multiplied with each other to 128 bits and folded.
 *
 * Each word is first mixed with a secret of this process, so that nobody outside can make packets
 * that collide. One multiplication takes in two words; a CRC takes one, on the same unit of the
 * processor, and is linear: everybody could make collisions.  */

#include <stddef.h>
#include <stdint.h>

#include "datapath/flow_priv.h"

/* A word of a key, whose declared type is bytes or fields. */
typedef uint64_t __attribute__((may_alias)) hash_key_word;

/* Workers. */

static inline uint64_t hash_pair(uint64_t a, uint64_t b, unsigned secret)
{
	unsigned __int128 product =
		(unsigned __int128)(a ^ flow_secrets[secret]) * (b ^ flow_secrets[secret + 1]);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint32_t hash_fold(uint64_t hash)
{
	return hash ^ hash >> 32;
}

static inline uint16_t hash_signature(uint32_t hash)
{
	return (hash >> 16) | 1;
}

/* The hash under the subtable's mask of the key in a batch whose base block is at 'base'. The list of words
 * has an even length. */
static inline uint32_t hash_in_batch(const struct subtable *subtable, const uint8_t *base)
{
	uint64_t hash = 0;

	for (unsigned i = 0; i < subtable->n_words; i += 2) {
		const struct subtable_word *a = &subtable->words[i];
		const struct subtable_word *b = a + 1;
		uint64_t word_a = *(const hash_key_word *)(base + a->at);
		uint64_t word_b = *(const hash_key_word *)(base + b->at);

		hash = hash_pair(hash ^ (word_a & a->mask), word_b & b->mask, 0);
	}
	return hash_fold(hash);
}

/* The flow keeper. */

/* The same of a key by itself. */
static inline uint32_t hash_key(const struct subtable *subtable, const struct key *key)
{
	uint64_t hash = 0;

	for (unsigned i = 0; i < subtable->n_words; i += 2) {
		const struct subtable_word *a = &subtable->words[i];
		const struct subtable_word *b = a + 1;
		const hash_key_word *block_a = (const hash_key_word *)key->block[a->block];
		const hash_key_word *block_b = (const hash_key_word *)key->block[b->block];

		hash = hash_pair(
			hash ^ (block_a[a->word] & a->mask), block_b[b->word] & b->mask, 0
		);
	}
	return hash_fold(hash);
}

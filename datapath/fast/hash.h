/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hashes of the packet path: the processor's CRC over key words.
 *
 * CRC alone is linear, so that anybody could make colliding packets; each word is first multiplied
 * by a secret odd number, which takes that away and costs next to nothing.  */

#include <stdint.h>

#include "datapath/flow_priv.h"

/* Workers. */

static inline uint32_t hash_word(uint32_t hash, uint64_t word, uint64_t seed)
{
	return __builtin_ia32_crc32di(hash, word * seed);
}

static inline uint16_t hash_signature(uint32_t hash)
{
	return (hash >> 16) | 1;
}

/* The hash of the key at 'base', whose blocks are 'stride' bytes apart, under the subtable's mask. */
static inline uint32_t
hash_under_mask(const struct subtable *subtable, const uint8_t *base, size_t stride)
{
	uint64_t seed = flow_hash_seed;
	uint32_t hash = 0;

	for (unsigned i = 0; i < subtable->n_words; i++) {
		const struct subtable_word *w = &subtable->words[i];
		const uint64_t *block = (const uint64_t *)(base + w->block * stride);

		hash = hash_word(hash, block[w->word] & w->mask, seed);
	}
	return hash;
}

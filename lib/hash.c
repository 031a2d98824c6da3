/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/hash.h"

#include <string.h>

static uint64_t seed_word = 0x243f6a8885a308d3ULL;

void hash_seed(uint64_t seed)
{
	seed_word = seed;
}

uint32_t hash_bytes(const void *data, size_t n, uint32_t basis)
{
	const unsigned char *p = data;
	uint64_t h = seed_word ^ (n * 0x9e3779b97f4a7c15ULL) ^ basis;

	for (; n >= 8; n -= 8, p += 8) {
		uint64_t word;

		memcpy(&word, p, 8);
		h = (h ^ word) * 0xff51afd7ed558ccdULL;
		h ^= h >> 32;
	}
	if (n) {
		uint64_t word = 0;

		memcpy(&word, p, n);
		h = (h ^ word) * 0xff51afd7ed558ccdULL;
		h ^= h >> 32;
	}
	return hash_finish(h);
}

uint32_t hash_string(const char *s, uint32_t basis)
{
	return hash_bytes(s, strlen(s), basis);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hashing for control-path tables. Seeded once per process, so that nobody outside can aim for
 * collisions. The packet path has its own (datapath/fast).  */

#include <stddef.h>
#include <stdint.h>

/* Any thread. */

uint32_t hash_bytes(const void *data, size_t n, uint32_t basis);
uint32_t hash_string(const char *s, uint32_t basis);

static inline uint32_t hash_finish(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ULL;
	h ^= h >> 32;
	return (uint32_t)h;
}

static inline uint32_t hash_u64(uint64_t value, uint32_t basis)
{
	return hash_finish((value + basis) * 0x9e3779b97f4a7c15ULL);
}

/* Main thread, before any other thread starts. */

void hash_seed(uint64_t seed);

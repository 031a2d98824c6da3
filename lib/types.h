/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Words everybody uses: network-order integers, the cache line, container_of.  */

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

typedef uint16_t be16;
typedef uint32_t be32;
typedef uint64_t be64;

struct mac {
	uint8_t bytes[6];
};

/* DPDK and the kernel define some of these too; the meaning is the same. */
#define CACHE_LINE 64

#ifndef container_of
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#endif

#ifndef likely
#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static inline be16 be16_from(uint16_t host)
{
	return __builtin_bswap16(host);
}

static inline be32 be32_from(uint32_t host)
{
	return __builtin_bswap32(host);
}

static inline be64 be64_from(uint64_t host)
{
	return __builtin_bswap64(host);
}

static inline uint16_t be16_to(be16 net)
{
	return __builtin_bswap16(net);
}

static inline uint32_t be32_to(be32 net)
{
	return __builtin_bswap32(net);
}

static inline uint64_t be64_to(be64 net)
{
	return __builtin_bswap64(net);
}

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "weir runs on little-endian machines");

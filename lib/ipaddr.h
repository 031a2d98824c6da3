/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* IP addresses of either version in 16 bytes; IPv4 as IPv6 maps it (::ffff:a.b.c.d).  */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/types.h"

enum {
	IPADDR_TEXT_SIZE = 46,
	IPADDR_V4_PREFIX = 96, /* bits in front of an IPv4 address */
};

/* All zero: no address. */
struct ipaddr {
	uint8_t bytes[16];
};

/* Any thread. */

static inline bool ipaddr_is_none(const struct ipaddr *ip)
{
	uint64_t words[2];

	memcpy(words, ip, sizeof(words));
	return !(words[0] | words[1]);
}

static inline bool ipaddr_is_v4(const struct ipaddr *ip)
{
	uint64_t words[2];

	memcpy(words, ip, sizeof(words));
	return !words[0] && (uint32_t)words[1] == 0xffff0000;
}

static inline bool ipaddr_equal(const struct ipaddr *a, const struct ipaddr *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return !((x[0] ^ y[0]) | (x[1] ^ y[1]));
}

/* Stored as whole words, because workers load it as words at once. */
static inline struct ipaddr ipaddr_from_v4(be32 v4)
{
	uint64_t words[2] = {0, 0xffff0000 | (uint64_t)v4 << 32};
	struct ipaddr ip;

	memcpy(&ip, words, sizeof(ip));
	return ip;
}

/* Of an IPv4 address. */
static inline be32 ipaddr_v4(const struct ipaddr *ip)
{
	be32 v4;

	memcpy(&v4, ip->bytes + 12, sizeof(v4));
	return v4;
}

bool ipaddr_is_multicast(const struct ipaddr *ip);
/* Whether the first 'length' bits agree; of IPv4 addresses count from 0 to 32. False if the versions
 * differ. */
bool ipaddr_in_prefix(const struct ipaddr *ip, const struct ipaddr *prefix, unsigned length);
/* "192.0.2.1" or "2001:db8::1". */
bool ipaddr_parse(struct ipaddr *ip, const char *text);
/* "192.0.2.0/24"; without a length it is the whole address. */
bool ipaddr_parse_prefix(struct ipaddr *ip, unsigned *length, const char *text);
/* Returns 'text'. */
const char *ipaddr_format(const struct ipaddr *ip, char text[IPADDR_TEXT_SIZE]);

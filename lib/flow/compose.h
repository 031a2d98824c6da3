/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets made from keys: the bytes of a packet whose key would be the given one.
 *
 * For tests, trace and netdev-dummy/receive. Checksums and lengths are right; what a key does not
 * say (payload, sequence numbers) is zero.  */

#include <stddef.h>
#include <stdint.h>

struct key;

enum {
	COMPOSE_MAX_SIZE = 9216 + 64
};

/* Any thread. */

/* Writes the packet into 'buffer' ('size' bytes, at least 256) and returns its length. 'length' is
 * the length wanted: a shorter packet is lengthened by payload, as far as 'size' allows. */
size_t compose_packet(const struct key *key, uint8_t *buffer, size_t size, size_t length);

/* The Internet checksum of 'n' bytes, continuing 'sum' (not folded). */
uint32_t compose_sum(const void *data, size_t n, uint32_t sum);
uint16_t compose_fold(uint32_t sum);

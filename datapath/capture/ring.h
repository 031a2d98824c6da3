/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rings of captured packets: one for each worker, read by the thread that writes them out.
 *
 * What stands in one are copies, because the packets themselves go on and are changed. A record is
 * never split: where the rest of the memory is too short for it, it is skipped. A ring that is full
 * takes nothing, and says how often.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct drop_reason;
struct rte_mbuf;

enum {
	CAPTURE_RING = 4 << 20, /* bytes */
	CAPTURE_SNAPLEN_MAX = 65535 * 4,
};

enum capture_way {
	CAPTURE_RX = 1, /* came in by the port */
	CAPTURE_TX = 2, /* leaves by it */
	CAPTURE_DROPPED = 4,
};

/* In front of a packet's bytes. */
struct captured {
	uint32_t size; /* from this record to the next */
	uint32_t length; /* bytes that follow; UINT32_MAX: none, all up to the end is skipped */
	uint32_t total; /* bytes the packet has */
	uint16_t port;
	uint8_t way;
	bool refused; /* dropped by the port's device */
	uint64_t ns; /* since 1970 */
	const struct drop_reason *reason;
};

struct capture_ring {
	alignas(CACHE_LINE) uint64_t head; /* worker writes, the thread reads: bytes ever added */
	uint64_t lost; /* worker writes, the thread reads: packets there was no room for */
	alignas(CACHE_LINE) uint64_t tail; /* the thread writes, worker reads: bytes ever taken */
	alignas(CACHE_LINE) uint8_t bytes[CAPTURE_RING];
};

/* Main thread. */

struct capture_ring *capture_ring_new(void); /* its memory is not there before it is used */
void capture_ring_free(struct capture_ring *ring); /* NULL is fine */

/* Workers. */

/* Adds a copy of the packet's first bytes, 'about' saying how many and what else; the sizes are set
 * here. False, and counted, if there was no room. */
bool capture_ring_add(
	struct capture_ring *ring, const struct captured *about, const struct rte_mbuf *pkt
);

/* The thread that writes. */

/* The oldest record, its bytes behind it, or NULL; it is there until it is taken. */
const struct captured *capture_ring_first(struct capture_ring *ring);
void capture_ring_take(struct capture_ring *ring, const struct captured *first);

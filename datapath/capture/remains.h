/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Remains: the last packets that died, a few of each port and reason, kept to look at.
 *
 * Each worker keeps its own, in so much memory and no more: places go to those ports and reasons
 * that dropped something lately. Copying is held back where packets die in masses: some at once, then
 * a hundred a second.  */

#include <stdint.h>

#include <rte_mbuf.h>

#include "lib/types.h"

struct drop_reason;

enum {
	REMAINS_SETS = 128,
	REMAINS_WAYS = 4,
	REMAINS_PLACES = REMAINS_SETS * REMAINS_WAYS,
	REMAINS_EACH = 4, /* packets of a port and reason */
	REMAINS_BYTES = 128, /* of a packet */
	REMAINS_BURST = 8,
	REMAINS_MS = 10, /* then one in so long */
};

/* Worker writes, main reads; it has been written while the number was odd or another. */
struct remain {
	uint32_t number;
	uint32_t total; /* bytes the packet had */
	int64_t when_ms;
	uint16_t length;
	uint8_t bytes[REMAINS_BYTES];
};

struct remains_place {
	int64_t refill_ms; /* worker's */
	uint32_t tokens; /* worker's */
	uint32_t n; /* worker writes, main reads: packets ever kept here */
	struct remain kept[REMAINS_EACH];
};

struct remains {
	/* Worker writes, main reads: port and reason of each place, 0: free. */
	alignas(CACHE_LINE) uint32_t names[REMAINS_PLACES];
	struct remains_place places[REMAINS_PLACES];
};

/* Main thread. */

/* Those of a worker; they stay for the next worker of that index. */
struct remains *remains_of_worker(unsigned index);
/* The id is given to a new port, which has nothing to do with what died at the old one. */
void remains_forget_port(uint16_t port_id);

/* Workers. */

/* Keeps a copy of the packet, unless too many came lately. */
void remains_keep(
	struct remains *remains,
	uint16_t port_id,
	const struct drop_reason *reason,
	const struct rte_mbuf *pkt,
	int64_t now_ms
);

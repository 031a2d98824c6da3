/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Unsent packets: those that a port took, and workers therefore count as sent, but that its device
 * refused. They are taken off again when somebody asks.  */

#include <stdint.h>

#include "datapath/port.h"
#include "lib/types.h"

/* All workers write, main reads. */
struct unsent {
	alignas(CACHE_LINE) uint64_t packets;
	uint64_t bytes;
};

/* Main thread. */

/* Returns how many packets there were. */
static inline uint64_t unsent_take_off(const struct unsent *unsent, struct port_stats *stats)
{
	uint64_t packets = __atomic_load_n(&unsent->packets, __ATOMIC_RELAXED);
	uint64_t bytes = __atomic_load_n(&unsent->bytes, __ATOMIC_RELAXED);

	/* Workers count a packet as sent a moment after it was refused here. */
	stats->tx_packets -= stats->tx_packets < packets ? stats->tx_packets : packets;
	stats->tx_bytes -= stats->tx_bytes < bytes ? stats->tx_bytes : bytes;
	return packets;
}

/* Workers. */

static inline void unsent_add(struct unsent *unsent, uint16_t n, uint64_t bytes)
{
	__atomic_fetch_add(&unsent->packets, n, __ATOMIC_RELAXED);
	__atomic_fetch_add(&unsent->bytes, bytes, __ATOMIC_RELAXED);
}

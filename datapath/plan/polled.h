/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The receive queues that a worker polls, and how busy they keep it.  */

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct port_rxq;

/* How busy a receive queue keeps its worker; worker writes, main reads. Queues of one port may be
 * other workers'. */
struct rxq_load {
	alignas(CACHE_LINE) uint64_t packets;
	uint64_t cycles;
	/* Packets that stood in the queue, in batches that were timed; -1: the device cannot tell. */
	int32_t depth;
	int32_t depth_most;
	/* Cycle counts: until then it is not polled, and timed when it is. The worker's. */
	uint64_t paused_until;
	uint64_t watched_until;
};

struct plan_rxq {
	struct port_rxq *rxq;
	struct rxq_load *load;
	bool by_fd; /* its type's rx_by_fd */
};

/* What a worker polls; immutable. */
struct plan {
	uint32_t number; /* no two plans have the same */
	unsigned n_rxqs;
	bool can_wait; /* every queue has a descriptor to wait on */
	bool asks; /* some queues are polled only when their descriptor is readable */
	struct plan_rxq rxqs[];
};

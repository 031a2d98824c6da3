/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Recirculation: packets whose headers have to be looked at anew after an op changed them.
 *
 * An op puts them into a bounded queue of its worker's with the point they come from, a number that
 * becomes part of their key; when the batch is done they are parsed and looked up like packets that
 * have just come in.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct batch;
struct rte_mbuf;
struct worker;

enum {
	RECIRC_QUEUE = 2048, /* packets; a power of two: some may be cut into hundreds */
};

struct recirc_queue {
	alignas(CACHE_LINE) uint32_t head, tail; /* counts of what was taken and put */
	struct recirc_packet {
		struct rte_mbuf *pkt;
		uint32_t point;
		uint16_t in_port;
	} packets[RECIRC_QUEUE];
};

/* Main thread. */

/* The queue of a worker; it stays for the next worker of that index. */
struct recirc_queue *recirc_queue_of(unsigned worker);

/* Workers. */

/* Consumes the packets. */
void recirc_put(struct worker *worker, uint32_t point, struct rte_mbuf **pkts, uint16_t n);
/* Takes packets that come from one point and port, and makes these the worker's present ones. */
uint16_t recirc_take(struct worker *worker, struct batch *batch);

static inline bool recirc_waits(const struct recirc_queue *queue)
{
	return queue->head != queue->tail;
}

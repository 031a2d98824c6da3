/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tap queues: packets out of and into an open /dev/net/tun, one system call each.  */

#include <stdint.h>

#include "lib/types.h"

struct batch;
struct port;
struct rte_mbuf;
struct rte_mempool;

struct tap_queue {
	int fd;
	struct rte_mempool *pool;

	/* The worker that polls. */
	alignas(CACHE_LINE) struct rte_mbuf *spare; /* to read the next packet into */
	uint64_t rx_errors; /* worker writes, main reads */

	/* All workers write, main reads. */
	alignas(CACHE_LINE) uint64_t tx_errors;
};

/* Main thread. */

/* 'queue' is zeroed. */
void tap_queue_init(struct tap_queue *queue, int fd, struct rte_mempool *pool);
void tap_queue_fini(struct tap_queue *queue);

/* Workers. */

void tap_queue_read(struct tap_queue *queue, struct batch *batch);
/* Sends as 'worker' through 'port'; as struct port_type's tx (datapath/port.h). */
uint16_t tap_queue_write(
	struct tap_queue *queue,
	const struct port *port,
	uint16_t worker,
	struct rte_mbuf **pkts,
	uint16_t n
);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tap queues: packets out of and into an open /dev/net/tun, many by one system call where the kernel
 * can (uring.h).  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/batch.h"
#include "datapath/ports/vnet.h"
#include "lib/types.h"

struct port;
struct rte_mbuf;
struct rte_mempool;
struct uring;

struct tap_queue {
	int fd;
	struct rte_mempool *pool;
	uint8_t *spills; /* for what does not fit into an mbuf, VNET_SPILL a packet */

	/* The worker that polls. */
	alignas(CACHE_LINE) uint16_t n_spares;
	uint16_t wish; /* packets to ask for at once: a little more than came last */
	uint64_t rx_errors; /* worker writes, main reads */
	bool is_long; /* the last packet did not fit into one mbuf: so may the next */
	struct rte_mbuf *spares[BATCH_SIZE]; /* to read the next packets into */
	struct vnet_tail tail; /* filled while packets are long */
};

/* Main thread. */

/* 'queue' is zeroed. Keeps up to BATCH_SIZE packets of 'pool', or VNET_TAIL and a few. -ENOMEM. */
int tap_queue_init(struct tap_queue *queue, int fd, struct rte_mempool *pool);
void tap_queue_fini(struct tap_queue *queue);

/* Workers. 'uring' is the worker's, or NULL. */

void tap_queue_read(struct tap_queue *queue, struct uring *uring, struct batch *batch);

/* Who sends, and who hears of packets that could not be sent, with the reason. */
struct tap_sender {
	struct uring *uring;
	void (*fail)(struct tap_sender *sender, struct rte_mbuf *packet, int error);
};
/* Sends in order; returns how many are done with. Frees nothing. */
uint16_t tap_queue_write(
	struct tap_queue *queue, struct tap_sender *sender, struct rte_mbuf **pkts, uint16_t n
);

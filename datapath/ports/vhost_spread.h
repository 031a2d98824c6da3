/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Spreading: which of a guest's rings a packet goes to when flows choose (tx-steering=hash).
 *
 * The rings are divided among the workers, so that no two send through the same one; among its own a
 * worker chooses by the packet's addresses and ports, and a flow stays in order.  */

#include <stdint.h>

#include "datapath/batch.h"

struct rte_mbuf;
struct vhost_link;

/* A batch, sorted by ring. */
struct vhost_spread {
	struct rte_mbuf *pkts[BATCH_SIZE];
	uint16_t n_groups;
	uint16_t starts[BATCH_SIZE + 1]; /* of each group in 'pkts', and where the last one ends */
	uint16_t queues[BATCH_SIZE]; /* of the guest, by group */
};

/* Workers. */

/* Sorts at most BATCH_SIZE packets. */
void vhost_spread_make(
	struct vhost_spread *spread,
	const struct vhost_link *link,
	uint16_t worker,
	struct rte_mbuf **pkts,
	uint16_t n
);
/* The hash of what a packet says about its flow: IP addresses and ports, or else Ethernet addresses. */
uint32_t vhost_spread_hash(const struct rte_mbuf *pkt);

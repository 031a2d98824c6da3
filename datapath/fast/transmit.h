/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sending: packets gather in one outbox per port and leave together at the end of a batch.  */

#include <stdint.h>

#include "datapath/worker_priv.h"

/* Workers. */

/* Sends what is in the port's outbox; what the port does not take is dropped with a reason. */
void transmit_flush(struct worker *worker, uint16_t port_id);
/* All outboxes with something in them. */
void transmit_flush_all(struct worker *worker);
/* Sends what other workers handed over. Returns how many packets that were. */
unsigned transmit_handed(struct worker *worker);

static inline void transmit_one(struct worker *worker, uint16_t port_id, struct rte_mbuf *pkt)
{
	struct outbox *box = &worker->outboxes[port_id];

	if (!box->listed) {
		box->listed = true;
		worker->dirty[worker->n_dirty++] = port_id;
	}
	box->pkts[box->n++] = pkt;
	if (unlikely(box->n == BATCH_SIZE))
		transmit_flush(worker, port_id);
}

static inline void
transmit_append(struct worker *worker, uint16_t port_id, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		transmit_one(worker, port_id, pkts[i]);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sending: packets gather in one outbox per port and leave together at the end of a batch.  */

#include <stdint.h>
#include <string.h>

#include "datapath/worker_priv.h"

/* Workers. */

/* Sends what is in the port's outbox; what the port does not take is dropped with a reason. */
void transmit_flush(struct worker *worker, uint16_t port_id);
/* All outboxes with something in them. */
void transmit_flush_all(struct worker *worker);
/* Sends what other workers handed over. Returns how many packets that were. */
unsigned transmit_handed(struct worker *worker);

static inline struct outbox *transmit_box(struct worker *worker, uint16_t port_id)
{
	struct outbox *box = &worker->outboxes[port_id];

	if (!box->listed) {
		box->listed = true;
		worker->dirty[worker->n_dirty++] = port_id;
	}
	return box;
}

static inline void transmit_one(struct worker *worker, uint16_t port_id, struct rte_mbuf *pkt)
{
	struct outbox *box = transmit_box(worker, port_id);

	box->pkts[box->n++] = pkt;
	if (unlikely(box->n == BATCH_SIZE))
		transmit_flush(worker, port_id);
}

static inline void
transmit_append(struct worker *worker, uint16_t port_id, struct rte_mbuf **pkts, uint16_t n)
{
	struct outbox *box = transmit_box(worker, port_id);

	while (n) {
		uint16_t room = BATCH_SIZE - box->n;
		uint16_t k = n < room ? n : room;

		memcpy(&box->pkts[box->n], pkts, k * sizeof(pkts[0]));
		box->n += k;
		pkts += k;
		n -= k;
		if (box->n == BATCH_SIZE)
			transmit_flush(worker, port_id);
	}
}

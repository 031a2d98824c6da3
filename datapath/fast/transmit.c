/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/transmit.h"

#include <rte_pause.h>
#include <rte_ring.h>

#include "datapath/capture/take.h"
#include "datapath/fast/meta.h"
#include "datapath/meter/policing.h"
#include "lib/epoch.h"

#include "datapath/fast/fast.h"

DROP_REASON(port_gone, "the port it was to leave by has been closed");
DROP_REASON(tx_full, "the port it was to leave by (counted there) took no more packets");
DROP_REASON(egress_policed, "more was to leave by the port (counted there) than may (its QoS)");
DROP_REASON(handover_full, "the worker that owns the port's send queue did not keep up");

enum {
	/* A queue that is full is asked this often again; at about 30 ns each a guest gets a
	 * microsecond to catch up. */
	TX_RETRIES = 32
};

/* Gives packets to the worker that owns the queue. */
static uint16_t
hand_over(struct worker *worker, struct port *port, struct rte_mbuf **pkts, uint16_t n)
{
	unsigned owner = worker->index % port->n_txqs;
	uint16_t sent;

	for (uint16_t i = 0; i < n; i++)
		meta_of(pkts[i])->out_port = port->id;
	sent = rte_ring_mp_enqueue_burst(workers[owner]->handed, (void **)pkts, n, NULL);
	worker_wake(owner);
	return sent;
}

static void
refuse(struct worker *worker,
       uint16_t port_id,
       struct rte_mbuf **pkts,
       uint16_t n,
       const struct drop_reason *reason)
{
	/* The fault is the port's that did not take them, not the sender's. */
	worker->drops[port_id * DROP_REASONS + reason->id] += n;
	capture_deaths(worker, port_id, pkts, n, reason);
	worker->port_counters[port_id].tx_dropped += n;
	rte_pktmbuf_free_bulk(pkts, n);
}

static uint16_t send(struct worker *worker, struct port *port, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t sent = port->type->tx(port, worker->index, pkts, n);

	if (likely(sent == n))
		return n;
	for (unsigned i = 0; i < TX_RETRIES && sent < n; i++) {
		rte_pause();
		sent += port->type->tx(port, worker->index, pkts + sent, n - sent);
		worker->stats.tx_retries++;
		worker->port_counters[port->id].tx_retries++;
	}
	return sent;
}

static uint64_t count_bytes(struct rte_mbuf **pkts, uint16_t n)
{
	uint64_t bytes = 0;

	for (uint16_t i = 0; i < n; i++)
		bytes += pkts[i]->pkt_len;
	return bytes;
}

void transmit_flush(struct worker *worker, uint16_t port_id)
{
	struct outbox *box = &worker->outboxes[port_id];
	struct port *port = epoch_load(&ports_by_id[port_id]);
	uint16_t n = box->n;
	uint16_t sent;

	box->n = 0;
	if (unlikely(!port || !port->type->tx)) {
		refuse(worker, port_id, box->pkts, n, &drop_port_gone);
		return;
	}
	if (unlikely(port->n_txqs && worker->index >= port->n_txqs)) {
		sent = hand_over(worker, port, box->pkts, n);
		if (unlikely(sent < n))
			refuse(worker, port_id, box->pkts + sent, n - sent, &drop_handover_full);
		return;
	}
	struct policing *policing = epoch_load(&port->policing);

	if (unlikely(policing && policing_limits_out(policing))) {
		uint16_t may = policing_out(policing, box->pkts, n);

		refuse(worker, port_id, box->pkts + may, n - may, &drop_egress_policed);
		n = may;
	}
	capture_at(worker, port, CAPTURE_TX, box->pkts, n);
	/* Counted before they are the device's; what it refuses is taken off again. */
	uint64_t bytes = port->type->get_stats ? 0 : count_bytes(box->pkts, n);

	sent = send(worker, port, box->pkts, n);
	worker->stats.tx_packets += sent;
	worker->stats.tx_batches++;
	worker->port_counters[port_id].tx_packets += sent;
	if (unlikely(sent < n)) {
		bytes -= bytes ? count_bytes(box->pkts + sent, n - sent) : 0;
		refuse(worker, port_id, box->pkts + sent, n - sent, &drop_tx_full);
	}
	worker->port_counters[port_id].tx_bytes += bytes;
}

void transmit_flush_all(struct worker *worker)
{
	for (unsigned i = 0; i < worker->n_dirty; i++) {
		struct outbox *box = &worker->outboxes[worker->dirty[i]];

		box->listed = false;
		if (box->n)
			transmit_flush(worker, worker->dirty[i]);
	}
	worker->n_dirty = 0;
}

unsigned transmit_handed(struct worker *worker)
{
	struct rte_mbuf *pkts[BATCH_SIZE] = {NULL};
	/* No more than are there now: others go on adding. */
	unsigned there = rte_ring_count(worker->handed);
	unsigned done = 0;

	while (done < there) {
		unsigned n =
			rte_ring_sc_dequeue_burst(worker->handed, (void **)pkts, BATCH_SIZE, NULL);

		for (unsigned i = 0; i < n; i++)
			transmit_one(worker, meta_of(pkts[i])->out_port, pkts[i]);
		done += n;
		if (!n)
			break;
	}
	if (done)
		transmit_flush_all(worker);
	return done;
}

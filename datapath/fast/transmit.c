/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/transmit.h"

#include <rte_pause.h>

#include "datapath/capture/take.h"
#include "datapath/fast/headers.h"
#include "datapath/fast/meta.h"
#include "datapath/meter/policing.h"
#include "lib/epoch.h"

#include "datapath/fast/fast.h"

DROP_REASON(port_gone, "the port it was to leave by has been closed");
DROP_REASON(tx_full, "the port it was to leave by (counted there) took no more packets");
DROP_REASON(
	mtu_exceeded,
	"it is longer than the port it was to leave by (counted there) may send (its MTU)"
);
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
	sent = ring_add(workers[owner]->handed, (void **)pkts, n);
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
	COUNTER_ADD(worker->drops[port_id * DROP_REASONS + reason->id], n);
	capture_deaths(worker, port_id, pkts, n, reason);
	COUNTER_ADD(worker->port_counters[port_id].tx_dropped, n);
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
		COUNTER_ADD(worker->stats.tx_retries, 1);
		COUNTER_ADD(worker->port_counters[port->id].tx_retries, 1);
	}
	return sent;
}

/* Adds the lengths up; 'bits' are those that any of them has. */
static inline uint64_t count_bytes(struct rte_mbuf **pkts, uint16_t n, uint32_t *bits)
{
	uint64_t bytes = 0;

	*bits = 0;
	for (uint16_t i = 0; i < n; i++) {
		bytes += pkts[i]->pkt_len;
		*bits |= pkts[i]->pkt_len;
	}
	return bytes;
}

static bool has_two_tags(const struct rte_mbuf *pkt)
{
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);

	if (pkt->data_len < ETH_SIZE + 2 * VLAN_SIZE)
		return false;
	uint16_t outer = host16(frame + ETH_SIZE - 2), inner = host16(frame + ETH_SIZE + 2);

	return (outer == TYPE_VLAN || outer == TYPE_QINQ) &&
		(inner == TYPE_VLAN || inner == TYPE_QINQ);
}

/* Whether it exceeds 'most' bytes, of which a tag may be a part, and a second one none. */
static bool is_too_long(const struct rte_mbuf *pkt, uint32_t most)
{
	if (pkt->pkt_len <= most)
		return false;
	/* What it is cut into has these headers at least. */
	if (pkt->ol_flags & RTE_MBUF_F_TX_TCP_SEG)
		return pkt->tso_segsz + 0U + ETH_SIZE + IPV4_SIZE + TCP_SIZE > most;
	return pkt->pkt_len > most + VLAN_SIZE || !has_two_tags(pkt);
}

/* Some of the packets may be too long. Returns how many are left, and their bytes. */
static __attribute__((noinline)) uint16_t drop_long(
	struct worker *worker,
	struct port *port,
	struct outbox *box,
	uint16_t n,
	uint32_t most,
	uint64_t *bytes
)
{
	struct rte_mbuf *too_long[BATCH_SIZE];
	uint16_t n_left = 0, n_long = 0;

	for (uint16_t i = 0; i < n; i++) {
		if (is_too_long(box->pkts[i], most)) {
			*bytes -= box->pkts[i]->pkt_len;
			too_long[n_long++] = box->pkts[i];
		} else {
			box->pkts[n_left++] = box->pkts[i];
		}
	}
	if (n_long)
		refuse(worker, port->id, too_long, n_long, &drop_mtu_exceeded);
	return n_left;
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
	/* Counted before they are the device's; what it refuses is taken off again. */
	uint32_t most = __atomic_load_n(&port->frame_most, __ATOMIC_RELAXED), bits = 0;
	uint64_t bytes = 0;

	if (most || !port->type->get_stats)
		bytes = count_bytes(box->pkts, n, &bits);
	/* No frame is longer than what the bits of all make together. */
	if (unlikely(bits > most && most))
		n = drop_long(worker, port, box, n, most, &bytes);
	capture_at(worker, port, CAPTURE_TX, box->pkts, n);
	sent = send(worker, port, box->pkts, n);
	COUNTER_ADD(worker->stats.tx_packets, sent);
	COUNTER_ADD(worker->stats.tx_batches, 1);
	COUNTER_ADD(worker->port_counters[port_id].tx_packets, sent);
	if (unlikely(sent < n)) {
		bytes -= bytes ? count_bytes(box->pkts + sent, n - sent, &bits) : 0;
		refuse(worker, port_id, box->pkts + sent, n - sent, &drop_tx_full);
	}
	COUNTER_ADD(worker->port_counters[port_id].tx_bytes, bytes);
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
		unsigned n = ring_take(worker->handed, (void **)pkts, BATCH_SIZE);

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

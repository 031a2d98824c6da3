/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <rte_mbuf.h>
#include <rte_vhost.h>

#include "datapath/batch.h"
#include "datapath/packet/offload.h"
#include "datapath/ports/vhost.h"
#include "datapath/ports/vhost_spread.h"
#include "datapath/ports/vhost_sum.h"
#include "datapath/ports/vhost_wary.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

DROP_REASON(no_guest, "no guest is connected to the port it was to leave by");
DROP_REASON(guest_keeps, "the guest's side kept workers waiting, or is about to change its rings");
DROP_REASON(guest_offload, "its checksum or segments could not be made for the guest");
DROP_REASON(guest_full, "the guest took only some of the segments the packet was cut into");

/* What the library found out about a received packet, as pending offloads. Negative: drop it. A guest
 * may string together as many pieces as it likes. */
static int take_offloads(struct rte_mbuf *packet)
{
	uint64_t flags = packet->ol_flags;
	uint32_t l4 = packet->packet_type & RTE_PTYPE_L4_MASK;
	uint64_t pending = 0;

	if (packet->pkt_len > VHOST_LONGEST)
		return -1;
	if (flags & RTE_MBUF_F_RX_LRO) {
		if (l4 != RTE_PTYPE_L4_TCP || !packet->tso_segsz)
			return -1;
		pending = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM;
	} else if ((flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_NONE) {
		if (l4 == RTE_PTYPE_L4_TCP)
			pending = RTE_MBUF_F_TX_TCP_CKSUM;
		else if (l4 == RTE_PTYPE_L4_UDP)
			pending = RTE_MBUF_F_TX_UDP_CKSUM;
		else
			return -1;
	}
	packet->ol_flags = (flags & RTE_MBUF_F_EXTERNAL) | pending;
	return 0;
}

static uint16_t drop_malformed(struct vhost_rxq *queue, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		if (likely(!pkts[i]->ol_flags && pkts[i]->nb_segs == 1) ||
		    !take_offloads(pkts[i])) {
			pkts[kept++] = pkts[i];
			continue;
		}
		__atomic_store_n(&queue->errors, queue->errors + 1, __ATOMIC_RELAXED);
		worker_count_malformed(queue->rxq.port, 1);
		rte_pktmbuf_free(pkts[i]);
	}
	return kept;
}

uint16_t vhost_rx(struct port_rxq *rxq, struct batch *batch)
{
	struct vhost_rxq *queue = container_of(rxq, struct vhost_rxq, rxq);
	struct vhost_port *vhost = vhost_of(rxq->port);
	const struct vhost_link *link = epoch_load(&vhost->link);

	if (unlikely(!link) || unlikely(vhost_wary_is_shunned(vhost)))
		return 0;
	if (unlikely(queue->seen != link->number)) {
		queue->seen = link->number;
		__atomic_store_n(&queue->fruitless, 0, __ATOMIC_RELAXED);
	}
	uint16_t ring = vhost_ring_from_guest(rxq->index);
	uint16_t n = unlikely(nudge_wary)
		? vhost_wary_dequeue(vhost, link->vid, ring, batch)
		: rte_vhost_dequeue_burst(link->vid, ring, vhost->pool, batch->pkts, BATCH_SIZE);

	if (!n)
		return 0;
	if (unlikely(queue->quiet != link->number)) {
		/* While we poll, a kick only costs the guest time. The library takes the ring's lock for
		 * this, which was free a moment ago. */
		rte_vhost_enable_guest_notification(link->vid, ring, 0);
		queue->quiet = link->number;
	}
	if (unlikely(queue->fruitless))
		__atomic_store_n(&queue->fruitless, 0, __ATOMIC_RELAXED);
	return drop_malformed(queue, batch->pkts, n);
}

/* Counts one packet. */
static void
refuse(struct vhost_port *vhost, uint16_t worker, uint32_t bytes, const struct drop_reason *reason)
{
	unsent_add(&vhost->unsent, 1, bytes);
	worker_count_drop(workers[worker], vhost->port.id, reason);
}

static void refuse_all(
	struct vhost_port *vhost,
	uint16_t worker,
	struct rte_mbuf **pkts,
	uint16_t n,
	const struct drop_reason *reason
)
{
	uint64_t bytes = 0;

	for (uint16_t i = 0; i < n; i++)
		bytes += pkts[i]->pkt_len;
	worker_count_refused(workers[worker], vhost->port.id, pkts, n, reason);
	unsent_add(&vhost->unsent, n, bytes);
	rte_pktmbuf_free_bulk(pkts, n);
}

struct sender {
	uint16_t worker, ring;
};

static inline uint16_t
enqueue(struct vhost_port *vhost, int vid, uint16_t ring, struct rte_mbuf **pkts, uint16_t n)
{
	/* Again, because there may be many calls for a batch: the library waits for its lock. */
	if (unlikely(!vhost_may_use(vhost)))
		return 0;
	return unlikely(nudge_wary) ? vhost_wary_enqueue(vhost, vid, ring, pkts, n)
				    : rte_vhost_enqueue_burst(vid, ring, pkts, n);
}

/* What one packet has become: the library takes no more than a batch at a time. */
static uint16_t send_ready(
	struct vhost_port *vhost, int vid, uint16_t ring, struct rte_mbuf **ready, uint16_t n_ready
)
{
	uint16_t sent = 0, n;

	do {
		n = enqueue(vhost, vid, ring, ready + sent, n_ready - sent);
		sent += n;
	} while (n && sent < n_ready);
	return sent;
}

/* Packets with pending offloads, one by one. */
static __attribute__((noinline)) uint16_t send_pending(
	struct vhost_port *vhost,
	const struct vhost_link *link,
	struct sender sender,
	struct rte_mbuf **pkts,
	uint16_t n
)
{
	struct rte_mbuf *ready[OFFLOAD_SEGMENTS];

	for (uint16_t i = 0; i < n; i++) {
		uint32_t bytes = pkts[i]->pkt_len;
		uint16_t n_ready = offload_resolve(pkts[i], link->can, ready);

		if (!n_ready) {
			refuse(vhost, sender.worker, bytes, &drop_guest_offload);
			continue;
		}
		bool is_whole = n_ready == 1 && ready[0] == pkts[i];

		ready[0] = vhost_sum_hide(ready[0]);
		uint16_t sent = send_ready(vhost, link->vid, sender.ring, ready, n_ready);

		/* Untouched, it can be tried again; of a packet that was cut the rest is lost. */
		if (!sent && is_whole) {
			vhost_sum_show(ready[0], pkts[i]);
			return i;
		}
		if (sent < n_ready)
			refuse(vhost, sender.worker, bytes, &drop_guest_full);
		rte_pktmbuf_free_bulk(ready, n_ready);
	}
	return n;
}

/* Through one ring. */
static uint16_t send_to_ring(
	struct vhost_port *vhost,
	const struct vhost_link *link,
	struct sender sender,
	struct rte_mbuf **pkts,
	uint16_t n
)
{
	uint64_t flags = 0;

	for (uint16_t i = 0; i < n; i++)
		flags |= pkts[i]->ol_flags;
	if (unlikely(flags & OFFLOAD_PENDING))
		return send_pending(vhost, link, sender, pkts, n);
	uint16_t sent = enqueue(vhost, link->vid, sender.ring, pkts, n);

	rte_pktmbuf_free_bulk(pkts, sent);
	return sent;
}

/* Through the rings that are this worker's alone, each packet by its flow. What a ring does not take
 * comes to stand last. */
static __attribute__((noinline)) uint16_t send_by_flow(
	struct vhost_port *vhost,
	const struct vhost_link *link,
	uint16_t worker,
	struct rte_mbuf **pkts,
	uint16_t n
)
{
	struct vhost_spread spread;
	uint16_t n_left = 0;

	vhost_spread_make(&spread, link, worker, pkts, n);
	for (uint16_t i = 0; i < spread.n_groups; i++) {
		struct rte_mbuf **group = spread.pkts + spread.starts[i];
		uint16_t size = spread.starts[i + 1] - spread.starts[i];
		struct sender sender = {worker, vhost_ring_to_guest(spread.queues[i])};
		uint16_t sent = send_to_ring(vhost, link, sender, group, size);

		memmove(spread.pkts + n_left, group + sent, (size - sent) * sizeof(group[0]));
		n_left += size - sent;
	}
	memcpy(pkts + n - n_left, spread.pkts, n_left * sizeof(pkts[0]));
	return n - n_left;
}

uint16_t vhost_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct vhost_port *vhost = vhost_of(port);
	const struct vhost_link *link = epoch_load(&vhost->link);

	if (unlikely(!link || !link->n_tx)) {
		refuse_all(vhost, queue, pkts, n, &drop_no_guest);
		return n;
	}
	if (unlikely(!vhost_may_use(vhost))) {
		refuse_all(vhost, queue, pkts, n, &drop_guest_keeps);
		return n;
	}
	if (unlikely(__atomic_load_n(&port->by_flow, __ATOMIC_RELAXED) && link->n_tx > 1))
		return send_by_flow(vhost, link, queue, pkts, n);
	struct sender sender = {queue, vhost_ring_to_guest(link->tx[queue % link->n_tx])};

	return send_to_ring(vhost, link, sender, pkts, n);
}

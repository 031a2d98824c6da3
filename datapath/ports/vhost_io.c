/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/epoll.h>

#include <rte_mbuf.h>
#include <rte_vhost.h>

#include "datapath/batch.h"
#include "datapath/packet/offload.h"
#include "datapath/ports/vhost.h"
#include "datapath/ports/vhost_place.h"
#include "datapath/ports/vhost_spread.h"
#include "datapath/ports/vhost_sum.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

DROP_REASON(no_guest, "no guest is connected to the port it was to leave by");
DROP_REASON(guest_offload, "its checksum or segments could not be made for the guest");
DROP_REASON(guest_full, "the guest took only some of the segments the packet was cut into");

/* Ring numbers: the even ones are what the guest receives from. */
static inline uint16_t ring_to_guest(uint16_t queue)
{
	return queue * 2;
}

static inline uint16_t ring_from_guest(uint16_t queue)
{
	return queue * 2 + 1;
}

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

	if (unlikely(!link))
		return 0;
	uint16_t ring = ring_from_guest(rxq->index);

	if (unlikely(queue->seen != link->number)) {
		/* While we poll, a kick only costs the guest time. */
		rte_vhost_enable_guest_notification(link->vid, ring, 0);
		queue->seen = link->number;
		queue->fruitless = 0;
	}
	uint16_t n = rte_vhost_dequeue_burst(link->vid, ring, vhost->pool, batch->pkts, BATCH_SIZE);

	if (!n)
		return 0;
	if (unlikely(queue->fruitless))
		__atomic_store_n(&queue->fruitless, 0, __ATOMIC_RELAXED);
	return drop_malformed(queue, batch->pkts, n);
}

/* Whether a ring that we found nothing in has something. The library leaves what makes no sense
 * where it is and says nothing: the guest shall not keep us awake with it. */
static bool has_packets(const struct vhost_link *link, struct vhost_rxq *queue, uint16_t ring)
{
	if (!vhost_place_depth(link, ring, 1))
		return false;
	if (queue->fruitless == VHOST_STUCK)
		return false;
	__atomic_store_n(&queue->fruitless, queue->fruitless + 1, __ATOMIC_RELAXED);
	if (queue->fruitless < VHOST_STUCK)
		return true;
	__atomic_store_n(&queue->errors, queue->errors + 1, __ATOMIC_RELAXED);
	worker_count_malformed(queue->rxq.port, 1);
	return false;
}

bool vhost_rx_wait(struct port_rxq *rxq, bool enable)
{
	struct vhost_rxq *queue = container_of(rxq, struct vhost_rxq, rxq);
	const struct vhost_link *link = epoch_load(&vhost_of(rxq->port)->link);
	uint16_t ring = ring_from_guest(rxq->index);
	struct epoll_event event;

	/* The kick is edge-triggered there and forgotten here: reading it could block, for who knows
	 * what the guest's side gave us as a descriptor. */
	epoll_wait(rxq->wait_fd, &event, 1, 0);
	if (!link)
		return false;
	rte_vhost_enable_guest_notification(link->vid, ring, enable);
	if (!enable)
		return false;
	/* Pairs with the guest's own: it adds a packet before it looks whether we want a kick. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return has_packets(link, queue, ring);
}

static void
refuse(struct vhost_port *vhost, uint16_t worker, uint16_t n, const struct drop_reason *reason)
{
	__atomic_fetch_add(&vhost->tx_refused, n, __ATOMIC_RELAXED);
	for (uint16_t i = 0; i < n; i++)
		worker_count_drop(workers[worker], vhost->port.id, reason);
}

struct sender {
	uint16_t worker, ring;
};

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
		uint16_t n_ready = offload_resolve(pkts[i], link->can, ready);

		if (!n_ready) {
			refuse(vhost, sender.worker, 1, &drop_guest_offload);
			continue;
		}
		bool is_whole = n_ready == 1 && ready[0] == pkts[i];

		ready[0] = vhost_sum_hide(ready[0]);
		uint16_t sent = rte_vhost_enqueue_burst(link->vid, sender.ring, ready, n_ready);

		/* Untouched, it can be tried again; of a packet that was cut the rest is lost. */
		if (!sent && is_whole) {
			vhost_sum_show(ready[0], pkts[i]);
			return i;
		}
		if (sent < n_ready)
			refuse(vhost, sender.worker, 1, &drop_guest_full);
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
	uint16_t sent = rte_vhost_enqueue_burst(link->vid, sender.ring, pkts, n);

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
		struct sender sender = {worker, ring_to_guest(spread.queues[i])};
		uint16_t sent = send_to_ring(vhost, link, sender, group, size);

		memcpy(spread.pkts + n_left, group + sent, (size - sent) * sizeof(group[0]));
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
		refuse(vhost, queue, n, &drop_no_guest);
		rte_pktmbuf_free_bulk(pkts, n);
		return n;
	}
	if (unlikely(__atomic_load_n(&port->by_flow, __ATOMIC_RELAXED) && link->n_tx > 1))
		return send_by_flow(vhost, link, queue, pkts, n);
	struct sender sender = {queue, ring_to_guest(link->tx[queue % link->n_tx])};

	return send_to_ring(vhost, link, sender, pkts, n);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Packets a device cannot send as they are: pending checksums, TCP to be cut, chains.  */

#include <errno.h>

#include <rte_ethdev.h>
#include <rte_ip.h>

#include "datapath/packet/offload_tunnel.h"
#include "datapath/ports/ethdev.h"
#include "datapath/worker_priv.h"

DROP_REASON(offload_failed, "its checksum or segments could not be made for the device");
DROP_REASON(segments_refused, "the device took only some of the segments a packet was cut into");

/* What is left to the device it wants prepared in its own way. */
static bool prepare(struct ethdev *dev, uint16_t queue, struct rte_mbuf *packet)
{
	const uint64_t cut_ipv4 = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IPV4;

	if (!offload_tunnel_is_pending(packet) && (packet->ol_flags & cut_ipv4) == cut_ipv4) {
		struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(packet, void *, packet->l2_len);

		packet->ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
		ip->hdr_checksum = 0;
	}
	if (dev->single_segment && packet->nb_segs > 1 && rte_pktmbuf_linearize(packet))
		return false;
	return !offload_is_pending(packet) ||
		rte_eth_tx_prepare(dev->ethdev_id, queue, &packet, 1) == 1;
}

/* Whether a packet becomes several. Those in tunnels have been seen to when they were output. */
static bool is_to_be_cut(const struct ethdev *dev, const struct rte_mbuf *packet)
{
	const unsigned cuts = OFFLOAD_CAN_TCP4 | OFFLOAD_CAN_TCP6;

	return packet->ol_flags & RTE_MBUF_F_TX_TCP_SEG && (dev->can & cuts) != cuts &&
		!offload_tunnel_is_pending(packet);
}

/* Makes 'packet' what the device can send. Returns how many packets it has become; 0: it is gone. */
static uint16_t
make_ready(struct ethdev *dev, uint16_t queue, struct rte_mbuf *packet, struct rte_mbuf **ready)
{
	uint16_t n = 1;

	if (offload_tunnel_is_pending(packet))
		ready[0] = packet;
	else
		n = offload_resolve(packet, dev->can, ready);
	for (uint16_t i = 0; i < n; i++) {
		if (prepare(dev, queue, ready[i]))
			continue;
		rte_pktmbuf_free_bulk(ready, n);
		return 0;
	}
	return n;
}

/* One packet, which is no more. */
static void count(struct ethdev *dev, uint16_t queue, const struct drop_reason *reason)
{
	__atomic_fetch_add(&dev->tx_unsendable, 1, __ATOMIC_RELAXED);
	worker_count_drop(workers[queue], dev->port.id, reason);
}

/* What the device did not take of packets that cannot be tried again. */
static void
lose(struct ethdev *dev,
     uint16_t queue,
     struct rte_mbuf **pkts,
     uint16_t n,
     const struct drop_reason *reason)
{
	__atomic_fetch_add(&dev->tx_unsendable, n, __ATOMIC_RELAXED);
	worker_count_refused(workers[queue], dev->port.id, pkts, n, reason);
	rte_pktmbuf_free_bulk(pkts, n);
}

static void send_cut(struct ethdev *dev, uint16_t queue, struct rte_mbuf *packet)
{
	struct rte_mbuf *ready[OFFLOAD_SEGMENTS];
	uint16_t n = make_ready(dev, queue, packet, ready);
	uint16_t sent = n ? rte_eth_tx_burst(dev->ethdev_id, queue, ready, n) : 0;

	if (!n)
		count(dev, queue, &drop_offload_failed);
	else if (sent < n)
		lose(dev, queue, ready + sent, n - sent, &drop_segments_refused);
}

/* Sends packets up to the first that must be cut or cannot be made ready. Returns how many were dealt
 * with; 'full' if the device took no more of the others. */
static uint16_t
send_run(struct ethdev *dev, uint16_t queue, struct rte_mbuf **pkts, uint16_t n, bool *full)
{
	struct rte_mbuf *same;
	bool failed = false;
	uint16_t n_ready = 0, sent = 0;

	while (n_ready < n && !failed && !is_to_be_cut(dev, pkts[n_ready])) {
		failed = !make_ready(dev, queue, pkts[n_ready], &same);
		n_ready += !failed;
	}
	if (n_ready)
		sent = rte_eth_tx_burst(dev->ethdev_id, queue, pkts, n_ready);
	*full = sent < n_ready && !failed;
	if (!failed)
		return sent;
	lose(dev, queue, pkts + sent, n_ready - sent, &drop_segments_refused);
	count(dev, queue, &drop_offload_failed);
	return n_ready + 1;
}

uint16_t ethdev_send(struct ethdev *dev, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	bool full = false;

	for (uint16_t i = 0; i < n;) {
		if (is_to_be_cut(dev, pkts[i])) {
			send_cut(dev, queue, pkts[i++]);
			continue;
		}
		/* Untouched, the others can be tried again. */
		i += send_run(dev, queue, pkts + i, n - i, &full);
		if (full)
			return i;
	}
	return n;
}

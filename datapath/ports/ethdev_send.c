/* SPDX-License-Identifier: Apache-2.0 */

/* Packets a device cannot send as they are: pending checksums, TCP to be cut, chains.  */

#include <errno.h>

#include <rte_ethdev.h>
#include <rte_ip.h>

#include "datapath/packet/offload.h"
#include "datapath/ports/ethdev.h"
#include "datapath/worker_priv.h"

DROP_REASON(offload_failed, "its checksum or segments could not be made for the device");
DROP_REASON(segments_refused, "the device took only some of the segments the packet was cut into");

static unsigned abilities(const struct ethdev *dev)
{
	const uint64_t sums = RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
	const uint64_t cuts = RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;

	return ((dev->tx_offloads & sums) == sums ? OFFLOAD_CAN_CHECKSUM : 0) |
		((dev->tx_offloads & cuts) == cuts ? OFFLOAD_CAN_TCP4 | OFFLOAD_CAN_TCP6 : 0);
}

/* What is left to the device it wants prepared in its own way. */
static bool prepare(struct ethdev *dev, uint16_t queue, struct rte_mbuf *packet)
{
	if (packet->ol_flags & RTE_MBUF_F_TX_TCP_SEG && packet->ol_flags & RTE_MBUF_F_TX_IPV4) {
		struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(packet, void *, packet->l2_len);

		packet->ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
		ip->hdr_checksum = 0;
	}
	if (dev->single_segment && packet->nb_segs > 1 && rte_pktmbuf_linearize(packet))
		return false;
	return !offload_is_pending(packet) ||
		rte_eth_tx_prepare(dev->ethdev_id, queue, &packet, 1) == 1;
}

/* Makes 'packet' what the device can send. Returns how many packets it has become. */
static uint16_t
make_ready(struct ethdev *dev, uint16_t queue, struct rte_mbuf *packet, struct rte_mbuf **ready)
{
	uint16_t n = offload_resolve(packet, abilities(dev), ready);

	for (uint16_t i = 0; i < n; i++) {
		if (prepare(dev, queue, ready[i]))
			continue;
		rte_pktmbuf_free_bulk(ready, n);
		return 0;
	}
	return n;
}

static void count(struct ethdev *dev, uint16_t queue, const struct drop_reason *reason)
{
	__atomic_fetch_add(&dev->tx_unsendable, 1, __ATOMIC_RELAXED);
	worker_count_drop(workers[queue], dev->port.id, reason);
}

uint16_t ethdev_send(struct ethdev *dev, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct rte_mbuf *ready[OFFLOAD_SEGMENTS];

	for (uint16_t i = 0; i < n; i++) {
		uint16_t n_ready = make_ready(dev, queue, pkts[i], ready);

		if (!n_ready) {
			count(dev, queue, &drop_offload_failed);
			continue;
		}
		uint16_t sent = rte_eth_tx_burst(dev->ethdev_id, queue, ready, n_ready);

		if (sent == n_ready)
			continue;
		/* Untouched, it can be tried again; of a packet that was cut the rest is lost. */
		if (n_ready == 1 && ready[0] == pkts[i])
			return i;
		rte_pktmbuf_free_bulk(ready + sent, n_ready - sent);
		count(dev, queue, &drop_segments_refused);
	}
	return n;
}

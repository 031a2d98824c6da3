/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <rte_ethdev.h>

#include "datapath/batch.h"
#include "datapath/eal.h"
#include "datapath/packet/offload.h"
#include "datapath/pool.h"
#include "datapath/ports/ethdev.h"
#include "datapath/worker.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"

enum {
	ETHER_OVERHEAD = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN + 2 * RTE_VLAN_HLEN,
	FRAME_ROUND =
		1024, /* jumbo frame sizes, so that ports of about the same MTU share a pool */
	POOL_FRAME = 2048, /* what an ordinary packet holds (datapath/pool.c) */
};

/* What we make use of when a device has it. */
#define TX_OFFLOADS                                                                                \
	(RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM |                           \
	 RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_TSO)
#define TX_TUNNELS                                                                                 \
	(RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM |                \
	 RTE_ETH_TX_OFFLOAD_VXLAN_TNL_TSO | RTE_ETH_TX_OFFLOAD_GENEVE_TNL_TSO |                    \
	 RTE_ETH_TX_OFFLOAD_GRE_TNL_TSO)
#define RSS_KINDS (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_TCP)

static int failed(const char *name, const char *what, int error, struct errbuf *err)
{
	const char *why = eal_first_error();

	if (error == -1)
		error = -EIO;
	return errbuf_set(
		err, error, "port %s: cannot %s: %s", name, what, why[0] ? why : strerror(-error)
	);
}

static uint16_t lesser(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* A send queue for each worker there may be. */
static uint16_t count_txqs(const struct rte_eth_dev_info *info)
{
	long cores = sysconf(_SC_NPROCESSORS_CONF);
	unsigned n = cores > (long)workers_count() ? (unsigned)cores : workers_count();

	return lesser(info->max_tx_queues, lesser(n ? n : 1, WORKERS_MAX));
}

static void choose_queues(struct ethdev *dev, const struct rte_eth_dev_info *info, uint16_t n_rxqs)
{
	dev->port.n_rxqs = lesser(n_rxqs, lesser(info->max_rx_queues, PORT_QUEUES));
	dev->port.n_txqs = count_txqs(info);
	rte_eth_dev_adjust_nb_rx_tx_desc(dev->ethdev_id, &dev->n_rxq_desc, &dev->n_txq_desc);
	for (uint16_t i = 0; i < dev->port.n_rxqs; i++) {
		/* Of a device that is set up anew workers are looking at its queues. */
		if (dev->port.rxqs[i] && dev->rxqs[i].ethdev_id == dev->ethdev_id)
			continue;
		dev->rxqs[i].rxq.port = &dev->port;
		dev->rxqs[i].rxq.index = i;
		dev->rxqs[i].ethdev_id = dev->ethdev_id;
		dev->port.rxqs[i] = &dev->rxqs[i].rxq;
	}
}

/* Whole frames in one mbuf, or chains where the device can receive those. */
static unsigned choose_frame(const struct ethdev *dev, const struct rte_eth_dev_info *info)
{
	unsigned frame = dev->port.mtu + ETHER_OVERHEAD;

	if (frame <= POOL_FRAME || info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER)
		return POOL_FRAME;
	return (frame + FRAME_ROUND - 1) / FRAME_ROUND * FRAME_ROUND;
}

static int reserve(struct ethdev *dev, const struct rte_eth_dev_info *info, struct errbuf *err)
{
	unsigned senders = lesser(dev->port.n_txqs, workers_count() ? workers_count() : 1);
	unsigned n = dev->port.n_rxqs * (dev->n_rxq_desc + dev->n_replayed + BATCH_SIZE) +
		senders * dev->n_txq_desc;
	int socket = rte_eth_dev_socket_id(dev->ethdev_id);

	ethdev_release_pool(dev);
	dev->pool = pool_reserve(n, choose_frame(dev, info), socket, err);
	dev->n_reserved = dev->pool ? n : 0;
	return dev->pool ? 0 : err->error;
}

static bool has_all(uint64_t offloads, uint64_t wanted)
{
	return (offloads & wanted) == wanted;
}

void ethdev_set_abilities(struct ethdev *dev)
{
	static const struct {
		uint64_t needs;
		uint8_t can;
	} tunnels[] = {
		{RTE_ETH_TX_OFFLOAD_VXLAN_TNL_TSO, OFFLOAD_CAN_VXLAN},
		{RTE_ETH_TX_OFFLOAD_GENEVE_TNL_TSO, OFFLOAD_CAN_GENEVE},
		{RTE_ETH_TX_OFFLOAD_GRE_TNL_TSO, OFFLOAD_CAN_GRE},
		{RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM, OFFLOAD_CAN_OUTER_SUM},
	};
	const uint64_t sums = RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
	const uint64_t cuts = RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
	uint64_t offloads = dev->tx_offloads;

	dev->single_segment = !(offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	dev->can = (has_all(offloads, sums) ? OFFLOAD_CAN_CHECKSUM : 0) |
		(has_all(offloads, cuts) ? OFFLOAD_CAN_TCP4 | OFFLOAD_CAN_TCP6 : 0);
	dev->port.tunnel_can = dev->leaves_tunnels ? 0 : dev->can & OFFLOAD_CAN_CHECKSUM;
	if (!has_all(offloads, sums | cuts | RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM))
		return;
	for (unsigned i = 0; i < ARRAY_LENGTH(tunnels); i++)
		if (offloads & tunnels[i].needs)
			dev->port.tunnel_can |= tunnels[i].can;
}

/* Sums around packets in tunnels, of cards that know these; IPv4's own is looked at anyway. Other devices
 * are not asked: with virtio that would be leave to hand out packets without checksums. */
static uint64_t rx_offloads(const struct rte_eth_dev_info *info)
{
	const uint64_t sums = RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_OUTER_UDP_CKSUM;

	return info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_OUTER_UDP_CKSUM
		? info->rx_offload_capa & sums
		: 0;
}

static int configure(struct ethdev *dev, const struct rte_eth_dev_info *info)
{
	struct rte_eth_conf conf = {
		.rxmode.mtu = dev->port.mtu,
		.rxmode.offloads = rx_offloads(info),
		.txmode.offloads = info->tx_offload_capa &
			(dev->leaves_tunnels ? TX_OFFLOADS : TX_OFFLOADS | TX_TUNNELS),
		.intr_conf.rxq = dev->wants_interrupts,
	};

	if (info->max_mtu && dev->port.mtu > info->max_mtu)
		return -ERANGE;
	if (dev->port.mtu + ETHER_OVERHEAD > POOL_FRAME)
		conf.rxmode.offloads |= info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
	if (dev->port.n_rxqs > 1 && info->flow_type_rss_offloads & RSS_KINDS) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads & RSS_KINDS;
	}
	dev->tx_offloads = conf.txmode.offloads;
	ethdev_set_abilities(dev);
	int error =
		rte_eth_dev_configure(dev->ethdev_id, dev->port.n_rxqs, dev->port.n_txqs, &conf);

	/* Some devices have pairs of queues only. */
	if (error && dev->port.n_txqs > dev->port.n_rxqs) {
		dev->port.n_txqs = dev->port.n_rxqs;
		error = rte_eth_dev_configure(
			dev->ethdev_id, dev->port.n_rxqs, dev->port.n_txqs, &conf
		);
	}
	return error;
}

static int setup_queues(struct ethdev *dev)
{
	int socket = rte_eth_dev_socket_id(dev->ethdev_id);
	int error = 0;

	for (uint16_t i = 0; i < dev->port.n_txqs && !error; i++)
		error = rte_eth_tx_queue_setup(dev->ethdev_id, i, dev->n_txq_desc, socket, NULL);
	for (uint16_t i = 0; i < dev->port.n_rxqs && !error; i++)
		error = ethdev_setup_rxq(dev, i, socket);
	return error;
}

static int start(struct ethdev *dev, const char *name, uint16_t n_rxqs, struct errbuf *err)
{
	struct rte_eth_dev_info info;

	eal_forget_error();
	int error = rte_eth_dev_info_get(dev->ethdev_id, &info);

	if (error)
		return failed(name, "ask the device what it can do", error, err);
	choose_queues(dev, &info, n_rxqs);
	error = reserve(dev, &info, err);
	if (error) {
		errbuf_prefix(err, "port %s: ", name);
		return error;
	}
	epoch_offline();
	error = configure(dev, &info);
	epoch_online();
	if (error)
		return failed(name, "configure the device", error, err);
	error = setup_queues(dev);
	if (error)
		return failed(name, "set up the device's queues", error, err);
	epoch_offline();
	error = rte_eth_dev_start(dev->ethdev_id);
	epoch_online();
	if (error)
		return failed(name, "start the device", error, err);
	/* Some virtual devices have no such thing and pass everything. */
	rte_eth_promiscuous_enable(dev->ethdev_id);
	rte_eth_allmulticast_enable(dev->ethdev_id);
	return 0;
}

int ethdev_start(struct ethdev *dev, const char *name, uint16_t n_rxqs, struct errbuf *err)
{
	int error = start(dev, name, n_rxqs, err);

	if (error && dev->wants_interrupts) {
		/* Some devices do not start when they cannot have the vectors they need. */
		ethdev_stop(dev);
		dev->wants_interrupts = false;
		error = start(dev, name, n_rxqs, err);
	}
	if (!error)
		ethdev_watch(dev);
	return error;
}

void ethdev_release_pool(struct ethdev *dev)
{
	if (dev->pool)
		pool_release(dev->pool, dev->n_reserved);
	dev->pool = NULL;
}

void ethdev_pause(struct ethdev *dev, bool paused)
{
	__atomic_store_n(&dev->paused, paused, __ATOMIC_RELEASE);
	for (uint16_t i = 0; i < dev->port.n_rxqs; i++)
		__atomic_store_n(&dev->rxqs[i].paused, paused, __ATOMIC_RELEASE);
	/* Workers that were in the device's functions are out of them after this. */
	if (paused)
		epoch_wait();
}

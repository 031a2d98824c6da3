/* SPDX-License-Identifier: Apache-2.0 */

/* DPDK ports: network cards, virtual functions, representors and DPDK's virtual devices.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "datapath/batch.h"
#include "datapath/packet/offload.h"
#include "datapath/ports/ethdev.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"

enum {
	DEFAULT_DESCRIPTORS = 2048,
	MAX_DESCRIPTORS = 4096,
	MAX_MTU = 9702, /* with tags and checksum still below what cards can do */
};

static const struct option options[] = {
	{
		.name = "dpdk-devargs",
		.apply = OPTION_REOPEN,
		.required = true,
		.help = "The device: a PCI address (0000:01:00.0), a PCI address with a "
			"representor (0000:01:00.0,representor=[0]), class=eth,mac=MAC, or a "
			"virtual device (net_pcap0,rx_pcap=FILE).",
	},
	{
		.name = "n_rxq",
		.kind = OPTION_INT,
		.apply = OPTION_REOPEN,
		.min = 1,
		.max = PORT_QUEUES,
		.default_text = "1",
		.help = "Receive queues; each is polled by one worker.",
	},
	{
		.name = "n_rxq_desc",
		.kind = OPTION_INT,
		.apply = OPTION_REOPEN,
		.min = 1,
		.max = MAX_DESCRIPTORS,
		.default_text = "2048",
		.help = "Packets a receive queue holds; rounded to what the device can do.",
	},
	{
		.name = "n_txq_desc",
		.kind = OPTION_INT,
		.apply = OPTION_REOPEN,
		.min = 1,
		.max = MAX_DESCRIPTORS,
		.default_text = "2048",
		.help = "Packets a send queue holds; rounded to what the device can do.",
	},
	{
		.name = "rx-flow-ctrl",
		.kind = OPTION_BOOL,
		.apply = OPTION_REOPEN,
		.default_text = "false",
		.help = "Whether the card obeys PAUSE frames.",
	},
	{
		.name = "tx-flow-ctrl",
		.kind = OPTION_BOOL,
		.apply = OPTION_REOPEN,
		.default_text = "false",
		.help = "Whether the card sends PAUSE frames when its queues are full.",
	},
	{
		.name = "flow-ctrl-autoneg",
		.kind = OPTION_BOOL,
		.apply = OPTION_REOPEN,
		.default_text = "false",
		.help = "Whether the card negotiates flow control with its neighbour.",
	},
	{
		.name = "dpdk-vf-mac",
		.kind = OPTION_MAC,
		.apply = OPTION_REOPEN,
		.help = "The MAC address of the virtual function behind a representor.",
	},
	{
		.name = "rx-interrupts",
		.kind = OPTION_BOOL,
		.apply = OPTION_REOPEN,
		.help = "Idle workers wait for its interrupts; default: unless virtual; never virtio-user",
	},
	{.name = "tx-tunnel-offload",
	 .kind = OPTION_BOOL,
	 .apply = OPTION_REOPEN,
	 .default_text = "true",
	 .help = "Whether the card, if it can, cuts TCP and completes checksums in tunnels."},
	{.name = "dpdk-lsc-interrupt",
	 .apply = OPTION_IGNORED,
	 .help = "The link is asked for when it is reported."},
	{.name = "vlan-limit", .apply = OPTION_IGNORED, .help = "Not a port's business."},
};

static struct ethdev *dev_of(struct port *port)
{
	return container_of(port, struct ethdev, port);
}

static void dpdk_close(struct port *port)
{
	struct ethdev *dev = dev_of(port);

	ethdev_unwatch(dev);
	ethdev_detach(dev);
	ethdev_release_pool(dev);
	free(dev->devargs);
	free(dev);
}

static struct port *dpdk_open(const char *name, const json_t *map, struct errbuf *err)
{
	struct ethdev *dev = xalloc_aligned(CACHE_LINE, sizeof(*dev));
	struct rte_ether_addr address;
	uint16_t mtu;

	dev->devargs = xstrdup(option_get_string(map, "dpdk-devargs", ""));
	dev->n_rxq_desc = option_get_int(map, "n_rxq_desc", DEFAULT_DESCRIPTORS);
	dev->n_txq_desc = option_get_int(map, "n_txq_desc", DEFAULT_DESCRIPTORS);
	dev->n_replayed = ethdev_count_replayed(dev->devargs);
	dev->leaves_tunnels = !option_get_bool(map, "tx-tunnel-offload", true);
	for (unsigned i = 0; i < PORT_QUEUES; i++)
		dev->rxqs[i].rxq.wait_fd = -1;
	int error = ethdev_attach(dev, name, err);

	if (!error) {
		ethdev_want_interrupts(dev, map);
		dev->port.mtu = RTE_ETHER_MTU;
		error = ethdev_start(dev, name, option_get_int(map, "n_rxq", 1), err);
	}
	if (!error)
		error = ethdev_check_sharing(dev, name, err);
	if (error || ethdev_apply(dev, name, map, err)) {
		dpdk_close(&dev->port);
		return NULL;
	}
	if (!rte_eth_dev_get_mtu(dev->ethdev_id, &mtu))
		dev->port.mtu = mtu;
	if (!rte_eth_macaddr_get(dev->ethdev_id, &address))
		memcpy(dev->port.mac.bytes, address.addr_bytes, sizeof(address.addr_bytes));
	return &dev->port;
}

static int dpdk_set_mtu(struct port *port, uint16_t mtu, struct errbuf *err)
{
	struct ethdev *dev = dev_of(port);
	uint16_t before = port->mtu;

	if (mtu < RTE_ETHER_MIN_MTU || mtu > MAX_MTU)
		return errbuf_set(
			err,
			-ERANGE,
			"port %s: the MTU must be between %d and %d",
			port->name,
			RTE_ETHER_MIN_MTU,
			MAX_MTU
		);
	/* Buffers depend on it, and few devices can change it while they run. */
	ethdev_pause(dev, true);
	ethdev_stop(dev);
	port->mtu = mtu;
	int error = ethdev_start(dev, port->name, port->n_rxqs, err);

	if (error) {
		struct errbuf ignored;

		ethdev_stop(dev);
		port->mtu = before;
		if (ethdev_start(dev, port->name, port->n_rxqs, &ignored))
			return error;
	}
	ethdev_pause(dev, false);
	return error;
}

static int dpdk_set_mac(struct port *port, struct mac mac, struct errbuf *err)
{
	int error = ethdev_set_mac(dev_of(port), mac);

	if (!error)
		return 0;
	return errbuf_set(
		err, error, "port %s: its MAC address is fixed (%s)", port->name, strerror(-error)
	);
}

static uint16_t dpdk_rx(struct port_rxq *rxq, struct batch *batch)
{
	struct ethdev_rxq *queue = container_of(rxq, struct ethdev_rxq, rxq);

	if (unlikely(ethdev_is_paused(&queue->paused)))
		return 0;
	uint16_t n = rte_eth_rx_burst(queue->ethdev_id, rxq->index, batch->pkts, BATCH_SIZE);

	if (unlikely(queue->armed && n))
		ethdev_disarm(queue);
	return n;
}

static uint16_t dpdk_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct ethdev *dev = dev_of(port);
	uint64_t flags = 0;
	uint16_t segments = 1;

	if (unlikely(ethdev_is_paused(&dev->paused)))
		return 0;
	for (uint16_t i = 0; i < n; i++) {
		flags |= pkts[i]->ol_flags;
		segments |= pkts[i]->nb_segs;
	}
	if (unlikely(flags & OFFLOAD_PENDING || (dev->single_segment && segments != 1)))
		return ethdev_send(dev, queue, pkts, n);
	return rte_eth_tx_burst(dev->ethdev_id, queue, pkts, n);
}

static const struct port_type port_type_dpdk = {
	.name = "dpdk",
	.slow_open = true,
	.slow_close = true,
	.help = "A device driven by DPDK: a network card, a virtual function, or a virtual device.",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.sends_mtu = true,
	.receives_mtu = true,
	.open = dpdk_open,
	.close = dpdk_close,
	.set_mtu = dpdk_set_mtu,
	.set_mac = dpdk_set_mac,
	.get_stats = ethdev_get_stats,
	.add_statistics = ethdev_add_statistics,
	.get_status = ethdev_get_status,
	.get_link = ethdev_get_link,
	.get_speed = ethdev_get_speed,
	.get_loss = ethdev_get_loss,
	.rx = dpdk_rx,
	.tx = dpdk_tx,
	.rx_wait = ethdev_rx_wait,
	.rx_depth = ethdev_rx_depth,
};
REGISTRY_ADD(port_type, port_type_dpdk);

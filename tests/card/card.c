/* SPDX-License-Identifier: Apache-2.0 */

/* A card of software whose functions have representors, as a driver of DPDK's: no driver that comes
 * with DPDK can do that without such a card.
 *
 * net_card0,representor=[0-3] is the card, with an uplink and the representors that were asked for, of 8
 * that it could have. net_function0,card=net_card0,number=2 is function 2, as a guest would have it, and
 * with number=8 what is at the other end of the uplink's wire. What one sends the other receives.  */

#include <bus_vdev_driver.h>
#include <errno.h>
#include <ethdev_driver.h>
#include <ethdev_vdev.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_kvargs.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

enum {
	FUNCTIONS = 8,
	WIRE = FUNCTIONS,
	ENDS = FUNCTIONS + 1,
	RING = 1024,
	LONGEST = 9600,
};

/* Of a device. */
struct end {
	struct rte_ring *in, *out;
	struct rte_mempool *pool;
	struct rte_ether_addr mac;
	uint16_t port;
	uint64_t received, sent, refused;
};

static uint16_t receive(void *end_, struct rte_mbuf **pkts, uint16_t n)
{
	struct end *end = end_;
	unsigned taken = rte_ring_dequeue_burst(end->in, (void **)pkts, n, NULL);
	uint16_t kept = 0;

	/* Others may have what was sent, too. */
	for (unsigned i = 0; i < taken; i++) {
		struct rte_mbuf *copy = rte_pktmbuf_copy(pkts[i], end->pool, 0, UINT32_MAX);

		rte_pktmbuf_free(pkts[i]);
		if (!copy)
			continue;
		copy->port = end->port;
		copy->ol_flags = 0;
		copy->packet_type = 0;
		pkts[kept++] = copy;
	}
	end->received += kept;
	return kept;
}

static uint16_t transmit(void *end_, struct rte_mbuf **pkts, uint16_t n)
{
	struct end *end = end_;
	unsigned taken = rte_ring_enqueue_burst(end->out, (void **)pkts, n, NULL);

	end->sent += taken;
	end->refused += n - taken;
	return taken;
}

static int configure(struct rte_eth_dev *dev)
{
	return 0;
}

static int start(struct rte_eth_dev *dev)
{
	dev->data->dev_link.link_status = RTE_ETH_LINK_UP;
	return 0;
}

static int stop(struct rte_eth_dev *dev)
{
	dev->data->dev_link.link_status = RTE_ETH_LINK_DOWN;
	return 0;
}

/* The memory behind it goes with the device. */
static int end_close(struct rte_eth_dev *dev)
{
	dev->data->mac_addrs = NULL;
	return 0;
}

static int set_up_rx(
	struct rte_eth_dev *dev,
	uint16_t queue,
	uint16_t n,
	unsigned socket,
	const struct rte_eth_rxconf *config,
	struct rte_mempool *pool
)
{
	struct end *end = dev->data->dev_private;

	end->pool = pool;
	dev->data->rx_queues[queue] = end;
	return 0;
}

static int set_up_tx(
	struct rte_eth_dev *dev,
	uint16_t queue,
	uint16_t n,
	unsigned socket,
	const struct rte_eth_txconf *config
)
{
	dev->data->tx_queues[queue] = dev->data->dev_private;
	return 0;
}

static int get_info(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	info->max_mac_addrs = 1;
	info->max_rx_pktlen = LONGEST;
	info->max_rx_queues = 1;
	info->max_tx_queues = 1;
	info->switch_info.name = dev->device->name;
	info->switch_info.port_id = dev->data->representor_id;
	return 0;
}

static int get_stats(struct rte_eth_dev *dev, struct rte_eth_stats *stats)
{
	const struct end *end = dev->data->dev_private;

	stats->ipackets = end->received;
	stats->opackets = end->sent;
	stats->oerrors = end->refused;
	return 0;
}

static int update_link(struct rte_eth_dev *dev, int wait)
{
	return 0;
}

static int set_mac(struct rte_eth_dev *dev, struct rte_ether_addr *mac)
{
	return 0;
}

static int set_mtu(struct rte_eth_dev *dev, uint16_t mtu)
{
	return 0;
}

static int set_mode(struct rte_eth_dev *dev)
{
	return 0;
}

static const struct eth_dev_ops ops = {
	.dev_configure = configure,
	.dev_start = start,
	.dev_stop = stop,
	.dev_close = end_close,
	.rx_queue_setup = set_up_rx,
	.tx_queue_setup = set_up_tx,
	.dev_infos_get = get_info,
	.stats_get = get_stats,
	.link_update = update_link,
	.mac_addr_set = set_mac,
	.mtu_set = set_mtu,
	.promiscuous_enable = set_mode,
	.promiscuous_disable = set_mode,
	.allmulticast_enable = set_mode,
	.allmulticast_disable = set_mode,
};

/* Rings between a card and who is at its ends. */

static struct rte_ring *find_ring(const char *card, unsigned number, bool to_card)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "%.16s_%u_%s", card, number, to_card ? "in" : "out");
	return rte_ring_lookup(name);
}

static void free_rings(const char *card)
{
	for (unsigned i = 0; i < ENDS; i++) {
		rte_ring_free(find_ring(card, i, true));
		rte_ring_free(find_ring(card, i, false));
	}
}

static int make_rings(const char *card)
{
	for (unsigned i = 0; i < 2 * ENDS; i++) {
		char name[RTE_RING_NAMESIZE];

		snprintf(name, sizeof(name), "%.16s_%u_%s", card, i / 2, i % 2 ? "in" : "out");
		if (rte_ring_create(name, RING, SOCKET_ID_ANY, 0))
			continue;
		free_rings(card);
		return -ENOMEM;
	}
	return 0;
}

static struct rte_eth_dev *make_device(
	struct rte_vdev_device *vdev,
	const char *name,
	const char *card,
	unsigned number,
	bool inside
)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocate(name);
	struct end *end = rte_zmalloc(NULL, sizeof(*end), RTE_CACHE_LINE_SIZE);

	if (!dev || !end)
		return NULL;
	end->in = find_ring(card, number, inside);
	end->out = find_ring(card, number, !inside);
	end->port = dev->data->port_id;
	end->mac = (struct rte_ether_addr){{2, 0, 0, 0xca, inside, (uint8_t)number}};
	dev->device = &vdev->device;
	dev->dev_ops = &ops;
	dev->rx_pkt_burst = receive;
	dev->tx_pkt_burst = transmit;
	dev->data->dev_private = end;
	dev->data->mac_addrs = &end->mac;
	dev->data->dev_link = (struct rte_eth_link
	){.link_speed = RTE_ETH_SPEED_NUM_10G, .link_duplex = RTE_ETH_LINK_FULL_DUPLEX};
	return dev;
}

static int probe_card(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev), *words = rte_vdev_device_args(vdev);
	struct rte_eth_devargs wanted = {.nb_ports = 0};

	if (words && *words && rte_eth_devargs_parse(words, &wanted) < 0)
		return -EINVAL;
	if (make_rings(name))
		return -ENOMEM;
	struct rte_eth_dev *uplink = make_device(vdev, name, name, WIRE, true);

	if (!uplink)
		return -ENOMEM;
	rte_eth_dev_probing_finish(uplink);
	for (unsigned i = 0; i < wanted.nb_representor_ports; i++) {
		unsigned number = wanted.representor_ports[i];
		char other[RTE_ETH_NAME_MAX_LEN];

		if (number >= FUNCTIONS)
			continue;
		snprintf(other, sizeof(other), "%.16s_representor_%u", name, number);
		struct rte_eth_dev *dev = make_device(vdev, other, name, number, true);

		if (!dev)
			return -ENOMEM;
		dev->data->dev_flags |= RTE_ETH_DEV_REPRESENTOR;
		dev->data->representor_id = (uint16_t)number;
		dev->data->backer_port_id = uplink->data->port_id;
		rte_eth_dev_probing_finish(dev);
	}
	return 0;
}

static int remove_devices(struct rte_vdev_device *vdev)
{
	uint16_t id;

	RTE_ETH_FOREACH_DEV_OF(id, &vdev->device)
	rte_eth_dev_close(id);
	return 0;
}

static int remove_card(struct rte_vdev_device *vdev)
{
	remove_devices(vdev);
	free_rings(rte_vdev_device_name(vdev));
	return 0;
}

static int take_text(const char *key, const char *value, void *text)
{
	snprintf(text, RTE_DEV_NAME_MAX_LEN, "%s", value);
	return 0;
}

static int probe_function(struct rte_vdev_device *vdev)
{
	struct rte_kvargs *words = rte_kvargs_parse(rte_vdev_device_args(vdev), NULL);
	char card[RTE_DEV_NAME_MAX_LEN] = "", number[RTE_DEV_NAME_MAX_LEN] = "";

	if (!words)
		return -EINVAL;
	rte_kvargs_process(words, "card", take_text, card);
	rte_kvargs_process(words, "number", take_text, number);
	rte_kvargs_free(words);
	unsigned n = (unsigned)strtoul(number, NULL, 10);

	if (n >= ENDS || !find_ring(card, n, true))
		return -ENODEV;
	struct rte_eth_dev *dev = make_device(vdev, rte_vdev_device_name(vdev), card, n, false);

	if (!dev)
		return -ENOMEM;
	rte_eth_dev_probing_finish(dev);
	return 0;
}

static struct rte_vdev_driver card_driver = {.probe = probe_card, .remove = remove_card};
static struct rte_vdev_driver function_driver = {.probe = probe_function, .remove = remove_devices};
RTE_PMD_REGISTER_VDEV(net_card, card_driver);
RTE_PMD_REGISTER_VDEV(net_function, function_driver);

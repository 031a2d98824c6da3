/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <rte_ethdev.h>
#include <rte_version.h>

#include "datapath/ports/ethdev.h"
#include "datapath/report/losses.h"
#include "lib/xmalloc.h"

enum {
	ETHERNET_CSMACD = 6, /* ifType of RFC 2863, which clients expect */
	XSTATS_MAX = 4096
};

/* The keys are OVS's. */
static const struct {
	const char *key;
	uint64_t flag;
} offloads[] = {
	{"tx_ip_csum_offload", RTE_ETH_TX_OFFLOAD_IPV4_CKSUM},
	{"tx_tcp_csum_offload", RTE_ETH_TX_OFFLOAD_TCP_CKSUM},
	{"tx_udp_csum_offload", RTE_ETH_TX_OFFLOAD_UDP_CKSUM},
	{"tx_tcp_seg_offload", RTE_ETH_TX_OFFLOAD_TCP_TSO},
	{"tx_out_ip_csum_offload", RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM},
	{"tx_out_udp_csum_offload", RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM},
	{"tx_vxlan_tso_offload", RTE_ETH_TX_OFFLOAD_VXLAN_TNL_TSO},
	{"tx_geneve_tso_offload", RTE_ETH_TX_OFFLOAD_GENEVE_TNL_TSO},
	{"tx_gre_tso_offload", RTE_ETH_TX_OFFLOAD_GRE_TNL_TSO},
};

static const struct ethdev *dev_const(const struct port *port)
{
	return container_of(port, const struct ethdev, port);
}

void ethdev_get_stats(const struct port *port, struct port_stats *stats)
{
	const struct ethdev *dev = dev_const(port);
	struct rte_eth_stats device;

	if (rte_eth_stats_get(dev->ethdev_id, &device))
		return;
	stats->rx_packets = device.ipackets;
	stats->rx_bytes = device.ibytes;
	stats->rx_errors = device.ierrors;
	stats->rx_dropped = device.imissed + device.rx_nombuf;
	stats->tx_packets = device.opackets;
	stats->tx_bytes = device.obytes;
	stats->tx_errors = device.oerrors + __atomic_load_n(&dev->tx_unsendable, __ATOMIC_RELAXED);
}

void ethdev_add_statistics(const struct port *port, json_t *statistics)
{
	uint16_t id = dev_const(port)->ethdev_id;
	int n = rte_eth_xstats_get_names(id, NULL, 0);

	losses_add(port, statistics);
	if (n <= 0 || n > XSTATS_MAX)
		return;
	struct rte_eth_xstat_name *names = XNEW_N(struct rte_eth_xstat_name, n);
	struct rte_eth_xstat *values = XNEW_N(struct rte_eth_xstat, n);

	if (rte_eth_xstats_get_names(id, names, n) == n && rte_eth_xstats_get(id, values, n) == n)
		for (int i = 0; i < n; i++)
			json_object_set_new(
				statistics,
				names[values[i].id].name,
				json_integer((json_int_t)values[i].value)
			);
	free(names);
	free(values);
}

static void add_number(json_t *status, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", (unsigned long)value);
	json_object_set_new(status, key, json_string(text));
}

static void add_flag(json_t *status, const char *key, bool value)
{
	json_object_set_new(status, key, json_string(value ? "true" : "false"));
}

void ethdev_get_status(const struct port *port, json_t *status)
{
	const struct ethdev *dev = dev_const(port);
	struct rte_eth_dev_info info;
	struct rte_eth_link link;
	char text[160];

	if (rte_eth_dev_info_get(dev->ethdev_id, &info))
		return;
	add_number(status, "port_no", dev->ethdev_id);
	json_object_set_new(status, "driver_name", json_string(info.driver_name));
	add_number(status, "min_rx_bufsize", info.min_rx_bufsize);
	add_number(status, "max_rx_pktlen", info.max_rx_pktlen);
	add_number(status, "max_rx_queues", info.max_rx_queues);
	add_number(status, "max_tx_queues", info.max_tx_queues);
	add_number(status, "max_mac_addrs", info.max_mac_addrs);
	add_number(status, "max_vfs", info.max_vfs);
	add_number(status, "n_rxq", port->n_rxqs);
	add_number(status, "n_txq", port->n_txqs);
	add_number(status, "n_rxq_desc", dev->n_rxq_desc);
	add_number(status, "n_txq_desc", dev->n_txq_desc);
	add_number(status, "if_type", ETHERNET_CSMACD);
	snprintf(text, sizeof(text), "%s %s", rte_version(), info.driver_name);
	json_object_set_new(status, "if_descr", json_string(text));
	snprintf(text, sizeof(text), "%d", rte_eth_dev_socket_id(dev->ethdev_id));
	json_object_set_new(status, "numa_id", json_string(text));
	add_flag(status, "rx_interrupts", dev->wants_interrupts);
	for (unsigned i = 0; i < ARRAY_LENGTH(offloads); i++)
		add_flag(status, offloads[i].key, dev->tx_offloads & offloads[i].flag);
	if (!rte_eth_link_get_nowait(dev->ethdev_id, &link) && link.link_status)
		json_object_set_new(
			status,
			"link_speed",
			json_string(rte_eth_link_speed_to_str(link.link_speed))
		);
}

bool ethdev_get_link(const struct port *port)
{
	struct rte_eth_link link;

	return !rte_eth_link_get_nowait(dev_const(port)->ethdev_id, &link) && link.link_status;
}

uint32_t ethdev_get_speed(const struct port *port)
{
	struct rte_eth_link link;

	if (rte_eth_link_get_nowait(dev_const(port)->ethdev_id, &link) || !link.link_status ||
	    link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN)
		return 0;
	return link.link_speed;
}

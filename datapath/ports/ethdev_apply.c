/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include <rte_ethdev.h>

#include "datapath/ports/ethdev.h"
#include "lib/errbuf.h"

static int set_flow_control(struct ethdev *dev, const json_t *map)
{
	bool rx = option_get_bool(map, "rx-flow-ctrl", false);
	bool tx = option_get_bool(map, "tx-flow-ctrl", false);
	struct rte_eth_fc_conf conf;

	if (!rx && !tx && !option_get_bool(map, "flow-ctrl-autoneg", false))
		return 0;
	int error = rte_eth_dev_flow_ctrl_get(dev->ethdev_id, &conf);

	if (error)
		return error;
	conf.mode = rx && tx ? RTE_ETH_FC_FULL
		: rx	     ? RTE_ETH_FC_RX_PAUSE
		: tx	     ? RTE_ETH_FC_TX_PAUSE
			     : RTE_ETH_FC_NONE;
	conf.autoneg = option_get_bool(map, "flow-ctrl-autoneg", false);
	return rte_eth_dev_flow_ctrl_set(dev->ethdev_id, &conf);
}

int ethdev_set_mac(struct ethdev *dev, struct mac mac)
{
	struct rte_ether_addr address;

	memcpy(address.addr_bytes, mac.bytes, sizeof(address.addr_bytes));
	return rte_eth_dev_default_mac_addr_set(dev->ethdev_id, &address);
}

int ethdev_apply(struct ethdev *dev, const char *name, const json_t *map, struct errbuf *err)
{
	const char *text = option_get_string(map, "dpdk-vf-mac", NULL);
	struct rte_ether_addr address;
	int error = set_flow_control(dev, map);

	if (error)
		return errbuf_set(
			err,
			error,
			"port %s: the device has no flow control that can be set: remove "
			"rx-flow-ctrl, tx-flow-ctrl and flow-ctrl-autoneg",
			name
		);
	if (!text)
		return 0;
	error = rte_ether_unformat_addr(text, &address)
		? -EINVAL
		: rte_eth_dev_default_mac_addr_set(dev->ethdev_id, &address);
	return error ? errbuf_set(
			       err,
			       error,
			       "port %s: dpdk-vf-mac: the device does not let its address be set",
			       name
		       )
		     : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What DPDK's devices tell by themselves, on DPDK's interrupt thread: a virtual function's NIC was
 * reset, after which the function is deaf until it is opened anew; or the kernel wants the device
 * back, and waits until it has been let go of.  */

#include <errno.h>

#include <rte_dev.h>
#include <rte_ethdev.h>

#include "datapath/ports/ethdev.h"

static void set_loss(struct ethdev *dev, enum port_loss loss)
{
	/* Nothing else is published by it. */
	__atomic_store_n(&dev->loss, loss, __ATOMIC_RELAXED);
}

/* DPDK's interrupt thread. */
static int on_event(uint16_t id, enum rte_eth_event_type event, void *dev, void *answer)
{
	set_loss(dev, event == RTE_ETH_EVENT_INTR_RMV ? PORT_LOSS_REMOVED : PORT_LOSS_RESET);
	return 0;
}

/* DPDK's interrupt thread. */
static void on_bus_event(const char *name, enum rte_dev_event_type event, void *dev)
{
	if (event == RTE_DEV_EVENT_REMOVE)
		set_loss(dev, PORT_LOSS_REMOVED);
}

static const char *bus_name(const struct ethdev *dev)
{
	struct rte_eth_dev_info info;

	return rte_eth_dev_info_get(dev->ethdev_id, &info) || !info.device
		? NULL
		: rte_dev_name(info.device);
}

void ethdev_listen(struct ethdev *dev)
{
	const char *name = bus_name(dev);

	rte_eth_dev_callback_register(dev->ethdev_id, RTE_ETH_EVENT_INTR_RESET, on_event, dev);
	rte_eth_dev_callback_register(dev->ethdev_id, RTE_ETH_EVENT_INTR_RMV, on_event, dev);
	/* Without a name it would be told of all devices. */
	if (name)
		rte_dev_event_callback_register(name, on_bus_event, dev);
}

void ethdev_unlisten(struct ethdev *dev)
{
	const char *name = bus_name(dev);
	uint16_t id = dev->ethdev_id;

	/* -EAGAIN: the handler is running. */
	while (rte_eth_dev_callback_unregister(id, RTE_ETH_EVENT_INTR_RESET, on_event, dev) ==
	       -EAGAIN)
		continue;
	while (rte_eth_dev_callback_unregister(id, RTE_ETH_EVENT_INTR_RMV, on_event, dev) == -EAGAIN
	)
		continue;
	while (name && rte_dev_event_callback_unregister(name, on_bus_event, dev) == -EAGAIN)
		continue;
}

enum port_loss ethdev_get_loss(const struct port *port)
{
	const struct ethdev *dev = container_of(port, const struct ethdev, port);

	return __atomic_load_n(&dev->loss, __ATOMIC_RELAXED);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What waits in the queues of DPDK's devices, and interrupts for workers that sleep.
 *
 * A queue is armed before the worker looks a last time, and stays armed until packets are found: so
 * none can arrive unnoticed between the last look and the sleep, whatever the device makes of
 * packets that were there when it was armed.  */

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_ethdev.h>

#include "datapath/ports/ethdev.h"

static bool is_virtual(const struct ethdev *dev)
{
	struct rte_eth_dev_info info;

	return rte_eth_dev_info_get(dev->ethdev_id, &info) || !info.device ||
		!strcmp(rte_bus_name(rte_dev_bus(info.device)), "vdev");
}

static const char *driver_of(const struct ethdev *dev)
{
	struct rte_eth_dev_info info;

	return rte_eth_dev_info_get(dev->ethdev_id, &info) || !info.driver_name ? ""
										: info.driver_name;
}

/* virtio-user's driver is left out: when its other end goes while the device is closed, it leaves its
 * handler behind on DPDK's interrupt thread, which then crashes. */
void ethdev_want_interrupts(struct ethdev *dev, const json_t *map)
{
	dev->is_virtual = is_virtual(dev);
	dev->wants_interrupts = option_get_bool(map, "rx-interrupts", !dev->is_virtual) &&
		strcmp(driver_of(dev), "net_virtio_user") != 0;
}

/* Puts the interrupt into the queue's epoll. False when the queue has none. */
static bool watch_queue(struct ethdev_rxq *queue)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	uint16_t id = queue->ethdev_id, index = queue->rxq.index;
	int fd = rte_eth_dev_rx_intr_ctl_q_get_fd(id, index);

	queue->armed = false;
	if (fd < 0 || rte_eth_dev_rx_intr_enable(id, index))
		return false;
	rte_eth_dev_rx_intr_disable(id, index);
	if (queue->rxq.wait_fd < 0)
		queue->rxq.wait_fd = epoll_create1(EPOLL_CLOEXEC);
	return !epoll_ctl(queue->rxq.wait_fd, EPOLL_CTL_ADD, fd, &event) || errno == EEXIST;
}

void ethdev_watch(struct ethdev *dev)
{
	bool all = dev->wants_interrupts;

	for (uint16_t i = 0; i < dev->port.n_rxqs && all; i++)
		all = watch_queue(&dev->rxqs[i]);
	if (all)
		return;
	dev->wants_interrupts = false;
	ethdev_unwatch(dev);
}

void ethdev_unwatch(struct ethdev *dev)
{
	for (unsigned i = 0; i < PORT_QUEUES; i++) {
		if (dev->rxqs[i].rxq.wait_fd < 0)
			continue;
		close(dev->rxqs[i].rxq.wait_fd);
		dev->rxqs[i].rxq.wait_fd = -1;
	}
}

bool ethdev_rx_wait(struct port_rxq *rxq, bool enable)
{
	struct ethdev_rxq *queue = container_of(rxq, struct ethdev_rxq, rxq);
	struct epoll_event event;

	if (unlikely(ethdev_is_paused(&queue->paused)))
		return false;
	if (!enable) {
		/* Edge-triggered there and forgotten here: what the descriptor is, is the
		 * driver's business. */
		if (rxq->woke)
			epoll_wait(rxq->wait_fd, &event, 1, 0);
		rxq->woke = false;
		return false;
	}
	if (queue->armed)
		return false;
	queue->armed = !rte_eth_dev_rx_intr_enable(queue->ethdev_id, rxq->index);
	return true;
}

void ethdev_disarm(struct ethdev_rxq *queue)
{
	rte_eth_dev_rx_intr_disable(queue->ethdev_id, queue->rxq.index);
	queue->armed = false;
}

int ethdev_rx_depth(struct port_rxq *rxq)
{
	const struct ethdev_rxq *queue = container_of(rxq, const struct ethdev_rxq, rxq);

	return rte_eth_rx_queue_count(queue->ethdev_id, rxq->index);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What waits in guests' rings, and their kicks for workers that sleep.  */

#include <sys/epoll.h>

#include <rte_vhost.h>

#include "datapath/ports/vhost.h"
#include "datapath/ports/vhost_place.h"
#include "datapath/ports/vhost_wary.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

/* Whether a ring that we found nothing in has something. The library leaves what makes no sense
 * where it is and says nothing: the guest shall not keep us awake with it. */
static bool has_packets(const struct vhost_link *link, struct vhost_rxq *queue, uint16_t ring)
{
	if (!vhost_place_depth(vhost_of(queue->rxq.port), link, ring, 1))
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
	struct vhost_port *vhost = vhost_of(rxq->port);
	const struct vhost_link *link = epoch_load(&vhost->link);
	uint16_t ring = vhost_ring_from_guest(rxq->index);
	struct epoll_event event;

	/* The kick is edge-triggered there and forgotten here: reading it could block, for who knows
	 * what the guest's side gave us as a descriptor. */
	if (enable || rxq->woke)
		epoll_wait(rxq->wait_fd, &event, 1, 0);
	rxq->woke = false;
	if (!link || !vhost_may_use(vhost))
		return false;
	rte_vhost_enable_guest_notification(link->vid, ring, enable);
	queue->quiet = enable ? 0 : link->number;
	if (!enable)
		return false;
	/* Pairs with the guest's own: it adds a packet before it looks whether we want a kick. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return has_packets(link, queue, ring);
}

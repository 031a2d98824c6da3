/* SPDX-License-Identifier: Apache-2.0 */

/* Links: what workers know of a guest. On the vhost thread.  */

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <stdlib.h>

#include <rte_vhost.h>

#include "datapath/packet/offload.h"
#include "datapath/ports/vhost.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/xmalloc.h"

static uint32_t last_number;

static unsigned abilities(uint64_t features)
{
	unsigned can = 0;

	if (!(features & 1ULL << VIRTIO_NET_F_GUEST_CSUM))
		return 0;
	can |= OFFLOAD_CAN_CHECKSUM;
	can |= features & 1ULL << VIRTIO_NET_F_GUEST_TSO4 ? OFFLOAD_CAN_TCP4 : 0;
	can |= features & 1ULL << VIRTIO_NET_F_GUEST_TSO6 ? OFFLOAD_CAN_TCP6 : 0;
	return can;
}

void vhost_link_publish(struct vhost_port *vhost, int vid)
{
	struct vhost_link *old = vhost->link;
	struct vhost_link *link = XNEW(struct vhost_link);
	uint64_t features = 0;
	uint16_t mtu = 0;

	link->vid = vid;
	link->socket = vhost->socket;
	link->tx_enabled = vhost->tx_enabled;
	link->rx_enabled = vhost->rx_enabled;
	link->number = ++last_number;
	rte_vhost_get_negotiated_features(vid, &features);
	link->can = abilities(features);
	link->is_packed = features >> VIRTIO_F_RING_PACKED & 1;
	for (unsigned i = 0; i < PORT_QUEUES; i++)
		if (vhost->tx_enabled >> i & 1)
			link->tx[link->n_tx++] = i;
	vhost_queues_tell_mtu(vhost, rte_vhost_get_mtu(vid, &mtu) ? 0 : mtu);
	/* Before the link, so that two workers hardly ever meet at one ring. */
	__atomic_store_n(&vhost->port.n_txqs, link->n_tx ? link->n_tx : 1, __ATOMIC_RELEASE);
	epoch_store(&vhost->link, link);
	epoch_free(old, free);
	/* The guest may have sent before anybody looked, and have been told not to kick by whoever looked
	 * at its rings before: a switch that has died. */
	workers_wake();
}

void vhost_link_withdraw(struct vhost_port *vhost)
{
	struct vhost_link *link = vhost->link;

	epoch_store(&vhost->link, NULL);
	epoch_free(link, free);
}

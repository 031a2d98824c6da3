/* SPDX-License-Identifier: Apache-2.0 */

/* What the vhost library tells about guests: mostly on its own thread, connections also on its
 * thread that reconnects, and on the thread that opens or closes a port. The library's threads are
 * registered for epochs, and online only inside these functions; those that call us see to their
 * epochs themselves, or are none of ours.
 *
 * In vring_state_changed() the library may hold the rings' locks that workers spin on, so nothing
 * there may wait for workers; in destroy_device() it holds none, and there we must.  */

#include <errno.h>
#include <linux/virtio_net.h>

#include <rte_vhost.h>

#include "datapath/ports/vhost.h"
#include "datapath/ports/vhost_connections.h"
#include "datapath/ports/vhost_memory.h"
#include "datapath/ports/vhost_place.h"
#include "datapath/ports/vhost_settings.h"
#include "datapath/ports/vhost_thread.h"
#include "datapath/ports/vhost_vet.h"
#include "lib/epoch.h"

/* Once per ring and connection; rings may be set up before or after the guest's driver is ready. */
static void restore_place(struct vhost_port *vhost, int vid, uint16_t ring)
{
	uint64_t *placed = &vhost->placed[ring % 2], bit = 1ULL << ring / 2;

	if (!(*placed & bit) && vhost_place_restore(vid, ring))
		*placed |= bit;
}

static int new_device(int vid)
{
	vhost_thread_enter();
	struct vhost_port *vhost = vhost_thread_find(vid);

	if (vhost && vhost->vid == vid) {
		__atomic_store_n(&vhost->refused, !vhost_vet_guest(vid), __ATOMIC_RELAXED);
		if (!vhost->refused) {
			vhost_queues_want(vhost);
			for (unsigned ring = 0; ring < 2 * PORT_QUEUES; ring++)
				restore_place(vhost, vid, (uint16_t)ring);
			bool is_second = vhost->link && !vhost_serves(vhost, vid);

			vhost_link_publish(vhost, vid);
			vhost_set_stage(vhost, VHOST_RUNNING);
			/* From here on nobody looks at what the older connection says. */
			if (is_second)
				epoch_wait();
		}
	}
	vhost_thread_leave();
	return vhost ? 0 : -1;
}

static void destroy_device(int vid)
{
	vhost_thread_enter();
	struct vhost_port *vhost = vhost_thread_find(vid);

	struct vhost_link *link = vhost ? vhost->link : NULL;

	if (link && link->vid == vid) {
		vhost_set_stage(vhost, VHOST_NEGOTIATING);
		vhost_link_withdraw(vhost);
		for (unsigned i = 0; i < PORT_QUEUES; i++)
			vhost_forget_kick(vhost, i);
	}
	/* The guest's memory goes when we return. */
	epoch_wait();
	vhost_thread_leave();
}

static int vring_state_changed(int vid, uint16_t ring, int enable)
{
	uint16_t queue = ring / 2;

	if (queue >= PORT_QUEUES)
		return 0;
	vhost_thread_enter();
	struct vhost_port *vhost = vhost_thread_find(vid);

	if (vhost && vhost->vid == vid) {
		uint64_t *enabled = ring % 2 ? &vhost->rx_enabled : &vhost->tx_enabled;

		*enabled = enable ? *enabled | 1ULL << queue : *enabled & ~(1ULL << queue);
		if (ring % 2 && enable)
			vhost_watch_kick(vhost, vid, queue);
		else if (ring % 2)
			vhost_forget_kick(vhost, queue);
		if (vhost_serves(vhost, vid)) {
			restore_place(vhost, vid, ring);
			vhost_queues_want(vhost);
			vhost_link_publish(vhost, vid);
		}
	}
	vhost_thread_leave();
	return 0;
}

static const struct rte_vhost_device_ops ops = {
	.new_device = new_device,
	.destroy_device = destroy_device,
	.vring_state_changed = vring_state_changed,
	.new_connection = vhost_new_connection,
	.destroy_connection = vhost_destroy_connection,
};

int vhost_events_start(struct vhost_port *vhost)
{
	/* IPv4 fragments (UFO) and ECN cannot be told on to other receivers. */
	const uint64_t unwanted = 1ULL << VIRTIO_NET_F_HOST_UFO | 1ULL << VIRTIO_NET_F_GUEST_UFO |
		1ULL << VIRTIO_NET_F_HOST_ECN | 1ULL << VIRTIO_NET_F_GUEST_ECN;
	uint64_t flags = vhost_settings_flags() | (vhost->is_client ? RTE_VHOST_USER_CLIENT : 0);

	vhost_thread_call();
	vhost_queues_init();
	vhost_memory_init();
	if (rte_vhost_driver_register(vhost->path, flags))
		return -EIO;
	vhost_thread_add(vhost);
	if (rte_vhost_driver_disable_features(vhost->path, unwanted) ||
	    rte_vhost_driver_callback_register(vhost->path, &ops) ||
	    rte_vhost_driver_start(vhost->path)) {
		/* Nobody is connected. */
		rte_vhost_driver_unregister(vhost->path);
		vhost_thread_del(vhost);
		epoch_wait();
		return -EIO;
	}
	return 0;
}

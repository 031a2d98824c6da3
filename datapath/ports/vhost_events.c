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
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <rte_vhost.h>

#include "datapath/ports/vhost.h"
#include "datapath/ports/vhost_memory.h"
#include "datapath/ports/vhost_place.h"
#include "datapath/ports/vhost_settings.h"
#include "datapath/ports/vhost_socket.h"
#include "datapath/ports/vhost_thread.h"
#include "datapath/ports/vhost_vet.h"
#include "datapath/ports/vhost_wary.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/xmalloc.h"

static void forget_kick(struct vhost_port *vhost, uint16_t queue)
{
	if (vhost->kicks[queue] < 0)
		return;
	epoll_ctl(vhost->rxqs[queue].rxq.wait_fd, EPOLL_CTL_DEL, vhost->kicks[queue], NULL);
	vhost->kicks[queue] = -1;
}

static void watch_kick(struct vhost_port *vhost, int vid, uint16_t queue)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	struct port_rxq *rxq = &vhost->rxqs[queue].rxq;
	struct rte_vhost_vring ring;

	forget_kick(vhost, queue);
	if (rxq->wait_fd < 0)
		rxq->wait_fd = epoll_create1(EPOLL_CLOEXEC);
	if (rte_vhost_get_vhost_vring(vid, queue * 2 + 1, &ring) || ring.kickfd < 0 ||
	    !vhost_vet_is_eventfd(ring.kickfd))
		return;
	if (!epoll_ctl(rxq->wait_fd, EPOLL_CTL_ADD, ring.kickfd, &event))
		vhost->kicks[queue] = ring.kickfd;
}

/* The port is that connection's, or nobody's (-1). A guest may come back before the library has seen
 * that it was gone: what it then says of the old connection is no news of the port. */
static void begin(struct vhost_port *vhost, int vid)
{
	vhost->vid = vid;
	vhost->speaks = -1;
	vhost->refused = false;
	vhost_wary_message(vhost, false);
	vhost->tx_enabled = vhost->rx_enabled = 0;
	vhost->placed[0] = vhost->placed[1] = 0;
	for (unsigned i = 0; i < PORT_QUEUES; i++)
		forget_kick(vhost, i);
}

static void make_guest(struct vhost_port *vhost, int vid, int socket)
{
	vhost->socket = socket;
	begin(vhost, vid);
	vhost_set_stage(vhost, VHOST_NEGOTIATING);
}

static struct vhost_newcomer *find_newcomer(struct vhost_port *vhost, int vid)
{
	for (unsigned i = 0; i < VHOST_CONNECTIONS; i++)
		if (vhost->newcomers[i].vid == vid)
			return &vhost->newcomers[i];
	return NULL;
}

void vhost_adopt(struct vhost_port *vhost, int vid)
{
	struct vhost_newcomer *newcomer = find_newcomer(vhost, vid);

	if (!newcomer)
		return;
	newcomer->vid = -1;
	make_guest(vhost, vid, newcomer->socket);
}

/* Counts a connection before it asks whether the port is going: pairs with vhost_leave(). */
static bool may_come(struct vhost_port *vhost)
{
	uint32_t before = __atomic_fetch_add(&vhost->n_connections, 1, __ATOMIC_SEQ_CST);

	if (before < VHOST_CONNECTIONS && !__atomic_load_n(&vhost->is_leaving, __ATOMIC_SEQ_CST))
		return true;
	__atomic_fetch_sub(&vhost->n_connections, 1, __ATOMIC_RELEASE);
	return false;
}

/* Whoever was taken for the guest has gone before he was served: it is the older one's again, which has been
 * served all the while. */
static void take_back(struct vhost_port *vhost)
{
	const struct vhost_link *link = vhost->link;

	make_guest(vhost, link->vid, link->socket);
	vhost->tx_enabled = link->tx_enabled;
	vhost->rx_enabled = link->rx_enabled;
	vhost->placed[0] = vhost->placed[1] = UINT64_MAX;
	for (unsigned i = 0; i < PORT_QUEUES; i++)
		if (vhost->rx_enabled >> i & 1)
			watch_kick(vhost, link->vid, i);
	vhost_set_stage(vhost, VHOST_RUNNING);
	workers_wake();
}

/* While the port is somebody's, a connection is nobody until it says something: it may be a probe. */
static int new_connection(int vid)
{
	vhost_thread_enter();
	struct vhost_port *vhost = vhost_thread_find(vid);
	bool comes = vhost && may_come(vhost);

	if (comes) {
		/* One slow peer must not keep the library's thread from all the others. */
		int socket = vhost_socket_limit_patience(vhost->path);

		vhost_messages_watch(vid);
		vhost->connections++;
		/* There is room: as many as may come. */
		struct vhost_newcomer *newcomer = find_newcomer(vhost, -1);

		if (vhost->vid < 0)
			make_guest(vhost, vid, socket);
		else if (newcomer)
			*newcomer = (struct vhost_newcomer){vid, socket};
	}
	vhost_thread_leave();
	return comes ? 0 : -1;
}

static void destroy_connection(int vid)
{
	vhost_thread_enter();
	struct vhost_port *vhost = vhost_thread_find(vid);

	struct vhost_newcomer *newcomer = vhost ? find_newcomer(vhost, vid) : NULL;

	if (newcomer)
		newcomer->vid = -1;
	/* The library tells of the end only of devices that it had told to be there. */
	if (vhost && vhost_serves(vhost, vid)) {
		vhost_link_withdraw(vhost);
		epoch_wait();
	}
	if (vhost && vhost->vid == vid) {
		begin(vhost, -1);
		vhost_set_stage(vhost, VHOST_WAITING);
		if (vhost->link)
			take_back(vhost);
	} else if (vhost && vhost->speaks == vid) {
		vhost_wary_message(vhost, false);
		vhost->speaks = -1;
	}
	if (vhost)
		__atomic_fetch_sub(&vhost->n_connections, 1, __ATOMIC_RELEASE);
	vhost_thread_leave();
}

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
		vhost_queues_want(vhost);
		if (!vhost->refused) {
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
			forget_kick(vhost, i);
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
			watch_kick(vhost, vid, queue);
		else if (ring % 2)
			forget_kick(vhost, queue);
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
	.new_connection = new_connection,
	.destroy_connection = destroy_connection,
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost_connections.h"

#include <sys/epoll.h>

#include <rte_vhost.h>

#include "datapath/ports/vhost.h"
#include "datapath/ports/vhost_socket.h"
#include "datapath/ports/vhost_thread.h"
#include "datapath/ports/vhost_vet.h"
#include "datapath/ports/vhost_wary.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

void vhost_forget_kick(struct vhost_port *vhost, uint16_t queue)
{
	if (vhost->kicks[queue] < 0)
		return;
	epoll_ctl(vhost->rxqs[queue].rxq.wait_fd, EPOLL_CTL_DEL, vhost->kicks[queue], NULL);
	vhost->kicks[queue] = -1;
}

void vhost_watch_kick(struct vhost_port *vhost, int vid, uint16_t queue)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	struct port_rxq *rxq = &vhost->rxqs[queue].rxq;
	struct rte_vhost_vring ring;

	vhost_forget_kick(vhost, queue);
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
		vhost_forget_kick(vhost, i);
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
			vhost_watch_kick(vhost, link->vid, i);
	vhost_queues_want(vhost);
	vhost_set_stage(vhost, VHOST_RUNNING);
	workers_wake();
}

/* While the port is somebody's, a connection is nobody until it says something: it may be a probe. */
int vhost_new_connection(int vid)
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

void vhost_destroy_connection(int vid)
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

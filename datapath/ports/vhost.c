/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "datapath/batch.h"
#include "datapath/eal.h"
#include "datapath/pool.h"
#include "datapath/ports/vhost_leave.h"
#include "datapath/ports/vhost_socket.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"

enum {
	POOL_NEED = 4 * BATCH_SIZE, /* packets between a guest and the other ports */
	DEFAULT_MTU = 1500,
	MIN_MTU = 68,
	MAX_MTU = 65535 - 18,
};

static const struct vhost_port *user_of_path; /* found by find_user() */

static void find_user(struct port *port, void *path)
{
	if (port->type->rx == vhost_rx && !strcmp(vhost_const(port)->path, path))
		user_of_path = vhost_const(port);
}

static int check_path(const char *name, char *path, size_t size, struct errbuf *err)
{
	if (!path[0] || strnlen(path, size) == size)
		return errbuf_set(
			err,
			-ENAMETOOLONG,
			"port %s: the path of a socket has 1 to %zu characters",
			name,
			size - 1
		);
	user_of_path = vhost_leave_find(path);
	if (user_of_path)
		return errbuf_set(
			err,
			-EBUSY,
			"port %s: the socket %s is in use until port %s, which was deleted, has left: a "
			"guest's side keeps the switch in the middle of a message",
			name,
			path,
			user_of_path->port.name
		);
	port_foreach(find_user, path);
	if (user_of_path)
		return errbuf_set(
			err,
			-EBUSY,
			"port %s: the socket %s is used by port %s already",
			name,
			path,
			user_of_path->port.name
		);
	return 0;
}

static void vhost_free(struct vhost_port *take_vhost)
{
	struct vhost_port *vhost = take_vhost;

	for (unsigned i = 0; i < PORT_QUEUES; i++)
		if (vhost->rxqs[i].rxq.wait_fd >= 0)
			close(vhost->rxqs[i].rxq.wait_fd);
	if (vhost->pool)
		pool_release(vhost->pool, POOL_NEED);
	free(vhost);
}

static struct vhost_port *vhost_new(const char *path, bool is_client)
{
	struct vhost_port *vhost = xalloc_aligned(CACHE_LINE, sizeof(*vhost));

	snprintf(vhost->path, sizeof(vhost->path), "%s", path);
	vhost->is_client = is_client;
	vhost->vid = vhost->speaks = -1;
	for (unsigned i = 0; i < VHOST_CONNECTIONS; i++)
		vhost->newcomers[i].vid = -1;
	vhost->n_wanted = 1;
	vhost->port.n_rxqs = 1;
	vhost->port.n_txqs = 1;
	vhost->port.mtu = DEFAULT_MTU;
	for (unsigned i = 0; i < PORT_QUEUES; i++) {
		struct port_rxq *rxq = &vhost->rxqs[i].rxq;

		rxq->port = &vhost->port;
		rxq->index = i;
		rxq->wait_fd = -1;
		vhost->port.rxqs[i] = rxq;
		vhost->kicks[i] = -1;
	}
	vhost->rxqs[0].rxq.wait_fd = epoll_create1(EPOLL_CLOEXEC);
	return vhost;
}

struct port *vhost_open(const char *name, const char *path, bool is_client, struct errbuf *err)
{
	struct vhost_port *vhost = vhost_new(path, is_client);

	vhost_leave_clear(vhost_free);
	if (strlen(path) >= sizeof(vhost->path))
		vhost->path[0] = '\0';
	if (check_path(name, vhost->path, sizeof(vhost->path), err))
		goto err_free;
	if (!is_client && vhost_socket_clear(path, err)) {
		errbuf_prefix(err, "port %s: ", name);
		goto err_free;
	}
	vhost->pool = pool_reserve(POOL_NEED, 0, -1, err);
	if (!vhost->pool)
		goto err_free;
	eal_forget_error();
	int error = vhost_events_start(vhost);

	if (error) {
		errbuf_set(
			err,
			error,
			"port %s: cannot use the socket %s: %s",
			name,
			path,
			eal_first_error()[0] ? eal_first_error() : strerror(-error)
		);
		goto err_free;
	}
	return &vhost->port;

err_free:
	vhost_free(vhost);
	return NULL;
}

void vhost_close(struct port *port)
{
	struct vhost_port *vhost = vhost_of(port);

	vhost_leave_clear(vhost_free);
	if (vhost_leave(vhost))
		vhost_free(vhost);
}

/* The guest chooses its own; this is what we report. */
int vhost_set_mtu(struct port *port, uint16_t mtu, struct errbuf *err)
{
	return mtu < MIN_MTU || mtu > MAX_MTU
		? errbuf_set(
			  err,
			  -ERANGE,
			  "port %s: the MTU must be between %d and %d",
			  port->name,
			  MIN_MTU,
			  MAX_MTU
		  )
		: 0;
}

int vhost_set_mac(struct port *port, struct mac mac, struct errbuf *err)
{
	return 0;
}

bool vhost_get_link(const struct port *port)
{
	return __atomic_load_n(&vhost_const(port)->stage, __ATOMIC_ACQUIRE) == VHOST_RUNNING;
}

void vhost_correct_stats(const struct port *port, struct port_stats *stats)
{
	const struct vhost_port *vhost = vhost_const(port);
	for (uint16_t i = 0; i < port->n_rxqs; i++)
		stats->rx_errors += __atomic_load_n(&vhost->rxqs[i].errors, __ATOMIC_RELAXED);
	stats->tx_dropped += unsent_take_off(&vhost->unsent, stats);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <rte_vhost.h>

#include "datapath/batch.h"
#include "datapath/eal.h"
#include "datapath/pool.h"
#include "datapath/ports/vhost_memory.h"
#include "datapath/ports/vhost_socket.h"
#include "datapath/ports/vhost_wary.h"
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
	user_of_path = NULL;
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

static void vhost_free(struct vhost_port *vhost)
{
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
	vhost->vid = -1;
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

	vhost_events_stop(vhost);
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

/* Guests write their rings, and may write nonsense. */
static bool is_stuck(const struct vhost_port *vhost)
{
	for (uint16_t i = 0; i < vhost->port.n_rxqs; i++)
		if (__atomic_load_n(&vhost->rxqs[i].fruitless, __ATOMIC_RELAXED) == VHOST_STUCK)
			return true;
	return false;
}

static void add_rings(int vid, json_t *status)
{
	uint16_t n = rte_vhost_get_vring_num(vid);
	char key[32], value[24];

	snprintf(value, sizeof(value), "%u", n);
	json_object_set_new(status, "num_of_vrings", json_string(value));
	for (uint16_t i = 0; i < n; i++) {
		struct rte_vhost_vring ring;

		if (rte_vhost_get_vhost_vring(vid, i, &ring))
			continue;
		snprintf(key, sizeof(key), "vring_%u_size", i);
		snprintf(value, sizeof(value), "%u", ring.size);
		json_object_set_new(status, key, json_string(value));
	}
}

static const char *describe_running(const struct vhost_port *vhost)
{
	if (vhost_wary_is_shunned(vhost))
		return "the guest's side kept workers waiting: nothing is exchanged with it for 10 s";
	if (is_stuck(vhost))
		return "the guest's driver is ready, but its ring is stuck: it makes no sense";
	return "the guest's driver is ready";
}

/* Where it stands. */
static const char *describe_handshake(const struct vhost_port *vhost, uint32_t stage)
{
	if (vhost_wary_is_held_up(vhost))
		return "the guest's side keeps the switch in the middle of a message: nothing is "
		       "exchanged with it until that ends, and no other guest is heard";
	if (stage == VHOST_RUNNING && vhost->vid >= 0 && vhost_memory_is_lost(vhost->vid))
		return "the guest's memory was taken away: it must connect again";
	if (__atomic_load_n(&vhost->refused, __ATOMIC_RELAXED))
		return "refused: the guest's memory or interrupts are files that a process or another "
		       "machine serves; use memfd, hugetlbfs or tmpfs, and eventfds";
	if (stage == VHOST_RUNNING)
		return describe_running(vhost);
	if (stage == VHOST_NEGOTIATING)
		return "connected; the guest's driver is not ready yet";
	return vhost->is_client ? vhost_socket_explain(vhost->path)
				: "listening; nobody has connected";
}

void vhost_get_status(const struct port *port, json_t *status)
{
	const struct vhost_port *vhost = vhost_const(port);
	uint32_t stage = __atomic_load_n(&vhost->stage, __ATOMIC_ACQUIRE);
	int vid = vhost->vid;
	uint64_t features = 0;
	char text[24];

	json_object_set_new(status, "mode", json_string(vhost->is_client ? "client" : "server"));
	json_object_set_new(status, "socket", json_string(vhost->path));
	json_object_set_new(
		status, "status", json_string(stage == VHOST_RUNNING ? "connected" : "disconnected")
	);
	json_object_set_new(status, "handshake", json_string(describe_handshake(vhost, stage)));
	snprintf(text, sizeof(text), "%u", vhost->connections);
	json_object_set_new(status, "connections", json_string(text));
	if (stage == VHOST_WAITING || vid < 0)
		return;
	rte_vhost_get_negotiated_features(vid, &features);
	snprintf(text, sizeof(text), "0x%016llx", (unsigned long long)features);
	json_object_set_new(status, "features", json_string(text));
	if (stage == VHOST_RUNNING)
		add_rings(vid, status);
}

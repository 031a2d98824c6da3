/* SPDX-License-Identifier: Apache-2.0 */

/* System ports: a network device of the host, used through a packet socket.
 *
 * The kernel goes on seeing the device's packets, so it should have no addresses. When the device
 * goes down the socket stays; when it vanishes and another of its name appears, the socket is bound
 * to that one, the next time the link is asked for.  */

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/pool.h"
#include "datapath/port.h"
#include "datapath/ports/kernel.h"
#include "datapath/ports/packet_receiver.h"
#include "datapath/ports/packet_socket.h"
#include "datapath/ports/unsent.h"
#include "datapath/ports/vnet.h"
#include "datapath/worker_priv.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"

enum {
	POOL_NEED = 3 * BATCH_SIZE, /* to receive into, and between here and the other ports */
};

struct system_device {
	struct port port;
	int sock;
	struct rte_mempool *pool;

	/* The worker that polls the queue; others send meanwhile. */
	alignas(CACHE_LINE) struct port_rxq rxq;
	struct packet_receiver receiver;

	struct unsent unsent;
	struct unsent while_down;
};

static const struct system_device *device_const(const struct port *port)
{
	return container_of(port, const struct system_device, port);
}

static int explain(const char *name, int error, struct errbuf *err)
{
	const char *why = strerror(-error);

	if (error == -EPERM)
		why = "no permission to use network devices: run as root or with the capabilities "
		      "CAP_NET_RAW and CAP_NET_ADMIN";
	else if (error == -ENODEV)
		why = "there is no network device of that name: create it first, or let the switch "
		      "make one with type=internal";
	else if (error == -EAFNOSUPPORT)
		why = "that network device carries no Ethernet frames";
	return errbuf_set(err, error, "port %s: %s", name, why);
}

static int attach(struct system_device *device, const char *name)
{
	struct kernel_device kernel;
	int index;
	int error = kernel_open(&kernel, name);

	if (error)
		return error;
	error = kernel_get_index(&kernel, &index);
	if (!error)
		error = kernel_get_mac(&kernel, &device->port.mac);
	if (!error)
		error = kernel_get_mtu(&kernel, &device->port.mtu);
	if (!error)
		error = packet_socket_bind(device->sock, index);
	kernel_close(&kernel);
	return error;
}

static void system_close(struct port *port)
{
	struct system_device *device = container_of(port, struct system_device, port);

	if (device->sock >= 0)
		close(device->sock);
	packet_receiver_fini(&device->receiver);
	pool_release(device->pool, POOL_NEED);
	free(device);
}

static struct port *system_open(const char *name, const json_t *options, struct errbuf *err)
{
	struct rte_mempool *pool = pool_reserve(POOL_NEED, 0, -1, err);

	if (!pool)
		return NULL;
	struct system_device *device = xalloc_aligned(CACHE_LINE, sizeof(*device));

	device->pool = pool;
	device->sock = packet_socket_open();
	int error = device->sock < 0 ? device->sock : attach(device, name);

	if (!error)
		error = packet_receiver_init(&device->receiver, pool);
	if (error) {
		explain(name, error, err);
		system_close(&device->port);
		return NULL;
	}
	device->rxq.port = &device->port;
	device->rxq.wait_fd = device->sock;
	device->port.n_rxqs = 1;
	device->port.rxqs[0] = &device->rxq;
	return &device->port;
}

static int system_set_mtu(struct port *port, uint16_t mtu, struct errbuf *err)
{
	struct kernel_device kernel;
	int error = kernel_open(&kernel, port->name);

	if (!error) {
		error = kernel_set_mtu(&kernel, mtu);
		kernel_close(&kernel);
	}
	return error ? explain(port->name, error, err) : 0;
}

static int system_set_mac(struct port *port, struct mac mac, struct errbuf *err)
{
	struct kernel_device kernel;
	int error = kernel_open(&kernel, port->name);

	if (!error) {
		error = kernel_set_mac(&kernel, mac);
		kernel_close(&kernel);
	}
	return error ? explain(port->name, error, err) : 0;
}

static void system_get_status(const struct port *port, json_t *status)
{
	struct kernel_device kernel;

	if (kernel_open(&kernel, port->name))
		return;
	kernel_add_driver(&kernel, status);
	kernel_close(&kernel);
}

static bool system_get_link(const struct port *port)
{
	int sock = device_const(port)->sock;
	struct kernel_device kernel;
	unsigned flags = 0;
	int index;

	if (kernel_open(&kernel, port->name))
		return false;
	bool up = !kernel_get_index(&kernel, &index) &&
		(packet_socket_index(sock) == index || !packet_socket_bind(sock, index)) &&
		!kernel_get_flags(&kernel, &flags) && flags & IFF_UP && flags & IFF_RUNNING;

	kernel_follow_mtu(&kernel, port);
	kernel_close(&kernel);
	return up;
}

static uint32_t system_get_speed(const struct port *port)
{
	struct kernel_device kernel;
	uint32_t speed;

	if (kernel_open(&kernel, port->name))
		return 0;
	speed = kernel_get_speed(&kernel);
	kernel_close(&kernel);
	return speed;
}

static void system_correct_stats(const struct port *port, struct port_stats *stats)
{
	const struct system_device *device = device_const(port);

	stats->rx_errors = __atomic_load_n(&device->receiver.errors, __ATOMIC_RELAXED);
	stats->tx_errors = unsent_take_off(&device->unsent, stats);
	stats->tx_dropped += unsent_take_off(&device->while_down, stats);
}

static uint16_t system_rx(struct port_rxq *rxq, struct batch *batch)
{
	struct system_device *device = container_of(rxq, struct system_device, rxq);
	uint64_t errors = device->receiver.errors;

	packet_receiver_read(&device->receiver, device->sock, batch);
	if (unlikely(device->receiver.errors != errors))
		worker_count_malformed(rxq->port, device->receiver.errors - errors);
	return batch->n;
}

struct system_sender {
	struct packet_socket_sender sender;
	struct system_device *device;
	uint16_t queue;
};

static void count_failure(struct packet_socket_sender *sender, struct rte_mbuf *packet, int error)
{
	struct system_sender *mine = container_of(sender, struct system_sender, sender);
	bool is_down = vnet_count_drop(&mine->device->port, mine->queue, packet, error);

	unsent_add(is_down ? &mine->device->while_down : &mine->device->unsent, 1, packet->pkt_len);
}

static uint16_t system_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct system_device *device = container_of(port, struct system_device, port);
	struct system_sender sender = {
		.sender = {.sock = device->sock, .fail = count_failure},
		.device = device,
		.queue = queue,
	};
	uint16_t sent = packet_socket_send(&sender.sender, pkts, n);

	rte_pktmbuf_free_bulk(pkts, sent);
	return sent;
}

static const struct port_type port_type_system = {
	.name = "system",
	.help = "A network device of the host that exists already.",
	.slow_close = true,
	.rx_by_fd = true,
	.open = system_open,
	.close = system_close,
	.set_mtu = system_set_mtu,
	.set_mac = system_set_mac,
	.correct_stats = system_correct_stats,
	.get_status = system_get_status,
	.get_link = system_get_link,
	.get_speed = system_get_speed,
	.rx = system_rx,
	.tx = system_tx,
};
REGISTRY_ADD(port_type, port_type_system);

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/tap_device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <rte_mbuf.h>

#include "datapath/pool.h"
#include "datapath/port.h"
#include "datapath/ports/kernel.h"
#include "datapath/ports/tap_explain.h"
#include "datapath/ports/tap_home.h"
#include "datapath/ports/tap_queue.h"
#include "datapath/ports/unsent.h"
#include "datapath/ports/uring.h"
#include "datapath/ports/vnet.h"
#include "datapath/worker_priv.h"
#include "lib/xmalloc.h"

enum {
	POOL_NEED = 3 * BATCH_SIZE, /* to read into, and between here and the other ports */
};

struct tap_device {
	struct port port;
	int fd;

	/* The worker that polls; others send meanwhile. */
	alignas(CACHE_LINE) struct port_rxq rxq;

	struct tap_queue queue;
	struct unsent unsent;
	struct unsent while_down;
};

static const struct tap_device *tap_const(const struct port *port)
{
	return container_of(port, const struct tap_device, port);
}

static int read_settings(struct tap_device *tap)
{
	struct kernel_device device;
	int error = kernel_open_tap(&device, tap->fd);

	if (error)
		return error;
	error = kernel_get_mac(&device, &tap->port.mac);
	if (!error)
		error = kernel_get_mtu(&device, &tap->port.mtu);
	kernel_close(&device);
	return error;
}

struct port *tap_device_open(const char *name, const json_t *options, struct errbuf *err)
{
	if (tap_check_name(name, err))
		return NULL;
	struct rte_mempool *pool = pool_reserve(POOL_NEED, 0, -1, err);

	if (!pool)
		return NULL;
	struct tap_device *tap = xalloc_aligned(CACHE_LINE, sizeof(*tap));

	tap->fd = tap_home_open(name);

	int error = tap_queue_init(&tap->queue, tap->fd, pool);

	if (!error)
		error = tap->fd < 0 ? tap->fd : read_settings(tap);

	if (error) {
		tap_explain_open(name, error, err);
		/* It may have been there before, with addresses, and the next try may do. */
		tap->port.keep_device = true;
		tap_device_close(&tap->port);
		return NULL;
	}
	tap->rxq.port = &tap->port;
	tap->rxq.wait_fd = tap->fd;
	tap->port.n_rxqs = 1;
	tap->port.rxqs[0] = &tap->rxq;
	return &tap->port;
}

void tap_device_close(struct port *port)
{
	struct tap_device *tap = container_of(port, struct tap_device, port);

	if (tap->fd >= 0) {
		if (!port->keep_device)
			tap_home_forget(tap->fd);
		tap_home_close(tap->fd);
	}
	tap_queue_fini(&tap->queue);
	pool_release(tap->queue.pool, POOL_NEED);
	free(tap);
}

int tap_device_set_mtu(struct port *port, uint16_t mtu, struct errbuf *err)
{
	struct kernel_device device;
	int error = kernel_open_tap(&device, tap_const(port)->fd);

	if (!error) {
		error = kernel_set_mtu(&device, mtu);
		kernel_close(&device);
	}
	return error ? tap_explain_set(port, "MTU", error, err) : 0;
}

int tap_device_set_mac(struct port *port, struct mac mac, struct errbuf *err)
{
	struct kernel_device device;
	int error = kernel_open_tap(&device, tap_const(port)->fd);

	if (!error) {
		error = kernel_set_mac(&device, mac);
		kernel_close(&device);
	}
	return error ? tap_explain_set(port, "MAC address", error, err) : 0;
}

void tap_device_get_status(const struct port *port, json_t *status)
{
	struct kernel_device device;

	if (kernel_open_tap(&device, tap_const(port)->fd))
		return;
	kernel_add_driver(&device, status);
	kernel_close(&device);
}

bool tap_device_get_link(const struct port *port)
{
	struct kernel_device device;
	unsigned flags;

	if (kernel_open_tap(&device, tap_const(port)->fd))
		return false;
	bool up = !kernel_get_flags(&device, &flags) && flags & IFF_UP && flags & IFF_RUNNING;

	kernel_follow_mtu(&device, port);
	kernel_close(&device);
	return up;
}

void tap_device_correct_stats(const struct port *port, struct port_stats *stats)
{
	const struct tap_device *tap = tap_const(port);

	stats->rx_errors = __atomic_load_n(&tap->queue.rx_errors, __ATOMIC_RELAXED);
	stats->tx_errors = unsent_take_off(&tap->unsent, stats);
	stats->tx_dropped += unsent_take_off(&tap->while_down, stats);
}

uint16_t tap_device_rx(struct port_rxq *rxq, struct batch *batch)
{
	struct tap_queue *queue = &container_of(rxq, struct tap_device, rxq)->queue;
	uint64_t errors = queue->rx_errors;

	tap_queue_read(queue, uring_of(worker_index()), batch);
	if (unlikely(queue->rx_errors != errors))
		worker_count_malformed(rxq->port, queue->rx_errors - errors);
	return batch->n;
}

struct port_sender {
	struct tap_sender sender;
	struct tap_device *tap;
	uint16_t worker;
};

static void count_failure(struct tap_sender *sender, struct rte_mbuf *packet, int error)
{
	const struct port_sender *mine = container_of(sender, struct port_sender, sender);

	bool is_down = vnet_count_drop(&mine->tap->port, mine->worker, packet, error);

	unsent_add(is_down ? &mine->tap->while_down : &mine->tap->unsent, 1, packet->pkt_len);
}

uint16_t tap_device_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct tap_device *tap = container_of(port, struct tap_device, port);
	struct port_sender sender = {
		.sender = {.uring = uring_of(worker_index()), .fail = count_failure},
		.tap = tap,
		.worker = queue,
	};
	uint16_t sent = tap_queue_write(&tap->queue, &sender.sender, pkts, n);

	rte_pktmbuf_free_bulk(pkts, sent);
	return sent;
}

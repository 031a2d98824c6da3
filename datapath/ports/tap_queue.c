/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/tap_queue.h"

#include <errno.h>

#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/ports/vnet.h"

void tap_queue_init(struct tap_queue *queue, int fd, struct rte_mempool *pool)
{
	queue->fd = fd;
	queue->pool = pool;
}

void tap_queue_fini(struct tap_queue *queue)
{
	rte_pktmbuf_free(queue->spare);
}

static void count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* For what does not fit into a packet; used within one reading only. */
static __thread uint8_t spill[VNET_SPILL];

/* NULL when there is none now: nothing to read, no memory for it, or not a packet. */
static struct rte_mbuf *read_packet(struct tap_queue *queue)
{
	struct iovec iov[2];
	struct rte_mbuf *packet = queue->spare ? queue->spare : rte_pktmbuf_alloc(queue->pool);

	queue->spare = NULL;
	if (!packet)
		return NULL;
	vnet_prepare(packet, spill, iov);
	ssize_t n = readv(queue->fd, iov, ARRAY_LENGTH(iov));

	if (n < 0) {
		queue->spare = packet;
		return NULL;
	}
	if (vnet_accept(packet, spill, n, (struct vnet_tag){0})) {
		count(&queue->rx_errors);
		rte_pktmbuf_free(packet);
		return NULL;
	}
	return packet;
}

void tap_queue_read(struct tap_queue *queue, struct batch *batch)
{
	batch->n = 0;
	while (batch->n < BATCH_SIZE) {
		struct rte_mbuf *packet = read_packet(queue);

		if (!packet)
			break;
		batch->pkts[batch->n++] = packet;
	}
}

/* Returns 0, or -EAGAIN when the device has no room now, or why it will never take the packet. */
static int write_packet(struct tap_queue *queue, struct rte_mbuf *packet)
{
	struct virtio_net_hdr hdr;
	struct iovec iov[VNET_IOVECS];
	int n = vnet_gather(packet, &hdr, iov);

	if (n < 0)
		return n;
	if (writev(queue->fd, iov, n) >= 0)
		return 0;
	return errno == ENOBUFS ? -EAGAIN : -errno;
}

uint16_t tap_queue_write(
	struct tap_queue *queue,
	const struct port *port,
	uint16_t worker,
	struct rte_mbuf **pkts,
	uint16_t n
)
{
	uint16_t done = 0;

	for (; done < n; done++) {
		int error = write_packet(queue, pkts[done]);

		if (error == -EAGAIN)
			break;
		if (error) {
			count(&queue->tx_errors);
			vnet_count_drop(port, worker, error);
		}
	}
	rte_pktmbuf_free_bulk(pkts, done);
	return done;
}

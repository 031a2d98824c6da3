/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/tap_queue.h"

#include <errno.h>
#include <stdbool.h>

#include <rte_mbuf.h>

#include "datapath/ports/uring.h"
#include "datapath/ports/vnet.h"

enum {
	LEAST_WISH = 2, /* one packet, and to learn that there is no other */
	MOST_ASKED =
		2 * BATCH_SIZE, /* packets, at a time: others wait, and malformed ones are no end */
	IOVECS = 2 * BATCH_SIZE, /* two for each packet, or many for a long one */
	/* A few segments for each packet, and one packet of any number. */
	WRITE_IOVECS = 4 * BATCH_SIZE + VNET_IOVECS,
};

static_assert((int)IOVECS > (int)VNET_TAIL, "tap_queue: no room for a long packet");

/* Packets collected to be written together. */
struct writing {
	struct tap_queue *queue;
	struct tap_sender *sender;
	struct rte_mbuf **pkts; /* all there are to send */
	unsigned n, n_iov;
	struct uring_call calls[BATCH_SIZE];
	struct virtio_net_hdr headers[BATCH_SIZE];
	struct iovec iov[WRITE_IOVECS];
};

int tap_queue_init(struct tap_queue *queue, int fd, struct rte_mempool *pool)
{
	queue->fd = fd;
	queue->pool = pool;
	queue->wish = LEAST_WISH;
	queue->spills = vnet_spills_new();
	return queue->spills ? 0 : -ENOMEM;
}

void tap_queue_fini(struct tap_queue *queue)
{
	rte_pktmbuf_free_bulk(queue->spares, queue->n_spares);
	vnet_tail_free(&queue->tail);
	vnet_spills_free(queue->spills);
}

static void count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static struct vnet_rest rest_of(struct tap_queue *queue, unsigned i)
{
	return (struct vnet_rest){
		.spill = queue->spills + (size_t)i * VNET_SPILL,
		.tail = queue->is_long ? &queue->tail : NULL,
	};
}

/* Has 'n' packets ready to be read into, or as many as there is memory for. */
static unsigned refill(struct tap_queue *queue, unsigned n)
{
	while (queue->n_spares < n) {
		struct rte_mbuf *packet = rte_pktmbuf_alloc(queue->pool);

		if (!packet)
			break;
		queue->spares[queue->n_spares++] = packet;
	}
	return n < queue->n_spares ? n : queue->n_spares;
}

/* Takes what was read into the i-th spare. Returns whether it took more than that. */
static bool accept_packet(struct tap_queue *queue, unsigned i, ssize_t n, struct batch *batch)
{
	struct rte_mbuf *packet = queue->spares[i];
	bool is_long = (size_t)n > rte_pktmbuf_tailroom(packet) + sizeof(struct virtio_net_hdr);

	queue->spares[i] = NULL;
	if (vnet_accept(packet, rest_of(queue, i), n, (struct vnet_tag){0})) {
		count(&queue->rx_errors);
		rte_pktmbuf_free(packet);
	} else {
		batch->pkts[batch->n++] = packet;
	}
	return is_long;
}

static void set_wish(struct tap_queue *queue, unsigned n)
{
	if (n > BATCH_SIZE)
		n = BATCH_SIZE;
	queue->wish = n < LEAST_WISH ? LEAST_WISH : n;
}

/* Takes the results of 'n' calls; returns how many packets there were. */
static unsigned
accept_all(struct tap_queue *queue, const struct uring_call *calls, unsigned n, struct batch *batch)
{
	unsigned n_kept = 0, n_read = 0;
	bool is_long = false;

	for (unsigned i = 0; i < n; i++) {
		if (calls[i].result < 0)
			continue;
		n_read++;
		is_long = accept_packet(queue, i, calls[i].result, batch);
	}
	/* When nothing came, what comes next is like what came last. */
	if (n_read)
		queue->is_long = is_long;
	for (unsigned i = 0; i < queue->n_spares; i++)
		if (queue->spares[i])
			queue->spares[n_kept++] = queue->spares[i];
	queue->n_spares = n_kept;
	/* When all that was asked for came there may be many more; or else next time about as many. */
	set_wish(queue, n_read == n ? 2 * n : batch->n + 1U);
	return n_read;
}

/* Says where up to 'n' packets shall be read to. Long ones are read one by one: what a call costs does
 * not matter to them, and what is copied once more does. */
static unsigned
prepare(struct tap_queue *queue, struct uring_call *calls, struct iovec *iov, unsigned n)
{
	queue->is_long = queue->is_long && vnet_tail_fill(&queue->tail, queue->pool);
	if (!queue->is_long && queue->tail.n)
		vnet_tail_free(&queue->tail);
	n = refill(queue, queue->is_long && n ? 1 : n);
	for (unsigned i = 0; i < n; i++) {
		calls[i].iov = iov;
		calls[i].n_iov = vnet_prepare(queue->spares[i], rest_of(queue, i), iov);
		iov += calls[i].n_iov;
	}
	return n;
}

void tap_queue_read(struct tap_queue *queue, struct uring *uring, struct batch *batch)
{
	struct uring_call calls[BATCH_SIZE];
	struct iovec iov[IOVECS];
	unsigned n, asked = 0;

	batch->n = 0;
	do {
		unsigned room = BATCH_SIZE - batch->n;

		n = prepare(queue, calls, iov, queue->wish < room ? queue->wish : room);
		asked += n;
		uring_read(uring, queue->fd, calls, n);
	} while (n && accept_all(queue, calls, n, batch) == n && batch->n < BATCH_SIZE &&
		 asked < MOST_ASKED);
}

static bool is_full(ssize_t result)
{
	return result == -EAGAIN || result == -ENOBUFS;
}

/* Writes what was collected. False when the device has no room; 'done' counts what is over with. */
static bool flush(struct writing *writing, uint16_t *done)
{
	unsigned n = writing->n;

	uring_write(writing->sender->uring, writing->queue->fd, writing->calls, n);
	while (n && is_full(writing->calls[n - 1].result))
		n--;
	for (unsigned i = 0; i < n; i++) {
		if (writing->calls[i].result >= 0)
			continue;
		writing->sender->fail(
			writing->sender, writing->pkts[*done + i], (int)writing->calls[i].result
		);
	}
	bool all = n == writing->n;

	*done += n;
	writing->n = writing->n_iov = 0;
	return all;
}

static int collect(struct writing *writing, struct rte_mbuf *packet)
{
	struct uring_call *call = &writing->calls[writing->n];
	struct iovec *iov = &writing->iov[writing->n_iov];
	int n = vnet_gather(packet, &writing->headers[writing->n], iov);

	if (n < 0)
		return n;
	call->iov = iov;
	call->n_iov = n;
	writing->n++;
	writing->n_iov += n;
	return 0;
}

uint16_t tap_queue_write(
	struct tap_queue *queue, struct tap_sender *sender, struct rte_mbuf **pkts, uint16_t n
)
{
	struct writing writing;
	uint16_t done = 0;

	writing.queue = queue;
	writing.sender = sender;
	writing.pkts = pkts;
	writing.n = writing.n_iov = 0;
	for (uint16_t i = 0; i < n; i++) {
		bool full = writing.n == BATCH_SIZE || writing.n_iov > WRITE_IOVECS - VNET_IOVECS;

		if (full && !flush(&writing, &done))
			return done;
		int error = collect(&writing, pkts[i]);

		if (!error)
			continue;
		if (!flush(&writing, &done))
			return done;
		sender->fail(sender, pkts[i], error);
		done++;
	}
	flush(&writing, &done);
	return done;
}

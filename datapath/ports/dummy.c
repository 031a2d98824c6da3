/* SPDX-License-Identifier: Apache-2.0 */

/* Dummy ports, for tests: packets come in by command and those sent are kept until a command asks.
 * They need no device, no root and no hugepages.  */

#include "datapath/ports/dummy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "datapath/batch.h"
#include "datapath/pool.h"
#include "datapath/port.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"

enum {
	POOL_NEED = 8, /* tests keep few packets under way, and have many ports */
	RING = 256, /* packets waiting, and packets kept, at most (less one) */
	DUMMY_MTU = 1500,
};

struct dummy {
	struct port port;
	struct port_rxq rxq;
	struct rte_mempool *pool;
	bool link_up;
	/* Main makes it with the first packet, enqueues and then signals wait_fd; the worker that
	 * polls dequeues. */
	struct rte_ring *waiting;
	bool signalled; /* main sets after writing wait_fd, worker clears before reading it */
	/* Workers enqueue, main dequeues. */
	struct rte_ring *sent;
};

static struct dummy *dummy_of(struct port *port)
{
	return container_of(port, struct dummy, port);
}

static struct rte_ring *ring_new(unsigned flags)
{
	struct rte_ring *ring = xalloc_aligned(CACHE_LINE, rte_ring_get_memsize(RING));

	rte_ring_init(ring, "dummy", RING, flags);
	return ring;
}

static void ring_free(struct rte_ring *ring)
{
	void *packet = NULL;

	while (ring && !rte_ring_dequeue(ring, &packet))
		rte_pktmbuf_free(packet);
	free(ring);
}

static struct port *dummy_open(const char *name, const json_t *options, struct errbuf *err)
{
	static uint8_t n_opened;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0) {
		errbuf_set(err, -errno, "port %s: no file descriptor is free", name);
		return NULL;
	}
	struct rte_mempool *pool = pool_reserve(POOL_NEED, 0, -1, err);

	if (!pool) {
		close(fd);
		return NULL;
	}
	struct dummy *dummy = XNEW(struct dummy);

	dummy->pool = pool;
	dummy->link_up = true;
	dummy->sent = ring_new(RING_F_SC_DEQ);
	dummy->rxq.port = &dummy->port;
	dummy->rxq.wait_fd = fd;
	dummy->port.mtu = DUMMY_MTU;
	dummy->port.mac = (struct mac){{0xaa, 0x55, 0xaa, 0x55, 0x00, n_opened++}};
	dummy->port.n_rxqs = 1;
	dummy->port.rxqs[0] = &dummy->rxq;
	return &dummy->port;
}

static void dummy_close(struct port *port)
{
	struct dummy *dummy = dummy_of(port);

	close(dummy->rxq.wait_fd);
	ring_free(dummy->waiting);
	ring_free(dummy->sent);
	pool_release(dummy->pool, POOL_NEED);
	free(dummy);
}

static int dummy_set_mtu(struct port *port, uint16_t mtu, struct errbuf *err)
{
	return 0;
}

static int dummy_set_mac(struct port *port, struct mac mac, struct errbuf *err)
{
	return 0;
}

static bool dummy_get_link(const struct port *port)
{
	return container_of(port, const struct dummy, port)->link_up;
}

static uint16_t dummy_rx(struct port_rxq *rxq, struct batch *batch)
{
	struct dummy *dummy = container_of(rxq, struct dummy, rxq);
	/* Pairs with the store in dummy_inject(). */
	struct rte_ring *waiting = __atomic_load_n(&dummy->waiting, __ATOMIC_ACQUIRE);
	uint64_t n;

	/* Only after main has written: what is written later must wake us. */
	if (__atomic_load_n(&dummy->signalled, __ATOMIC_ACQUIRE)) {
		__atomic_store_n(&dummy->signalled, false, __ATOMIC_RELAXED);
		if (read(rxq->wait_fd, &n, sizeof(n)) < 0)
			n = 0;
	}
	batch->n = waiting
		? rte_ring_sc_dequeue_burst(waiting, (void **)batch->pkts, BATCH_SIZE, NULL)
		: 0;
	return batch->n;
}

static uint16_t dummy_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	return rte_ring_mp_enqueue_burst(dummy_of(port)->sent, (void **)pkts, n, NULL);
}

bool dummy_inject(struct port *port, struct rte_mbuf *take_packet)
{
	struct dummy *dummy = dummy_of(port);
	uint64_t one = 1;

	if (!dummy->waiting)
		__atomic_store_n(
			&dummy->waiting, ring_new(RING_F_SP_ENQ | RING_F_SC_DEQ), __ATOMIC_RELEASE
		);
	if (rte_ring_sp_enqueue(dummy->waiting, take_packet)) {
		rte_pktmbuf_free(take_packet);
		return false;
	}
	if (write(dummy->rxq.wait_fd, &one, sizeof(one)) < 0)
		one = 0;
	__atomic_store_n(&dummy->signalled, true, __ATOMIC_RELEASE);
	return true;
}

struct rte_mbuf *dummy_take_sent(struct port *port)
{
	void *packet = NULL;

	return rte_ring_sc_dequeue(dummy_of(port)->sent, &packet) ? NULL : packet;
}

bool dummy_has_waiting(struct port *port)
{
	const struct dummy *dummy = dummy_of(port);

	return dummy->waiting && !rte_ring_empty(dummy->waiting);
}

void dummy_set_link(struct port *port, bool up)
{
	dummy_of(port)->link_up = up;
}

bool dummy_is(const struct port *port)
{
	return port->type->open == dummy_open;
}

static const struct port_type port_type_dummy = {
	.name = "dummy",
	.help = "For tests: packets come in by netdev-dummy/receive and are kept for dummy/sent.",
	.test_only = true,
	.sends_mtu = true,
	.open = dummy_open,
	.close = dummy_close,
	.set_mtu = dummy_set_mtu,
	.set_mac = dummy_set_mac,
	.get_link = dummy_get_link,
	.rx = dummy_rx,
	.tx = dummy_tx,
};
REGISTRY_ADD(port_type, port_type_dummy);

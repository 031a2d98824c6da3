/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/datapath/fixture.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>
#include <rte_ring.h>

#include "datapath/batch.h"
#include "datapath/datapath.h"
#include "datapath/pool.h"
#include "datapath/program.h"
#include "datapath/worker.h"
#include "datapath/worker_priv.h"
#include "lib/clock.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	RING_SIZE = 4096,
	SETTLE_TRIES = 20000
};

struct fake_port {
	struct port port;
	struct port_rxq rxq;
	struct rte_ring *rx;
	struct rte_ring *tx;
	unsigned tx_limit;
};

struct port *fixture_a, *fixture_b, *fixture_c;

static struct rte_ring *ring_new(void)
{
	struct rte_ring *ring = xalloc_aligned(CACHE_LINE, rte_ring_get_memsize(RING_SIZE));

	rte_ring_init(ring, "fake", RING_SIZE, 0);
	return ring;
}

static struct port *fake_open(const char *name, const json_t *options, struct errbuf *err)
{
	struct fake_port *fake = xalloc_aligned(CACHE_LINE, sizeof(*fake));

	fake->rx = ring_new();
	fake->tx = ring_new();
	fake->tx_limit = UINT_MAX;
	fake->rxq.port = &fake->port;
	fake->rxq.wait_fd = eventfd(0, EFD_NONBLOCK);
	fake->port.rxqs[0] = &fake->rxq;
	fake->port.n_rxqs = 1;
	fake->port.mtu = 1500;
	return &fake->port;
}

static void drain(struct rte_ring *ring)
{
	void *pkt;

	while (!rte_ring_dequeue(ring, &pkt))
		rte_pktmbuf_free(pkt);
	free(ring);
}

static void fake_close(struct port *port)
{
	struct fake_port *fake = container_of(port, struct fake_port, port);

	drain(fake->rx);
	drain(fake->tx);
	close(fake->rxq.wait_fd);
	free(fake);
}

/* A frame of one byte stands for what a device finds malformed. */
static uint16_t take_out_malformed(const struct port *port, struct rte_mbuf **pkts, unsigned n)
{
	uint16_t kept = 0;

	for (unsigned i = 0; i < n; i++) {
		if (pkts[i]->pkt_len > 1) {
			pkts[kept++] = pkts[i];
			continue;
		}
		worker_count_malformed(port, 1);
		rte_pktmbuf_free(pkts[i]);
	}
	return kept;
}

static uint16_t fake_rx(struct port_rxq *rxq, struct batch *batch)
{
	struct fake_port *fake = container_of(rxq, struct fake_port, rxq);
	uint64_t count;
	unsigned n = rte_ring_dequeue_burst(fake->rx, (void **)batch->pkts, BATCH_SIZE, NULL);

	if (!n && read(rxq->wait_fd, &count, sizeof(count)) > 0)
		n = rte_ring_dequeue_burst(fake->rx, (void **)batch->pkts, BATCH_SIZE, NULL);
	return take_out_malformed(rxq->port, batch->pkts, n);
}

static uint16_t fake_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct fake_port *fake = container_of(port, struct fake_port, port);

	if (n > fake->tx_limit)
		n = fake->tx_limit;
	return rte_ring_enqueue_burst(fake->tx, (void **)pkts, n, NULL);
}

static const struct port_type port_type_fake = {
	.name = "fake",
	.help = "packets from and to a unit test",
	.test_only = true,
	.open = fake_open,
	.close = fake_close,
	.rx = fake_rx,
	.tx = fake_tx,
};
REGISTRY_ADD(port_type, port_type_fake);

int fixture_start(void **state)
{
	struct datapath_config config = {
		.memory_mb = 128,
		.no_hugepages = true,
		.enable_dummy = true,
	};
	struct errbuf err;

	epoch_register();
	clock_stop();
	if (datapath_start(&config, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	return 0;
}

int fixture_stop(void **state)
{
	datapath_stop();
	/* Deleted flows are freed by then: a leak checker does not look into the flow table. */
	epoch_drain();
	epoch_unregister();
	return 0;
}

void fixture_start_workers(unsigned n)
{
	struct worker_config config = {.cores = {0}};
	struct errbuf err;

	for (unsigned i = 0; i < n; i++)
		config.cores[0] |= 1ULL << i;
	assert_int_equal(workers_configure(&config, &err), 0);
}

struct port *fixture_port(const char *name)
{
	json_t *options = json_object();
	struct errbuf err;
	struct port *port = port_open(name, "fake", options, &err);

	assert_non_null(port);
	plan_add_port(port);
	json_decref(options);
	return port;
}

int fixture_open_ports(void **state)
{
	fixture_a = fixture_port("a");
	fixture_b = fixture_port("b");
	fixture_c = fixture_port("c");
	fixture_start_workers(1);
	return 0;
}

int fixture_close_ports(void **state)
{
	fixture_settle();
	port_close(fixture_a);
	port_close(fixture_b);
	port_close(fixture_c);
	return 0;
}

struct rte_mbuf *fixture_packet(void)
{
	return rte_pktmbuf_alloc(pool_default());
}

void fixture_receive(struct port *port, const void *frame, unsigned length)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(pool_default());

	assert_non_null(pkt);
	memcpy(rte_pktmbuf_append(pkt, length), frame, length);
	fixture_receive_packet(port, pkt);
}

void fixture_receive_packet(struct port *port, struct rte_mbuf *take_pkt)
{
	struct fake_port *fake = container_of(port, struct fake_port, port);
	uint64_t one = 1;

	assert_int_equal(rte_ring_enqueue(fake->rx, take_pkt), 0);
	assert_int_equal(write(fake->rxq.wait_fd, &one, sizeof(one)), sizeof(one));
}

void fixture_settle(void)
{
	for (unsigned i = 0; i < SETTLE_TRIES; i++) {
		if (workers_are_quiet())
			return;
		usleep(100);
	}
	fail_msg("the workers do not come to rest");
}

struct rte_mbuf *fixture_sent(struct port *port)
{
	struct fake_port *fake = container_of(port, struct fake_port, port);
	void *pkt;

	return rte_ring_dequeue(fake->tx, &pkt) ? NULL : pkt;
}

unsigned fixture_n_sent(struct port *port)
{
	struct fake_port *fake = container_of(port, struct fake_port, port);
	void *pkt;
	unsigned n = 0;

	for (; !rte_ring_dequeue(fake->tx, &pkt); n++)
		rte_pktmbuf_free(pkt);
	return n;
}

void fixture_limit_tx(struct port *port, unsigned n)
{
	container_of(port, struct fake_port, port)->tx_limit = n;
}

struct frame fixture_udp(uint32_t src, uint32_t dst, uint16_t sport, uint16_t dport)
{
	struct frame frame = {.bytes = {0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 8, 0, 0x45}};
	uint8_t *b = frame.bytes;
	be32 ip[2] = {be32_from(src), be32_from(dst)};
	be16 udp[3] = {be16_from(sport), be16_from(dport), be16_from(26)};

	b[17] = 46;
	b[22] = 64;
	b[23] = 17;
	memcpy(b + 26, ip, sizeof(ip));
	memcpy(b + 34, udp, sizeof(udp));
	return frame;
}

void fixture_mask_port(struct key *mask)
{
	memset(mask, 0, sizeof(*mask));
	mask->base.in_port = UINT32_MAX;
	mask->base.recirc = UINT32_MAX;
}

struct program *fixture_output(struct port *port)
{
	struct program_builder b;

	program_begin(&b);
	program_add_output(&b, port->id);
	return program_intern(&b);
}

struct program *fixture_outputs(struct port *a, struct port *b)
{
	struct program_builder builder;

	program_begin(&builder);
	program_add_output(&builder, a->id);
	program_add_output(&builder, b->id);
	return program_intern(&builder);
}

struct flow *fixture_port_flow(struct port *from, struct program *take_program)
{
	struct key key = {0};
	struct key mask;
	struct flow *flow;

	key.base.in_port = from->id;
	fixture_mask_port(&mask);
	assert_int_equal(flow_add(NULL, &key, &mask, take_program, NULL, &flow), 0);
	return flow;
}

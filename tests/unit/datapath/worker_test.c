/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/worker.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <rte_mempool.h>

#include "datapath/drop.h"
#include "datapath/flow.h"
#include "datapath/miss_priv.h"
#include "datapath/packet/offload.h"
#include "datapath/pages.h"
#include "datapath/pool.h"
#include "datapath/program.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"
#include "tests/unit/datapath/fixture.h"

DROP_REASON(no_flow, "for the test");

enum {
	PAGE = 4096,
	BURST = 1200, /* more than may wait */
	OTHER_BURST = 500, /* as much as is left to another port */
};

static uint16_t source_port(struct rte_mbuf *pkt)
{
	const uint8_t *bytes = rte_pktmbuf_mtod(pkt, const uint8_t *);
	uint16_t port = bytes[34] << 8 | bytes[35];

	rte_pktmbuf_free(pkt);
	return port;
}

static void test_worker_forwards_by_port(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct flow *flow = fixture_port_flow(fixture_a, fixture_output(fixture_b));
	struct flow_stats stats;

	for (unsigned i = 0; i < 100; i++)
		fixture_receive(fixture_a, &frame, sizeof(frame));
	fixture_settle();
	assert_int_equal(fixture_n_sent(fixture_b), 100);
	flow_get_stats(flow, &stats);
	assert_int_equal(stats.packets, 100);
	assert_int_equal(stats.bytes, 100 * sizeof(frame));
	flow_del(flow);
}

static void test_worker_counts_no_runts_for_flows(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct flow *flow = fixture_port_flow(fixture_a, fixture_output(fixture_b));
	struct flow_stats stats;

	fixture_receive(fixture_a, &frame, 13);
	fixture_receive(fixture_a, &frame, sizeof(frame));
	fixture_settle();
	assert_int_equal(fixture_n_sent(fixture_b), 1);
	flow_get_stats(flow, &stats);
	assert_int_equal(stats.packets, 1);
	assert_int_equal(stats.bytes, sizeof(frame));
	REGISTRY_FOREACH(drop_reason, reason)
		if (!strcmp(reason->name, "runt"))
			assert_int_equal(drop_count(fixture_a->id, reason), 1);
	flow_del(flow);
}

static void test_worker_counts_what_devices_find_malformed(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct flow *flow = fixture_port_flow(fixture_a, fixture_output(fixture_b));

	for (unsigned i = 0; i < 3; i++)
		fixture_receive(fixture_a, &frame, 1);
	fixture_receive(fixture_a, &frame, sizeof(frame));
	fixture_settle();
	assert_int_equal(fixture_n_sent(fixture_b), 1);
	assert_int_equal(fixture_count_drops(fixture_a, "malformed"), 3);
	assert_int_equal(fixture_count_drops(fixture_b, "malformed"), 0);
	flow_del(flow);
}

static void test_worker_copies_to_all_but_the_last(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct flow *flow = fixture_port_flow(fixture_a, fixture_outputs(fixture_b, fixture_c));

	fixture_receive(fixture_a, &frame, sizeof(frame));
	fixture_settle();
	struct rte_mbuf *first = fixture_sent(fixture_b);
	struct rte_mbuf *second = fixture_sent(fixture_c);

	assert_non_null(first);
	assert_non_null(second);
	assert_ptr_not_equal(first, second);
	assert_memory_equal(rte_pktmbuf_mtod(first, void *), &frame, sizeof(frame));
	assert_memory_equal(rte_pktmbuf_mtod(second, void *), &frame, sizeof(frame));
	rte_pktmbuf_free(first);
	rte_pktmbuf_free(second);
	flow_del(flow);
}

/* Whoever gets the beginning of a packet whose checksum and cutting were left to be done gets just that. */
static void test_worker_sends_beginnings_as_they_are(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct port *ports[] = {fixture_b, fixture_c};
	struct rte_mbuf *pkt = fixture_packet();
	struct program_builder b;

	program_begin(&b);
	program_add_output_truncated(&b, fixture_b->id, 20);
	program_add_output_truncated(&b, fixture_c->id, 20);
	struct flow *flow = fixture_port_flow(fixture_a, program_intern(&b));

	memcpy(rte_pktmbuf_append(pkt, sizeof(frame)), &frame, sizeof(frame));
	pkt->ol_flags |= RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM;
	pkt->tso_segsz = 10;
	fixture_receive_packet(fixture_a, pkt);
	fixture_settle();
	for (unsigned i = 0; i < ARRAY_LENGTH(ports); i++) {
		pkt = fixture_sent(ports[i]);
		assert_non_null(pkt);
		assert_int_equal(pkt->pkt_len, 20);
		assert_false(offload_is_pending(pkt));
		rte_pktmbuf_free(pkt);
	}
	flow_del(flow);
}

static void test_worker_keeps_order_over_a_miss(void **state)
{
	struct key mask;
	struct flow *flow;

	/* Five packets of one connection and one of another wait for the translator. */
	for (unsigned i = 0; i < 5; i++) {
		struct frame frame = fixture_udp(1, 2, 7, 4);

		frame.bytes[50] = i;
		fixture_receive(fixture_a, &frame, sizeof(frame));
	}
	struct frame other = fixture_udp(1, 2, 8, 4);

	fixture_receive(fixture_a, &other, sizeof(other));
	struct miss *miss = fixture_take_miss();
	struct miss *second = fixture_take_miss();

	assert_int_equal(miss->key.base.in_port, fixture_a->id);
	assert_int_equal(miss->key.base.l4_src, be16_from(7));
	assert_int_equal(second->key.base.l4_src, be16_from(8));
	assert_int_equal(fixture_n_sent(fixture_b), 0);

	fixture_mask_udp(&mask);
	assert_int_equal(
		flow_add(NULL, &miss->key, &mask, fixture_output(fixture_b), NULL, &flow), 0
	);
	/* The flow is there, but the connection's packets still wait behind the first. */
	struct frame late = fixture_udp(1, 2, 7, 4);

	late.bytes[50] = 5;
	fixture_receive(fixture_a, &late, sizeof(late));
	usleep(20000);
	assert_int_equal(fixture_n_sent(fixture_b), 0);
	miss_answer(miss, (struct program *)flow_program(flow));
	fixture_receive(fixture_a, &late, 0x3c);
	struct program *to_c = fixture_output(fixture_c);

	miss_answer(second, to_c);
	fixture_settle();
	for (unsigned i = 0; i < 6; i++) {
		struct rte_mbuf *pkt = fixture_sent(fixture_b);

		assert_non_null(pkt);
		assert_int_equal(rte_pktmbuf_mtod(pkt, uint8_t *)[50], i);
		rte_pktmbuf_free(pkt);
	}
	assert_int_equal(fixture_n_sent(fixture_b), 1);
	struct rte_mbuf *pkt = fixture_sent(fixture_c);

	assert_non_null(pkt);
	assert_int_equal(source_port(pkt), 8);
	program_unref(to_c);
	flow_del(flow);
}

/* A burst at the start of a flow is as long as what the translation takes. */
static void test_worker_lets_a_burst_wait(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4), other = fixture_udp(1, 2, 3, 5);
	const struct drop_reason *full = drop_reason_find("miss_waiting_full", NULL);
	uint64_t set_aside = fixture_count_set_aside();
	struct flow *flow;
	struct key mask;
	unsigned n = 0;

	fixture_receive(fixture_a, &frame, sizeof(frame));
	struct miss *miss = fixture_take_miss();

	for (unsigned i = 0; i < BURST; i++) {
		frame.bytes[50] = (uint8_t)i;
		fixture_receive(fixture_a, &frame, sizeof(frame));
	}
	/* It leaves room to the bursts of others, and had what it could get before these came. */
	fixture_wait_until_set_aside(set_aside + BURST);
	fixture_receive(fixture_c, &other, sizeof(other));
	struct miss *second = fixture_take_miss();

	for (unsigned i = 0; i < OTHER_BURST; i++)
		fixture_receive(fixture_c, &other, sizeof(other));
	fixture_wait_until_set_aside(set_aside + BURST + OTHER_BURST);
	fixture_mask_udp(&mask);
	assert_int_equal(
		flow_add(NULL, &miss->key, &mask, fixture_output(fixture_b), NULL, &flow), 0
	);
	miss_answer(miss, (struct program *)flow_program(flow));
	miss_drop(second, &drop_no_flow);
	fixture_settle();
	for (struct rte_mbuf *pkt; (pkt = fixture_sent(fixture_b)); n++) {
		if (n)
			assert_int_equal(rte_pktmbuf_mtod(pkt, uint8_t *)[50], (uint8_t)(n - 1));
		rte_pktmbuf_free(pkt);
	}
	assert_in_range(n, 1000, BURST);
	assert_int_equal(n + drop_count(fixture_a->id, full), BURST + 1);
	assert_int_equal(drop_count(fixture_c->id, full), 0);
	assert_int_equal(drop_count(fixture_c->id, &drop_no_flow), OTHER_BURST + 1);
	flow_del(flow);
}

/* A port whose new flows wait leaves others their shortest way. */
static void test_worker_goes_on_beside_misses(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct flow *flow = fixture_port_flow(fixture_c, fixture_output(fixture_b));
	uint64_t before = workers[0]->stats.whole_hits;
	unsigned n = 0;

	fixture_receive(fixture_a, &frame, sizeof(frame));
	struct miss *miss = fixture_take_miss();

	for (unsigned i = 0; i < 10; i++)
		fixture_receive(fixture_c, &frame, sizeof(frame));
	for (unsigned tries = 0; n < 10 && tries < 10000; tries++) {
		usleep(1000);
		n += fixture_n_sent(fixture_b);
	}
	assert_int_equal(n, 10);
	miss_drop(miss, &drop_no_flow);
	fixture_settle();
	assert_int_equal(workers[0]->stats.whole_hits - before, 10);
	flow_del(flow);
}

static void test_worker_misses_on_stale_flows_at_once(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct flow *flow = fixture_port_flow(fixture_a, fixture_output(fixture_b));

	flow_mark_stale(flow);
	fixture_receive(fixture_a, &frame, sizeof(frame));
	struct miss *miss = fixture_take_miss();

	flow_set_program(flow, fixture_output(fixture_c));
	miss_answer(miss, (struct program *)flow_program(flow));
	fixture_receive(fixture_a, &frame, sizeof(frame));
	fixture_settle();
	assert_int_equal(fixture_n_sent(fixture_c), 2);
	assert_int_equal(fixture_n_sent(fixture_b), 0);
	flow_del(flow);
}

static void test_worker_serves_misses_of_ports_in_turn(void **state)
{
	unsigned sent = misses_sent();
	struct frame frame;
	struct miss *misses[3];

	for (unsigned i = 0; i < 40; i++) {
		frame = fixture_udp(1, 2, i, 4);
		fixture_receive(fixture_a, &frame, sizeof(frame));
	}
	frame = fixture_udp(1, 2, 99, 4);
	fixture_receive(fixture_b, &frame, sizeof(frame));
	for (unsigned i = 0; i < 10000 && misses_sent() - sent < 41; i++)
		usleep(1000);
	assert_int_equal(miss_take(misses, 3), 3);
	unsigned from_b = 0;

	for (unsigned i = 0; i < 3; i++)
		from_b += misses[i]->key.base.in_port == fixture_b->id;
	assert_int_equal(from_b, 1);
	struct program *program = fixture_output(fixture_c);
	unsigned n = 0;

	for (unsigned i = 0; i < 3; i++)
		miss_answer(misses[i], program);
	while (miss_in_flight()) {
		if (miss_take(misses, 1)) {
			miss_answer(misses[0], program);
			n++;
		}
	}
	assert_int_equal(n, 38);
	fixture_settle();
	assert_int_equal(fixture_n_sent(fixture_c), 41);
	program_unref(program);
}

static void test_worker_drops_what_a_full_port_refuses(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct flow *flow = fixture_port_flow(fixture_a, fixture_output(fixture_b));
	struct port_stats stats;

	fixture_limit_tx(fixture_b, 0);
	for (unsigned i = 0; i < 10; i++)
		fixture_receive(fixture_a, &frame, sizeof(frame));
	fixture_settle();
	port_get_stats(fixture_b, &stats);
	assert_int_equal(stats.tx_dropped, 10);
	assert_int_equal(stats.tx_packets, 0);
	assert_int_equal(stats.tx_bytes, 0);
	port_get_stats(fixture_a, &stats);
	assert_int_equal(stats.rx_packets, 10);
	flow_del(flow);
}

static void test_worker_sends_through_queues_of_others(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct flow *from_a = fixture_port_flow(fixture_a, fixture_output(fixture_b));
	struct flow *from_c = fixture_port_flow(fixture_c, fixture_output(fixture_b));

	/* One send queue and two workers: one of them must hand over. */
	fixture_b->n_txqs = 1;
	fixture_start_workers(2);
	for (unsigned i = 0; i < 200; i++) {
		fixture_receive(fixture_a, &frame, sizeof(frame));
		fixture_receive(fixture_c, &frame, sizeof(frame));
	}
	fixture_settle();
	assert_int_equal(fixture_n_sent(fixture_b), 400);
	fixture_start_workers(1);
	flow_del(from_a);
	flow_del(from_c);
}

/* What a connection's frame says it is the how-manieth. */
static void set_number(struct frame *frame, uint32_t number)
{
	memcpy(frame->bytes + 50, &number, sizeof(number));
}

/* Takes what 'port' has sent, which must be the next after 'next', without gaps. */
static void check_order(struct port *port, uint32_t *next)
{
	struct rte_mbuf *pkt;
	uint32_t number;

	while ((pkt = fixture_sent(port))) {
		memcpy(&number, rte_pktmbuf_mtod(pkt, uint8_t *) + 50, sizeof(number));
		rte_pktmbuf_free(pkt);
		assert_int_equal(number, *next);
		++*next;
	}
}

/* Of the packets that are left of those ports, without a flow. */
static void drop_misses(void)
{
	struct miss *miss;

	do
		while (miss_take(&miss, 1))
			miss_drop(miss, &drop_no_flow);
	while (!workers_are_quiet());
}

static unsigned packets_in_use(void)
{
	return rte_mempool_in_use_count(pool_default());
}

/* Packets of the port that a worker has done with, except for those that wait: what is counted on the way
 * may be counted twice, as one that waits and is lost then. */
static uint64_t count_seen(const struct port *port)
{
	int worker;
	const struct rxq_load *load = plan_find_load(port->rxqs[0], &worker);

	assert_non_null(load);
	return __atomic_load_n(&load->packets, __ATOMIC_ACQUIRE);
}

/* More new flows than a port may ask about, with a packet behind each: what is not asked about is
 * counted, and neither packets nor entries are lost. */
static void test_worker_drops_what_cannot_be_asked(void **state)
{
	uint64_t refused = fixture_count_drops(fixture_a, "miss_queue_full");
	uint64_t unknown = fixture_count_drops(fixture_a, "no_flow");
	uint64_t before = count_seen(fixture_a);
	unsigned in_use = packets_in_use(), n;
	struct miss *miss;

	for (unsigned i = 0; i < 200; i++) {
		struct frame frame = fixture_udp(1, 2, i / 2, 4);

		fixture_receive(fixture_a, &frame, sizeof(frame));
	}
	for (unsigned tries = 0; count_seen(fixture_a) < before + 200 && tries < 10000; tries++)
		usleep(1000);
	assert_int_equal(count_seen(fixture_a), before + 200);
	while (miss_take(&miss, 1))
		miss_drop(miss, &drop_no_flow);
	fixture_settle();
	n = fixture_count_drops(fixture_a, "miss_queue_full") - refused;
	assert_int_equal(n % 2, 0);
	assert_true(n >= 200 - 2 * MISS_PORT_RING);
	assert_int_equal(n + fixture_count_drops(fixture_a, "no_flow") - unknown, 200);
	assert_int_equal(workers[0]->pending->n, 0);
	assert_int_equal(packets_in_use(), in_use);
}

/* Ports come and go with traffic of their own, from and to ports that stay, and so do workers. */
static void test_worker_goes_on_while_others_come_and_go(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct flow *flow = fixture_port_flow(fixture_a, fixture_output(fixture_b));
	unsigned in_use = packets_in_use();
	uint32_t n = 0, next = 0;

	for (unsigned i = 0; i < 150; i++) {
		struct port *guest = fixture_port("guest");
		struct flow *to_guest = fixture_port_flow(fixture_c, fixture_output(guest));
		struct flow *from_guest =
			fixture_port_flow(guest, fixture_outputs(fixture_b, fixture_c));

		guest->n_txqs = i % 2;
		flow_mark_stale(from_guest);
		flow_set_program(from_guest, fixture_output(fixture_c));
		for (unsigned k = 0; k < 40; k++) {
			set_number(&frame, n++);
			fixture_receive(fixture_a, &frame, sizeof(frame));
			fixture_receive(fixture_c, &frame, sizeof(frame));
			fixture_receive(guest, &frame, sizeof(frame));
		}
		fixture_start_workers(1 + i / 2 % 2);
		port_close(guest);
		flow_del(to_guest);
		flow_del(from_guest);
		check_order(fixture_b, &next);
		fixture_n_sent(fixture_c);
		drop_misses();
	}
	fixture_start_workers(1);
	fixture_settle();
	check_order(fixture_b, &next);
	assert_int_equal(next, n);
	fixture_n_sent(fixture_c);
	assert_int_equal(packets_in_use(), in_use);
	flow_del(flow);
}

struct answering {
	struct miss *miss;
	struct program *program;
};

static void *answer_late(void *context)
{
	struct answering *answering = context;

	epoch_register();
	epoch_offline();
	usleep(20000);
	epoch_online();
	miss_answer(answering->miss, answering->program);
	epoch_unregister();
	return NULL;
}

/* Of its two queues one is another worker's now and then, while its packets still wait there to be
 * sent by a third. */
static void test_worker_keeps_order_while_queues_move(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct flow *from_a = fixture_port_flow(fixture_a, fixture_output(fixture_b));
	struct flow *from_c = fixture_port_flow(fixture_c, fixture_output(fixture_b));
	struct port *d = fixture_port("d");
	struct flow *from_d = fixture_port_flow(d, fixture_output(fixture_b));
	uint32_t n = 0, next = 0;

	/* Queues that move the other way round each time. */
	fixture_b->n_txqs = 1;
	for (unsigned i = 0; i < 300; i++) {
		/* A worker that does not get its core must not have more left for it than it can
		 * keep. */
		for (unsigned tries = 0; n - next > 400 && tries < 20000; tries++) {
			usleep(100);
			check_order(fixture_b, &next);
		}
		for (unsigned k = 0; k < 200; k++) {
			set_number(&frame, n++);
			fixture_receive(d, &frame, sizeof(frame));
		}
		fixture_start_workers(1 + i % 2);
		check_order(fixture_b, &next);
	}
	fixture_settle();
	check_order(fixture_b, &next);
	assert_int_equal(next, n);
	flow_del(from_a);
	flow_del(from_c);
	flow_del(from_d);
	port_close(d);
}

/* The connection's first packets wait for a translator when their queue moves to another worker,
 * which finds the flow. */
static void test_worker_keeps_order_over_a_miss_and_a_move(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct key mask;
	struct flow *flow;
	uint32_t next = 0;

	fixture_start_workers(1);
	struct port *d = fixture_port("d");

	set_number(&frame, 0);
	fixture_receive(d, &frame, sizeof(frame));
	struct miss *miss = fixture_take_miss();

	fixture_mask_udp(&mask);
	assert_int_equal(
		flow_add(NULL, &miss->key, &mask, fixture_output(fixture_b), NULL, &flow), 0
	);
	struct answering answering = {miss, (struct program *)flow_program(flow)};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, answer_late, &answering), 0);
	for (uint32_t i = 1; i < 10; i++) {
		set_number(&frame, i);
		fixture_receive(d, &frame, sizeof(frame));
	}
	fixture_start_workers(2);
	usleep(5000);
	epoch_offline();
	pthread_join(thread, NULL);
	epoch_online();
	fixture_settle();
	check_order(fixture_b, &next);
	assert_int_equal(next, 10);
	fixture_start_workers(1);
	flow_del(flow);
	port_close(d);
}

/* How many pages of the memory nobody has touched. */
static unsigned n_missing(const void *memory, size_t size)
{
	unsigned n = (size + PAGE - 1) / PAGE, missing = 0;
	unsigned char *resident = xcalloc(n, 1);

	assert_int_equal(mincore((void *)(uintptr_t)memory, size, resident), 0);
	for (unsigned i = 0; i < n; i++)
		missing += !(resident[i] & 1);
	free(resident);
	return missing;
}

static bool kernel_fills(void)
{
	void *memory = pages_map(PAGE, false);

	pages_fill(memory, PAGE);
	unsigned missing = n_missing(memory, PAGE);

	pages_unmap(memory, PAGE);
	return !missing;
}

static unsigned n_missing_of_cache(const struct exact_cache *cache)
{
	return n_missing(cache->buckets, (cache->mask + 1ULL) * sizeof(struct bucket));
}

static void test_worker_has_its_memory_before_packets(void **state)
{
	if (!kernel_fills())
		skip();
	fixture_start_workers(2);
	/* Where there is no core for it, it gets queues all the same. */
	while (!__atomic_load_n(&workers[1]->ready, __ATOMIC_ACQUIRE))
		usleep(1000);
	assert_int_equal(n_missing_of_cache(workers[1]->exact_wanted), 0);
	assert_int_equal(n_missing(workers[1]->outboxes, PORT_IDS / 2 * sizeof(struct outbox)), 0);
	fixture_start_workers(1);
}

static uint64_t count_sleeps(const struct worker *worker)
{
	return __atomic_load_n(&worker->stats.sleeps, __ATOMIC_RELAXED);
}

/* What it would wait for is not made before it has queues. */
static void test_worker_without_queues_sleeps(void **state)
{
	port_close(fixture_b);
	port_close(fixture_c);
	fixture_start_workers(2);
	const struct worker *idle = workers[0]->plan->n_rxqs ? workers[1] : workers[0];

	assert_int_equal(idle->plan->n_rxqs, 0);
	uint64_t before = count_sleeps(idle);

	usleep(100000);
	/* The shortest are of 10 microseconds. */
	assert_in_range(count_sleeps(idle) - before, 0, 10000);
	fixture_start_workers(1);
	fixture_b = fixture_port("b");
	fixture_c = fixture_port("c");
}

static void test_worker_keeps_its_cache_when_that_is_switched_off(void **state)
{
	struct worker_config config = {.cores = {1}, .exact = {.off = true}};
	const struct bucket *before = workers[0]->exact_wanted->buckets;
	struct errbuf err;

	assert_int_equal(workers_configure(&config, &err), 0);
	assert_true(workers[0]->exact_wanted->off);
	assert_ptr_equal(workers[0]->exact_wanted->buckets, before);
	config.exact.off = false;
	assert_int_equal(workers_configure(&config, &err), 0);
	assert_false(workers[0]->exact_wanted->off);
	assert_ptr_equal(workers[0]->exact_wanted->buckets, before);

	config.exact.entries = 1 << 20;
	assert_int_equal(workers_configure(&config, &err), 0);
	if (kernel_fills())
		assert_int_equal(n_missing_of_cache(workers[0]->exact_wanted), 0);
	test_worker_forwards_by_port(state);
	config.exact.entries = 0;
	assert_int_equal(workers_configure(&config, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_worker_has_its_memory_before_packets),
		FIXTURE_TEST(test_worker_without_queues_sleeps),
		FIXTURE_TEST(test_worker_keeps_its_cache_when_that_is_switched_off),
		FIXTURE_TEST(test_worker_forwards_by_port),
		FIXTURE_TEST(test_worker_counts_no_runts_for_flows),
		FIXTURE_TEST(test_worker_counts_what_devices_find_malformed),
		FIXTURE_TEST(test_worker_copies_to_all_but_the_last),
		FIXTURE_TEST(test_worker_sends_beginnings_as_they_are),
		FIXTURE_TEST(test_worker_keeps_order_over_a_miss),
		FIXTURE_TEST(test_worker_goes_on_beside_misses),
		FIXTURE_TEST(test_worker_lets_a_burst_wait),
		FIXTURE_TEST(test_worker_misses_on_stale_flows_at_once),
		FIXTURE_TEST(test_worker_serves_misses_of_ports_in_turn),
		FIXTURE_TEST(test_worker_drops_what_a_full_port_refuses),
		FIXTURE_TEST(test_worker_sends_through_queues_of_others),
		FIXTURE_TEST(test_worker_drops_what_cannot_be_asked),
		FIXTURE_TEST(test_worker_goes_on_while_others_come_and_go),
		FIXTURE_TEST(test_worker_keeps_order_while_queues_move),
		FIXTURE_TEST(test_worker_keeps_order_over_a_miss_and_a_move),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/encap_plain.h"

#include <stdlib.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_mbuf.h>

#include "datapath/capture/take.h"
#include "datapath/fast/execute.h"
#include "datapath/ops/encap.h"
#include "datapath/pool.h"
#include "datapath/program_priv.h"
#include "datapath/tunnel/tunnel.h"
#include "datapath/worker_priv.h"
#include "lib/errbuf.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

enum {
	ROUNDS = 300,
	SHORTEST = 42,
	LONGEST = 1500,
	LITTLE_ROOM = 40,
	ETH = 14,
};

static struct worker *worker;
static struct port *tunnels[2];
static struct rte_mbuf *by_op[BATCH_SIZE]; /* what the op makes of the packets of a batch */

/* UDP in IPv4 with some length, TOS and ports, now and then without enough room in front. */
static void make(uint8_t *frame, unsigned length)
{
	struct rte_ipv4_hdr *ip = (void *)(frame + ETH);

	for (unsigned i = 0; i < length; i++)
		frame[i] = (uint8_t)random();
	memcpy(frame + 12, "\x08\x00\x45", 3);
	ip->total_length = be16_from((uint16_t)(length - ETH));
	ip->fragment_offset = random() % 10 ? 0 : be16_from(0x2000);
	ip->next_proto_id = 17;
}

static unsigned random_length(void)
{
	return SHORTEST + (unsigned)random() % (LONGEST - SHORTEST + 1);
}

static struct rte_mbuf *packet_of(const uint8_t *frame, unsigned length, bool little_room)
{
	struct rte_mbuf *pkt = fixture_packet();

	assert_non_null(pkt);
	if (little_room)
		pkt->data_off = LITTLE_ROOM;
	memcpy(rte_pktmbuf_append(pkt, (uint16_t)length), frame, length);
	pkt->port = 1;
	return pkt;
}

static struct program *make_program(void)
{
	const struct port *tunnel = tunnels[random() % 2];
	struct program_builder b;
	struct encap_wish wish = {
		.tunnel = tunnel->tunnel,
		.port_id = tunnel->id,
		.src = ipaddr_from_v4((be32)random()),
		.dst = ipaddr_from_v4((be32)random()),
		.tos = (uint8_t)(random() % 64 << 2),
		.ttl = (uint8_t)random(),
	};

	program_begin(&b);
	encap_add(&b, &wish, &(struct tunnel_wish){.id = (be64)random()});
	program_add_output(&b, 1);
	return program_intern(&b);
}

static void assert_same(struct rte_mbuf *a, struct rte_mbuf *b)
{
	uint8_t room_a[2 * LONGEST], room_b[2 * LONGEST];

	assert_int_equal(a->pkt_len, b->pkt_len);
	const uint8_t *bytes = rte_pktmbuf_read(b, 0, b->pkt_len, room_b);

	assert_memory_equal(rte_pktmbuf_read(a, 0, a->pkt_len, room_a), bytes, a->pkt_len);
	assert_int_equal(rte_raw_cksum(bytes + ETH, sizeof(struct rte_ipv4_hdr)), UINT16_MAX);
	rte_pktmbuf_free(a);
	rte_pktmbuf_free(b);
}

static void test_encap_plain_does_what_the_op_does(void **state)
{
	uint8_t frame[LONGEST], places[BATCH_SIZE];

	srandom(1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct program *program = make_program();
		const struct program_op *op = &program->ops[0];
		struct batch batch = {.n = (uint16_t)(1 + random() % BATCH_SIZE)};
		bool all_plain = random() % 2, alike = random() % 2;
		unsigned length = random_length();
		uint8_t tos = (uint8_t)random();

		assert_true(program->encaps);
		BATCH_FOREACH(i, &batch) {
			bool little_room = !all_plain && random() % 4 == 0;

			if (!alike)
				length = random_length();
			make(frame, length);
			if (alike && random() % 64)
				frame[ETH + 1] = tos;
			by_op[i] = packet_of(frame, length, little_room);
			batch.pkts[i] = packet_of(frame, length, little_room);
			places[i] = (uint8_t)i;
		}
		parse_batch(worker, &batch);
		BATCH_FOREACH(i, &batch) {
			assert_true(execute_set_meta(worker, i, by_op[i]));
			assert_int_equal(op->run(worker, op->args, &by_op[i], 1), 1);
		}
		assert_int_equal(
			encap_run_plain(worker, op->args, batch.pkts, places, batch.n, 0), batch.n
		);
		BATCH_FOREACH(i, &batch)
			assert_same(by_op[i], batch.pkts[i]);
		program_unref(program);
	}
	/* Each packet was counted twice, by either way. */
	for (unsigned i = 0; i < ARRAY_LENGTH(tunnels); i++) {
		const struct port_counters *c = &worker->port_counters[tunnels[i]->id];

		assert_true(c->tx_packets > ROUNDS && c->tx_packets % 2 == 0);
		assert_true(c->tx_bytes > c->tx_packets * SHORTEST && c->tx_bytes % 2 == 0);
	}
}

static int start(void **state)
{
	json_t *options = json_pack("{s:s, s:s}", "remote_ip", "flow", "key", "flow");
	int error = fixture_start(state);
	struct errbuf err;

	tunnels[0] = port_open("vxlan", "vxlan", options, &err);
	tunnels[1] = port_open("geneve", "geneve", options, &err);
	json_decref(options);
	worker = fixture_worker_new();
	return error || !tunnels[0] || !tunnels[1];
}

static int stop(void **state)
{
	port_close(tunnels[0]);
	port_close(tunnels[1]);
	fixture_worker_free(worker);
	return fixture_stop(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encap_plain_does_what_the_op_does),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

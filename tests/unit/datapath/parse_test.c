/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/fast/meta.h"
#include "datapath/worker_priv.h"
#include "lib/flow/compose.h"
#include "lib/xmalloc.h"
#include "tests/unit/datapath/fixture.h"

enum {
	IN_PORT = 7,
	FRAME_MAX = 2048,
	ROUNDS = 3000,
};

static struct worker *worker;

static int make_worker(void **state)
{
	int error = fixture_start(state);

	worker = fixture_worker_new();
	worker->in_port = IN_PORT;
	return error;
}

static int free_worker(void **state)
{
	fixture_worker_free(worker);
	return fixture_stop(state);
}

static void fill(void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)p)[i] = rand();
}

static void random_l4(struct key *key, const uint8_t *protos, unsigned n)
{
	key->base.ip_proto = protos[rand() % n];
	fill(&key->base.l4_src, 4);
	switch (key->base.ip_proto) {
	case 6:
		key->base.tcp_flags = be16_from(rand() & 0xfff);
		break;
	case 1:
	case 58:
		/* One byte each on the wire. */
		key->base.l4_src &= 0xff00;
		key->base.l4_dst &= 0xff00;
		break;
	case 17:
	case 132:
		break;
	default:
		key->base.l4_src = 0;
		key->base.l4_dst = 0;
	}
}

static void random_ipv4(struct key *key)
{
	static const uint8_t protos[] = {1, 6, 6, 17, 17, 132, 47};

	key->base.eth_type = be16_from(0x0800);
	fill(&key->base.ip_src, 8);
	key->base.ip_tos = rand();
	key->base.ip_ttl = rand();
	random_l4(key, protos, sizeof(protos));
	if (rand() % 4)
		return;
	key->base.ip_frag = rand() % 2 ? KEY_FRAG_ANY : KEY_FRAG_ANY | KEY_FRAG_LATER;
	if (key->base.ip_frag & KEY_FRAG_LATER) {
		key->base.l4_src = key->base.l4_dst = 0;
		key->base.tcp_flags = 0;
	}
}

static void random_ipv6(struct key *key)
{
	static const uint8_t protos[] = {6, 17, 58, 58, 132};

	key->base.eth_type = be16_from(0x86dd);
	key->base.blocks |= KEY_HAS(KEY_BLOCK_IPV6);
	fill(key->ipv6.src, 32);
	key->ipv6.label = be32_from(rand() & 0xfffff);
	key->base.ip_tos = rand();
	key->base.ip_ttl = rand();
	random_l4(key, protos, sizeof(protos));
	if (key->base.ip_proto == 58 && rand() % 2) {
		key->base.l4_src = be16_from(rand() % 2 ? 135 : 136);
		key->base.l4_dst = 0;
		key->base.blocks |= KEY_HAS(KEY_BLOCK_EXTRA);
		fill(&key->extra.nd_reserved, 4);
		fill(key->ipv6.nd_target, 16);
		fill(&key->ipv6.nd_sll, 6);
		key->extra.nd_options_type = 1;
	} else if (key->base.l4_src == be16_from(135) || key->base.l4_src == be16_from(136)) {
		key->base.l4_src = be16_from(128);
	}
}

static void random_arp(struct key *key)
{
	key->base.eth_type = be16_from(rand() % 4 ? 0x0806 : 0x8035);
	key->base.blocks |= KEY_HAS(KEY_BLOCK_EXTRA);
	key->base.ip_proto = rand();
	fill(&key->base.ip_src, 8);
	fill(&key->extra.arp_sha, 12);
}

static void random_mpls(struct key *key)
{
	unsigned n = 1 + rand() % 3;

	key->base.eth_type = be16_from(0x8847);
	key->base.blocks |= KEY_HAS(KEY_BLOCK_EXTRA);
	for (unsigned i = 0; i < n; i++)
		key->extra.mpls[i] = be32_from((rand() & 0xfffffe00) | (i + 1 == n ? 0x100 : 0));
}

/* Types that say nothing to the parser, the first and last of them, and neighbours of those that do. */
static void random_type(struct key *key)
{
	static const uint16_t types[] = {
		0x0600, 0x0801, 0x6558, 0x8036, 0x8101, 0x86de, 0x8846, 0x8849, 0x88b5, 0xffff};

	key->base.eth_type = be16_from(types[rand() % ARRAY_LENGTH(types)]);
}

static void random_key(struct key *key)
{
	memset(key, 0, sizeof(*key));
	key->base.in_port = IN_PORT;
	fill(&key->base.eth_dst, 12);
	if (rand() % 3 == 0) {
		key->base.vlan_tci = be16_from((rand() & 0xefff) | KEY_VLAN_PRESENT);
		key->base.vlan_tpid = be16_from(rand() % 2 ? 0x8100 : 0x88a8);
		if (rand() % 3 == 0) {
			key->base.blocks |= KEY_HAS(KEY_BLOCK_EXTRA);
			key->extra.vlan_tci2 = be16_from((rand() & 0xefff) | KEY_VLAN_PRESENT);
			key->extra.vlan_tpid2 = be16_from(0x8100);
		}
	}
	switch (rand() % 7) {
	case 0:
		random_arp(key);
		break;
	case 1:
		random_mpls(key);
		break;
	case 2:
		random_ipv6(key);
		break;
	case 3:
		key->base.eth_type = be16_from(0x05ff);
		break;
	case 4:
		random_type(key);
		break;
	default:
		random_ipv4(key);
	}
}

/* A packet whose bytes stand at the very end of heap memory, in one piece or in two: whoever reads
 * behind them is found out by the address sanitizer. */
struct tight_packet {
	struct rte_mbuf pkt[2];
};

static void exact_piece(struct tight_packet *p, unsigned i, const uint8_t *bytes, unsigned length)
{
	p->pkt[i].buf_addr = xmalloc(length);
	memcpy(p->pkt[i].buf_addr, bytes, length);
	p->pkt[i].buf_len = length;
	p->pkt[i].data_len = length;
}

static void tight_new(struct tight_packet *p, const uint8_t *bytes, unsigned length, unsigned split)
{
	memset(p, 0, sizeof(*p));
	exact_piece(p, 0, bytes, split);
	p->pkt[0].pkt_len = length;
	p->pkt[0].nb_segs = 1;
	if (split == length)
		return;
	exact_piece(p, 1, bytes + split, length - split);
	p->pkt[0].nb_segs = 2;
	p->pkt[0].next = &p->pkt[1];
}

static void tight_free(struct tight_packet *p)
{
	free(p->pkt[0].buf_addr);
	free(p->pkt[1].buf_addr);
}

static void assert_keys_equal(const struct key *a, const struct key *b)
{
	for (unsigned i = 0; i < KEY_N_PACKET_BLOCKS; i++)
		assert_memory_equal(a->block[i], b->block[i], KEY_BLOCK_SIZE);
}

/* Parses the bytes as one piece and as two, by both parsers: all must say the same. */
static void parse_all_ways(const uint8_t *bytes, unsigned length, struct key *key)
{
	uint8_t *copy = malloc(length);
	unsigned splits[] = {length, rand() % length, length < 60 ? length : 60};

	memcpy(copy, bytes, length);
	assert_int_equal(parse_frame(copy, length, length, IN_PORT, key), 0);
	free(copy);
	for (unsigned i = 0; i < ARRAY_LENGTH(splits); i++) {
		struct batch batch = {.n = 1};
		struct tight_packet p;
		struct key by_batch;

		tight_new(&p, bytes, length, splits[i]);
		batch.pkts[0] = &p.pkt[0];
		parse_batch(worker, &batch);
		keys_get(&worker->keys, 0, &by_batch);
		tight_free(&p);
		assert_keys_equal(&by_batch, key);
	}
}

static void test_parse_reads_what_compose_writes(void **state)
{
	uint8_t bytes[FRAME_MAX];

	srand(1);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct key written, read;

		random_key(&written);
		/* Payload behind options of neighbour discovery would be wrong options. */
		unsigned wanted = written.extra.nd_options_type ? 0 : 60 + rand() % 60;
		unsigned length = compose_packet(&written, bytes, sizeof(bytes), wanted);

		parse_all_ways(bytes, length, &read);
		assert_keys_equal(&read, &written);
	}
}

static void test_parse_survives_truncation(void **state)
{
	uint8_t bytes[FRAME_MAX];

	srand(2);
	for (unsigned i = 0; i < ROUNDS / 20; i++) {
		struct key key, cut;

		random_key(&key);
		unsigned length = compose_packet(&key, bytes, sizeof(bytes), 64);

		for (unsigned n = 14; n <= length; n++) {
			parse_all_ways(bytes, n, &cut);
			assert_memory_equal(&cut.base.eth_dst, &key.base.eth_dst, 12);
		}
	}
}

/* OpenFlow takes mobility (RFC 6275) for what an IPv6 packet carries, and knows nothing behind it. */
static void test_parse_ends_at_mobility(void **state)
{
	enum {
		MOBILITY = 135,
		NO_NEXT = 59,
	};
	uint8_t frame[14 + 40 + 8] = {[12] = 0x86, 0xdd, 0x60, [19] = 8, MOBILITY, 64};
	struct key key;

	frame[14 + 40] = NO_NEXT;
	assert_int_equal(parse_frame(frame, sizeof(frame), sizeof(frame), IN_PORT, &key), 0);
	assert_int_equal(key.base.ip_proto, MOBILITY);
	assert_int_equal(key.extra.ipv6_exthdr, 0);
}

static void test_parse_survives_damage(void **state)
{
	uint8_t bytes[FRAME_MAX];

	srand(3);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct key key, damaged;

		random_key(&key);
		unsigned length = compose_packet(&key, bytes, sizeof(bytes), 14 + rand() % 100);

		for (unsigned k = rand() % 8; k > 0; k--)
			bytes[12 + rand() % (length - 12)] = rand();
		parse_all_ways(bytes, length, &damaged);
	}
}

static void test_parse_same_connection_same_hash(void **state)
{
	struct frame a = fixture_udp(1, 2, 3, 4);
	struct frame b = a;
	struct frame c = fixture_udp(1, 2, 3, 5);
	struct batch batch = {.n = 3};
	struct tight_packet p[3];

	b.bytes[22] = 63; /* TTL */
	b.bytes[15] = 0x10; /* TOS */
	tight_new(&p[0], a.bytes, sizeof(a), sizeof(a));
	tight_new(&p[1], b.bytes, sizeof(b), sizeof(b));
	tight_new(&p[2], c.bytes, sizeof(c), sizeof(c));
	for (unsigned i = 0; i < 3; i++)
		batch.pkts[i] = &p[i].pkt[0];
	parse_batch(worker, &batch);
	for (unsigned i = 0; i < 3; i++)
		tight_free(&p[i]);
	assert_int_equal(worker->keys.hashes[0], worker->keys.hashes[1]);
	assert_int_not_equal(worker->keys.hashes[0], worker->keys.hashes[2]);
}

/* Short frames and long ones are read in different ways. */
static void test_parse_same_type_same_hash(void **state)
{
	uint8_t bytes[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5};
	struct batch batch = {.n = 1};
	uint32_t hashes[2];

	for (unsigned i = 0; i < 2; i++) {
		struct tight_packet p;
		unsigned length = i ? sizeof(bytes) : 14;

		tight_new(&p, bytes, length, length);
		batch.pkts[0] = &p.pkt[0];
		parse_batch(worker, &batch);
		tight_free(&p);
		hashes[i] = worker->keys.hashes[0];
		assert_int_equal(worker->keys.starts[0].l3, 0);
		assert_int_equal(worker->keys.starts[0].l4, 0);
	}
	assert_int_equal(hashes[0], hashes[1]);
}

/* A packet that came out of the tunnel, which said this and that of it. */
static struct rte_mbuf *inner_packet(const struct inner_tunnel *tunnel)
{
	struct rte_mbuf *pkt = fixture_packet();
	struct meta *meta = meta_of(pkt);
	uint8_t bytes[FRAME_MAX];
	struct key key;

	random_key(&key);
	unsigned wanted = key.extra.nd_options_type ? 0 : 60 + rand() % 60;
	unsigned length = compose_packet(&key, bytes, sizeof(bytes), wanted);

	memcpy(rte_pktmbuf_append(pkt, (uint16_t)length), bytes, length);
	memset(meta, 0, sizeof(*meta));
	meta->tun_id = tunnel->id;
	memcpy(&meta->tun_src, &tunnel->ips, sizeof(tunnel->ips));
	fill(&meta->tun_flags, sizeof(uint64_t));
	return pkt;
}

/* Packets of one tunnel are parsed in one go as others are in two. */
static void test_parse_inside_reads_as_two_parses_do(void **state)
{
	static struct key keys[BATCH_SIZE];
	uint32_t hashes[BATCH_SIZE];
	struct header_starts starts[BATCH_SIZE];

	srand(4);
	for (unsigned round = 0; round < ROUNDS / 20; round++) {
		struct batch batch = {.n = 1 + rand() % BATCH_SIZE};
		struct inner_tunnel tunnel;

		fill(&tunnel, sizeof(tunnel));
		BATCH_FOREACH(i, &batch)
			batch.pkts[i] = inner_packet(&tunnel);
		parse_batch(worker, &batch);
		parse_tunnels(worker, &batch);
		BATCH_FOREACH(i, &batch)
			keys_get(&worker->keys, i, &keys[i]);
		memcpy(hashes, worker->keys.hashes, sizeof(hashes));
		memcpy(starts, worker->keys.starts, sizeof(starts));
		parse_inside(worker, &batch, &tunnel);
		BATCH_FOREACH(i, &batch) {
			struct key key;

			keys_get(&worker->keys, i, &key);
			assert_int_equal(key.base.tun_id, tunnel.id);
			assert_keys_equal(&key, &keys[i]);
			assert_int_equal(worker->keys.hashes[i], hashes[i]);
			assert_int_equal(worker->keys.starts[i].l3, starts[i].l3);
			assert_int_equal(worker->keys.starts[i].l4, starts[i].l4);
			rte_pktmbuf_free(batch.pkts[i]);
		}
	}
}

static void assert_fault(const struct frame *frame, enum parse_fault fault, bool ip_is_read)
{
	uint64_t before = worker->keys.faults[fault];
	struct batch batch = {.n = 1};
	struct tight_packet p;
	struct key key;

	tight_new(&p, frame->bytes, sizeof(frame->bytes), sizeof(frame->bytes));
	batch.pkts[0] = &p.pkt[0];
	parse_batch(worker, &batch);
	keys_get(&worker->keys, 0, &key);
	tight_free(&p);
	assert_int_equal(worker->keys.faults[fault], before + 1);
	/* It is switched by what stands before the fault, and no op touches what does not. */
	assert_int_equal(key.base.eth_type, be16_from(0x0800));
	assert_int_equal(key.base.ip_src != 0, ip_is_read);
	assert_int_equal(worker->keys.starts[0].l3 != 0, ip_is_read);
	assert_int_equal(worker->keys.starts[0].l4, 0);
}

static void test_parse_counts_faults(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);

	frame.bytes[14] = 0x44;
	assert_fault(&frame, PARSE_IP_WRONG, false);
	frame.bytes[14] = 0x65;
	assert_fault(&frame, PARSE_IP_WRONG, false);
	frame.bytes[14] = 0x4f;
	assert_fault(&frame, PARSE_IP_WRONG, false);
	frame.bytes[14] = 0x45;
	frame.bytes[16] = 0xff;
	assert_fault(&frame, PARSE_IP_WRONG, false);
	frame.bytes[16] = 0;
	frame.bytes[17] = 27;
	assert_fault(&frame, PARSE_L4_CUT, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_reads_what_compose_writes),
		cmocka_unit_test(test_parse_survives_truncation),
		cmocka_unit_test(test_parse_ends_at_mobility),
		cmocka_unit_test(test_parse_survives_damage),
		cmocka_unit_test(test_parse_same_connection_same_hash),
		cmocka_unit_test(test_parse_same_type_same_hash),
		cmocka_unit_test(test_parse_inside_reads_as_two_parses_do),
		cmocka_unit_test(test_parse_counts_faults),
	};

	return cmocka_run_group_tests(tests, make_worker, free_worker);
}

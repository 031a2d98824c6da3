/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/fast/meta.h"
#include "datapath/fast/recirc.h"
#include "datapath/ops/dec_ttl.h"
#include "datapath/ops/output.h"
#include "datapath/ops/pop_vlan.h"
#include "datapath/ops/push_vlan.h"
#include "datapath/ops/recirc.h"
#include "datapath/ops/set_eth.h"
#include "datapath/ops/set_ipv4.h"
#include "datapath/ops/set_ipv6.h"
#include "datapath/ops/set_l4.h"
#include "datapath/ops/set_vlan.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "tests/unit/datapath/fixture.h"

enum {
	L3 = 14,
	ROUNDS = 2000,
};

static struct rte_mbuf *packet_new(unsigned length)
{
	struct rte_mbuf *pkt = fixture_packet();

	assert_non_null(pkt);
	uint8_t *bytes = (uint8_t *)rte_pktmbuf_append(pkt, length);

	for (unsigned i = 0; i < length; i++)
		bytes[i] = rand();
	return pkt;
}

static void set_meta(struct rte_mbuf *pkt, uint16_t type, uint8_t proto, unsigned l4)
{
	*meta_of(pkt) = (struct meta){
		.l3 = pkt->data_off + L3,
		.l4 = pkt->data_off + l4,
		.eth_type = be16_from(type),
		.ip_proto = proto,
	};
}

/* Random bytes with valid headers and checksums around them. */
static struct rte_mbuf *ipv4_new(uint8_t proto)
{
	struct rte_mbuf *pkt = packet_new(100);
	uint8_t *frame = rte_pktmbuf_mtod(pkt, uint8_t *);
	struct rte_ipv4_hdr *ip = (void *)(frame + L3);
	uint8_t *l4 = (uint8_t *)(ip + 1);
	uint16_t sum;

	frame[12] = 8;
	frame[13] = 0;
	ip->version_ihl = 0x45;
	ip->total_length = be16_from(86);
	ip->fragment_offset = 0;
	ip->next_proto_id = proto;
	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	if (proto == IPPROTO_UDP)
		memcpy(l4 + 4, &(be16){be16_from(66)}, 2);
	l4[proto == IPPROTO_UDP ? 6 : 16] = 0;
	l4[proto == IPPROTO_UDP ? 7 : 17] = 0;
	sum = rte_ipv4_udptcp_cksum(ip, l4);
	memcpy(l4 + (proto == IPPROTO_UDP ? 6 : 16), &sum, 2);
	set_meta(pkt, 0x0800, proto, L3 + 20);
	return pkt;
}

static struct rte_mbuf *ipv6_new(void)
{
	struct rte_mbuf *pkt = packet_new(100);
	uint8_t *frame = rte_pktmbuf_mtod(pkt, uint8_t *);
	struct rte_ipv6_hdr *ip = (void *)(frame + L3);
	uint8_t *l4 = (uint8_t *)(ip + 1);
	uint16_t sum;

	frame[12] = 0x86;
	frame[13] = 0xdd;
	ip->vtc_flow = be32_from(0x60000000 | (rand() & 0xfffffff));
	ip->payload_len = be16_from(46);
	ip->proto = IPPROTO_TCP;
	l4[16] = l4[17] = 0;
	sum = rte_ipv6_udptcp_cksum(ip, l4);
	memcpy(l4 + 16, &sum, 2);
	set_meta(pkt, 0x86dd, IPPROTO_TCP, L3 + 40);
	return pkt;
}

static void assert_ipv4_sums(struct rte_mbuf *pkt)
{
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(pkt, void *, L3);
	uint16_t sum = rte_raw_cksum(ip, sizeof(*ip));

	assert_int_equal(sum, 0xffff);
	assert_int_equal(rte_ipv4_udptcp_cksum_verify(ip, ip + 1), 0);
}

static void run(const struct op_type *op, const void *args, struct rte_mbuf *pkt)
{
	assert_int_equal(op->run(NULL, args, &pkt, 1), 1);
}

static void assert_format(const struct op_type *op, const void *args, const char *expected)
{
	struct strbuf text = STRBUF_INIT;

	op->format(args, &text);
	assert_string_equal(strbuf_text(&text), expected);
	strbuf_fini(&text);
}

/* Protocol 58 in IPv4 has no checksum of ICMPv6, and perhaps no bytes where one would be. */
static void test_set_ipv4_leaves_payload_alone(void **state)
{
	struct rte_mbuf *pkt = ipv4_new(IPPROTO_TCP);
	const struct op_set_ipv4 set = {.src = 0x01020304, .src_mask = UINT32_MAX};
	uint8_t before[66];

	set_meta(pkt, 0x0800, IPPROTO_ICMPV6, L3 + 20);
	memcpy(before, rte_pktmbuf_mtod_offset(pkt, void *, L3 + 20), sizeof(before));
	run(&op_set_ipv4, &set, pkt);
	assert_memory_equal(rte_pktmbuf_mtod_offset(pkt, void *, L3 + 20), before, sizeof(before));
	rte_pktmbuf_free(pkt);
}

static void test_set_ipv4_keeps_checksums(void **state)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct rte_mbuf *pkt = ipv4_new(i % 2 ? IPPROTO_UDP : IPPROTO_TCP);
		struct op_set_ipv4 set = {
			.src_mask = rand() | (uint32_t)rand() << 16,
			.dst_mask = i % 3 ? UINT32_MAX : 0,
			.tos_mask = rand(),
			.ttl_mask = i % 5 ? 0 : 0xff,
		};
		const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(pkt, void *, L3);
		uint32_t old_src = ip->src_addr;

		set.src = (uint32_t)rand() & set.src_mask;
		set.dst = (uint32_t)rand() & set.dst_mask;
		set.tos = rand() & set.tos_mask;
		set.ttl = rand() & set.ttl_mask;
		run(&op_set_ipv4, &set, pkt);
		assert_ipv4_sums(pkt);
		assert_int_equal(ip->src_addr, (old_src & ~set.src_mask) | set.src);
		rte_pktmbuf_free(pkt);
	}
}

static void test_set_l4_keeps_checksums(void **state)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint8_t proto = i % 2 ? IPPROTO_UDP : IPPROTO_TCP;
		struct rte_mbuf *pkt = ipv4_new(proto);
		struct op_set_l4 set = {
			.ip_proto = proto,
			.src_mask = UINT16_MAX,
			.dst_mask = rand(),
		};

		set.src = rand();
		set.dst = rand() & set.dst_mask;
		run(&op_set_l4, &set, pkt);
		assert_ipv4_sums(pkt);
		assert_int_equal(*rte_pktmbuf_mtod_offset(pkt, uint16_t *, L3 + 20), set.src);
		rte_pktmbuf_free(pkt);
	}
}

static void test_set_l4_leaves_other_protocols_alone(void **state)
{
	struct rte_mbuf *pkt = ipv4_new(IPPROTO_TCP);
	struct op_set_l4 set = {.ip_proto = IPPROTO_UDP, .src = 1, .src_mask = UINT16_MAX};
	uint8_t before[100];

	memcpy(before, rte_pktmbuf_mtod(pkt, void *), sizeof(before));
	run(&op_set_l4, &set, pkt);
	assert_memory_equal(before, rte_pktmbuf_mtod(pkt, void *), sizeof(before));
	rte_pktmbuf_free(pkt);
}

static void test_set_ipv4_leaves_partial_checksums_partial(void **state)
{
	struct rte_mbuf *pkt = ipv4_new(IPPROTO_TCP);
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(pkt, void *, L3);
	uint16_t *sum = rte_pktmbuf_mtod_offset(pkt, uint16_t *, L3 + 36);
	struct op_set_ipv4 set = {.dst = 0x01020304, .dst_mask = UINT32_MAX};

	pkt->ol_flags = RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_IPV4;
	*sum = rte_ipv4_phdr_cksum(ip, 0);
	run(&op_set_ipv4, &set, pkt);
	assert_int_equal(*sum, rte_ipv4_phdr_cksum(ip, 0));
	rte_pktmbuf_free(pkt);
}

static void test_set_ipv6_keeps_checksums(void **state)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct rte_mbuf *pkt = ipv6_new();
		const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod_offset(pkt, void *, L3);
		struct op_set_ipv6 set = {.tclass = rand(), .tclass_mask = 0xff};

		for (unsigned k = 0; k < 16; k++) {
			set.dst_mask[k] = rand();
			set.dst[k] = rand() & set.dst_mask[k];
		}
		run(&op_set_ipv6, &set, pkt);
		assert_int_equal(rte_ipv6_udptcp_cksum_verify(ip, ip + 1), 0);
		assert_int_equal(be32_to(ip->vtc_flow) >> 28, 6);
		assert_int_equal(be32_to(ip->vtc_flow) >> 20 & 0xff, set.tclass);
		rte_pktmbuf_free(pkt);
	}
}

/* The checksum counts the address that the routing header ends with, not the next one. */
static void test_set_ipv6_knows_routing_headers(void **state)
{
	enum {
		ROUTING = 43,
		SIZE = 24, /* with one address */
	};
	struct op_set_ipv6 set = {.dst = {1}, .dst_mask = {0xff}};
	struct rte_mbuf *pkt = ipv6_new();
	struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod_offset(pkt, void *, L3);
	uint8_t *routing = (uint8_t *)(ip + 1), *l4 = routing + SIZE;
	uint16_t before;

	memset(routing, 0, SIZE);
	routing[0] = IPPROTO_TCP;
	routing[1] = SIZE / 8 - 1;
	ip->proto = ROUTING;
	ip->dst_addr[0] = 0;
	set_meta(pkt, 0x86dd, IPPROTO_TCP, L3 + 40 + SIZE);
	for (uint8_t left = 0; left < 2; left++) {
		routing[3] = left;
		ip->dst_addr[0] = 0;
		memcpy(&before, l4 + 16, sizeof(before));
		run(&op_set_ipv6, &set, pkt);
		assert_int_equal(ip->dst_addr[0], 1);
		assert_int_equal(!memcmp(&before, l4 + 16, sizeof(before)), left);
	}
	rte_pktmbuf_free(pkt);
}

static void test_dec_ttl_keeps_checksums(void **state)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct rte_mbuf *pkt = ipv4_new(IPPROTO_UDP);
		struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(pkt, void *, L3);
		uint8_t ttl = ip->time_to_live;

		if (ttl > 1) {
			run(&op_dec_ttl, NULL, pkt);
			assert_int_equal(ip->time_to_live, ttl - 1);
			assert_ipv4_sums(pkt);
		}
		rte_pktmbuf_free(pkt);
	}
}

static void test_vlan_tags_come_and_go(void **state)
{
	struct rte_mbuf *pkt = ipv4_new(IPPROTO_UDP);
	struct op_push_vlan push = {.tpid = be16_from(0x8100), .tci = be16_from(0x6005)};
	struct op_set_vlan set = {.tci = be16_from(7), .keep = be16_from(0xf000)};
	struct op_set_ipv4 set_ip = {.dst = 1, .dst_mask = UINT32_MAX};
	static const uint8_t tag[] = {0x81, 0x00, 0x60, 0x05, 0x08, 0x00};
	static const uint8_t changed[] = {0x81, 0x00, 0x60, 0x07, 0x08, 0x00};
	uint8_t before[100];

	memcpy(before, rte_pktmbuf_mtod(pkt, void *), sizeof(before));
	run(&op_push_vlan, &push, pkt);
	assert_int_equal(pkt->pkt_len, 104);
	assert_memory_equal(rte_pktmbuf_mtod(pkt, uint8_t *), before, 12);
	assert_memory_equal(rte_pktmbuf_mtod(pkt, uint8_t *) + 12, tag, sizeof(tag));
	run(&op_set_vlan, &set, pkt);
	assert_memory_equal(rte_pktmbuf_mtod(pkt, uint8_t *) + 12, changed, sizeof(changed));
	run(&op_pop_vlan, NULL, pkt);
	assert_int_equal(pkt->pkt_len, 100);
	assert_memory_equal(rte_pktmbuf_mtod(pkt, uint8_t *), before, 100);
	/* What is not tagged stays as it is. */
	run(&op_pop_vlan, NULL, pkt);
	assert_memory_equal(rte_pktmbuf_mtod(pkt, uint8_t *), before, 100);
	/* Offsets hold behind a tag. */
	run(&op_push_vlan, &push, pkt);
	run(&op_set_ipv4, &set_ip, pkt);
	run(&op_pop_vlan, NULL, pkt);
	assert_ipv4_sums(pkt);
	rte_pktmbuf_free(pkt);
}

static void test_set_eth_changes_masked_bits(void **state)
{
	struct rte_mbuf *pkt = ipv4_new(IPPROTO_UDP);
	struct op_set_eth set = {
		.dst = {{2, 0, 0, 0, 0, 9}},
		.dst_mask = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
		.src = {{0, 0, 0, 0, 0, 0x05}},
		.src_mask = {{0, 0, 0, 0, 0, 0x0f}},
	};
	uint8_t before[100];

	memcpy(before, rte_pktmbuf_mtod(pkt, void *), sizeof(before));
	run(&op_set_eth, &set, pkt);
	memcpy(before, &set.dst, 6);
	before[11] = (before[11] & 0xf0) | 5;
	assert_memory_equal(rte_pktmbuf_mtod(pkt, uint8_t *), before, 100);
	rte_pktmbuf_free(pkt);
}

/* Sends it round; whether it went on as one of the longer packets. */
static bool goes_as_larger(struct rte_mbuf *pkt)
{
	const struct op_recirc args = {.point = 1, .larger = 2, .size = 100};
	struct worker *worker = fixture_worker_new();
	struct batch batch;

	worker->recircs = recirc_queue_of(0);
	assert_int_equal(op_recirc.run_last(worker, &args, &pkt, 1), 0);
	assert_int_equal(recirc_take(worker, &batch), 1);
	bool larger = worker->recirc == args.larger;

	rte_pktmbuf_free(pkt);
	fixture_worker_free(worker);
	return larger;
}

static struct rte_mbuf *tagged_new(unsigned more)
{
	struct op_push_vlan push = {.tpid = be16_from(0x8100), .tci = be16_from(5)};
	struct rte_mbuf *pkt = ipv4_new(IPPROTO_UDP);

	assert_non_null(rte_pktmbuf_append(pkt, (uint16_t)more));
	run(&op_push_vlan, &push, pkt);
	return pkt;
}

/* TCP to be cut into packets of 54 bytes of headers and so much of payload. */
static struct rte_mbuf *tcp_to_cut(uint16_t size)
{
	enum {
		DATA_OFFSET = 12,
		MORE = 1000,
	};
	struct rte_mbuf *pkt = ipv4_new(IPPROTO_TCP);

	assert_non_null(rte_pktmbuf_append(pkt, MORE));
	*rte_pktmbuf_mtod_offset(pkt, uint8_t *, L3 + 20 + DATA_OFFSET) = 5 << 4;
	pkt->ol_flags |= RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM;
	pkt->tso_segsz = size;
	return pkt;
}

/* What counts is a packet's length on the wire, but for its VLAN tag. */
static void test_recirc_measures_packets_that_leave(void **state)
{
	assert_false(goes_as_larger(packet_new(100)));
	assert_true(goes_as_larger(packet_new(101)));
	assert_false(goes_as_larger(tagged_new(0)));
	assert_true(goes_as_larger(tagged_new(1)));
	assert_false(goes_as_larger(tcp_to_cut(46)));
	assert_true(goes_as_larger(tcp_to_cut(47)));
}

static void test_ops_format_as_people_expect(void **state)
{
	struct op_push_vlan push = {.tpid = be16_from(0x8100), .tci = be16_from(0x1005)};
	struct op_set_ipv4 ip = {.dst = be32_from(0x0a000001), .dst_mask = UINT32_MAX};
	struct op_set_l4 l4 = {.ip_proto = 6, .dst = be16_from(80), .dst_mask = UINT16_MAX};
	struct op_output *output = xcalloc(1, op_output_size(1));

	*output = (struct op_output){.n = 1, .max_size = 64};
	output->ports[0] = 3;

	assert_format(&op_push_vlan, &push, "push_vlan(vid=5,pcp=0)");
	assert_format(&op_pop_vlan, NULL, "pop_vlan");
	assert_format(&op_set_ipv4, &ip, "set(ipv4(dst=10.0.0.1))");
	assert_format(&op_set_l4, &l4, "set(tcp(dst=80))");
	assert_format(&op_output, output, "trunc(64),3");
	free(output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_ipv4_keeps_checksums),
		cmocka_unit_test(test_set_ipv4_leaves_payload_alone),
		cmocka_unit_test(test_set_l4_keeps_checksums),
		cmocka_unit_test(test_set_l4_leaves_other_protocols_alone),
		cmocka_unit_test(test_set_ipv4_leaves_partial_checksums_partial),
		cmocka_unit_test(test_set_ipv6_keeps_checksums),
		cmocka_unit_test(test_set_ipv6_knows_routing_headers),
		cmocka_unit_test(test_dec_ttl_keeps_checksums),
		cmocka_unit_test(test_vlan_tags_come_and_go),
		cmocka_unit_test(test_set_eth_changes_masked_bits),
		cmocka_unit_test(test_recirc_measures_packets_that_leave),
		cmocka_unit_test(test_ops_format_as_people_expect),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}

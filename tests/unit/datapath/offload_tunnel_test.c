/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/packet/offload_tunnel.h"

#include <stdio.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_net.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "datapath/capture/take.h"
#include "datapath/fast/execute.h"
#include "datapath/ops/encap.h"
#include "datapath/packet/packet.h"
#include "datapath/pool.h"
#include "datapath/program_priv.h"
#include "datapath/tunnel/tunnel.h"
#include "datapath/worker_priv.h"
#include "lib/errbuf.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

enum {
	KINDS = 4,
	GENEVE = 1,
	GRE = 2,
	BARE = 3, /* GRE without Ethernet headers */
	ETH = 14,
	MSS = 1000,
	LARGE = 3300,
	FRAMES = 8,
	FRAME_MAX = 2048,
	EVERYTHING = 0xff,
	OPTIONS = 200,
	LABEL = 4,
};

static const char *const names[KINDS] = {"vxlan", "geneve", "gre", "gre"};
static const unsigned knows[KINDS] = {
	OFFLOAD_CAN_VXLAN, OFFLOAD_CAN_GENEVE, OFFLOAD_CAN_GRE, OFFLOAD_CAN_GRE};
static struct worker *worker;
static bool no_room; /* in front of packets */
static struct port *tunnels[KINDS][2]; /* without and with checksums */

/* What is seen on the wire. */
struct wire {
	unsigned n;
	uint16_t size[FRAMES];
	uint8_t bytes[FRAMES][FRAME_MAX];
};

/* One way to send a TCP packet. */
struct trial {
	unsigned kind;
	bool sum, outer6, inner6, cut;
	bool options; /* Geneve's, longer than there is room in front of a packet */
	bool label; /* an MPLS label stands in front of the tunnel's IP */
};

static void *at(struct rte_mbuf *pkt, unsigned offset)
{
	return rte_pktmbuf_mtod_offset(pkt, void *, offset);
}

static struct rte_mbuf *make_tcp(const struct trial *trial)
{
	unsigned ip_size = trial->inner6 ? 40 : 20, payload = trial->cut ? LARGE : MSS / 2;
	unsigned size = ETH + ip_size + 20 + payload;
	uint8_t frame[ETH + 40 + 20 + LARGE] = {0};
	void *ip = frame + ETH;
	struct rte_tcp_hdr *tcp = (void *)(frame + ETH + ip_size);

	memcpy(frame + 12, trial->inner6 ? "\x86\xdd" : "\x08\x00", 2);
	for (unsigned i = size - payload; i < size; i++)
		frame[i] = (uint8_t)(i * 5 + (i >> 8));
	tcp->data_off = 5 << 4;
	tcp->sent_seq = be32_from(77);
	tcp->tcp_flags = RTE_TCP_ACK_FLAG | RTE_TCP_PSH_FLAG;
	if (trial->inner6) {
		struct rte_ipv6_hdr *ip6 = ip;

		ip6->vtc_flow = be32_from(6U << 28);
		ip6->payload_len = be16_from((uint16_t)(20 + payload));
		ip6->proto = IPPROTO_TCP;
		ip6->src_addr[15] = 1;
		tcp->cksum = rte_ipv6_phdr_cksum(ip6, 0);
	} else {
		struct rte_ipv4_hdr *ip4 = ip;

		ip4->version_ihl = 0x45;
		ip4->total_length = be16_from((uint16_t)(40 + payload));
		ip4->packet_id = be16_from(9);
		ip4->next_proto_id = IPPROTO_TCP;
		ip4->hdr_checksum = rte_ipv4_cksum(ip4);
		tcp->cksum = rte_ipv4_phdr_cksum(ip4, 0);
	}
	struct rte_mbuf *pkt = packet_new(frame, size);

	assert_non_null(pkt);
	if (no_room) {
		memmove(pkt->buf_addr, rte_pktmbuf_mtod(pkt, void *), pkt->data_len);
		pkt->data_off = 0;
	}
	pkt->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM;
	if (trial->cut) {
		pkt->ol_flags |= RTE_MBUF_F_TX_TCP_SEG;
		pkt->tso_segsz = MSS;
	}
	return pkt;
}

static void put_label(struct rte_mbuf *pkt)
{
	static const uint8_t type_and_label[] = {0x88, 0x47, 0, 0, 0x11, 64};

	assert_non_null(rte_pktmbuf_prepend(pkt, LABEL));
	uint8_t *frame = at(pkt, 0);

	memmove(frame, frame + LABEL, ETH - 2);
	memcpy(frame + ETH - 2, type_and_label, sizeof(type_and_label));
}

/* As a program would have it when it is output. */
static struct rte_mbuf *make_outer(const struct trial *trial)
{
	static const uint8_t options[OPTIONS] = {1, 2, 3, OPTIONS / 4 - 1};
	const struct port *tunnel = tunnels[trial->kind][trial->sum];
	struct ipaddr six = {{0xfd}};
	struct encap_wish wish = {
		.tunnel = tunnel->tunnel,
		.port_id = tunnel->id,
		.src = trial->outer6 ? six : ipaddr_from_v4(be32_from(0x0a000001)),
		.dst = trial->outer6 ? six : ipaddr_from_v4(be32_from(0x0a000002)),
		.ttl = 64,
	};
	struct batch batch = {.n = 1, .pkts = {make_tcp(trial)}};
	struct tunnel_wish inner = {.id = 7, .has_key = true, .csum = trial->sum};
	struct program_builder b;

	if (trial->options) {
		inner.options = options;
		inner.n_options = OPTIONS;
	}
	if (trial->kind == BARE)
		inner.inner_type = be16_from(trial->inner6 ? 0x86dd : 0x0800);
	program_begin(&b);
	encap_add(&b, &wish, &inner);
	program_add_output(&b, 1);
	struct program *program = program_intern(&b);

	parse_batch(worker, &batch);
	assert_true(execute_set_meta(worker, 0, batch.pkts[0]));
	assert_int_equal(program->ops[0].run(worker, program->ops[0].args, batch.pkts, batch.n), 1);
	program_unref(program);
	if (trial->label)
		put_label(batch.pkts[0]);
	return batch.pkts[0];
}

static uint16_t sum_of(struct rte_mbuf *pkt, bool v6, unsigned l3, unsigned l4)
{
	return v6 ? rte_ipv6_udptcp_cksum_mbuf(pkt, at(pkt, l3), (uint16_t)l4)
		  : rte_ipv4_udptcp_cksum_mbuf(pkt, at(pkt, l3), (uint16_t)l4);
}

static void put_length(struct rte_mbuf *pkt, unsigned l3, bool v6)
{
	if (v6) {
		struct rte_ipv6_hdr *ip = at(pkt, l3);

		ip->payload_len = be16_from((uint16_t)(pkt->pkt_len - l3 - 40));
	} else {
		struct rte_ipv4_hdr *ip = at(pkt, l3);

		ip->total_length = be16_from((uint16_t)(pkt->pkt_len - l3));
	}
}

static void put_ip_sum(struct rte_mbuf *pkt, unsigned l3)
{
	struct rte_ipv4_hdr *ip = at(pkt, l3);

	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
}

static void see(struct wire *wire, struct rte_mbuf *take_pkt)
{
	assert_in_range(wire->n, 0, FRAMES - 1);
	assert_in_range(take_pkt->pkt_len, 1, FRAME_MAX);
	const uint8_t *bytes =
		rte_pktmbuf_read(take_pkt, 0, take_pkt->pkt_len, wire->bytes[wire->n]);

	if (bytes != wire->bytes[wire->n])
		memcpy(wire->bytes[wire->n], bytes, take_pkt->pkt_len);
	wire->size[wire->n++] = (uint16_t)take_pkt->pkt_len;
	rte_pktmbuf_free(take_pkt);
}

/* What a card does with one segment, by what the mbuf says of the whole packet, and nothing else. */
static void card_fix(struct rte_mbuf *pkt, const struct rte_mbuf *whole, unsigned number, bool last)
{
	unsigned l3 = whole->outer_l2_len, l4 = l3 + whole->outer_l3_len;
	unsigned inner3 = l4 + whole->l2_len, inner4 = inner3 + whole->l3_len;
	bool six = whole->ol_flags & RTE_MBUF_F_TX_IPV6;
	bool outer_six = whole->ol_flags & RTE_MBUF_F_TX_OUTER_IPV6;
	struct rte_tcp_hdr *tcp = at(pkt, inner4);

	put_length(pkt, inner3, six);
	if (whole->ol_flags & RTE_MBUF_F_TX_TCP_SEG) {
		tcp->sent_seq = be32_from(be32_to(tcp->sent_seq) + number * MSS);
		if (!last)
			tcp->tcp_flags &= ~RTE_TCP_PSH_FLAG;
		if (!six) {
			struct rte_ipv4_hdr *ip = at(pkt, inner3);

			ip->packet_id = be16_from((uint16_t)(be16_to(ip->packet_id) + number));
		}
	}
	if (whole->ol_flags & RTE_MBUF_F_TX_IP_CKSUM)
		put_ip_sum(pkt, inner3);
	tcp->cksum = 0;
	tcp->cksum = sum_of(pkt, six, inner3, inner4);
	put_length(pkt, l3, outer_six);
	if (whole->ol_flags & RTE_MBUF_F_TX_OUTER_IP_CKSUM)
		put_ip_sum(pkt, l3);
	if ((whole->ol_flags & RTE_MBUF_F_TX_TUNNEL_MASK) == RTE_MBUF_F_TX_TUNNEL_GRE)
		return;
	struct rte_udp_hdr *udp = at(pkt, l4);

	udp->dgram_len = be16_from((uint16_t)(pkt->pkt_len - l4));
	if (!(whole->ol_flags & RTE_MBUF_F_TX_OUTER_UDP_CKSUM))
		return;
	udp->dgram_cksum = 0;
	udp->dgram_cksum = sum_of(pkt, outer_six, l3, l4);
}

static void card_send(struct wire *wire, struct rte_mbuf *take_pkt)
{
	struct rte_mbuf *pkt = take_pkt;
	unsigned headers =
		pkt->outer_l2_len + pkt->outer_l3_len + pkt->l2_len + pkt->l3_len + pkt->l4_len;
	bool cut = pkt->ol_flags & RTE_MBUF_F_TX_TCP_SEG;
	unsigned step = cut ? pkt->tso_segsz : pkt->pkt_len;

	assert_int_equal(rte_validate_tx_offload(pkt), 0);
	assert_int_equal(rte_net_intel_cksum_prepare(pkt), 0);
	for (unsigned from = headers, i = 0; from < pkt->pkt_len; from += step, i++) {
		unsigned n = pkt->pkt_len - from < step ? pkt->pkt_len - from : step;
		struct rte_mbuf *segment = rte_pktmbuf_alloc(pool_default());

		assert_non_null(segment);
		assert_int_equal(packet_append_range(segment, pkt, 0, headers), 0);
		assert_int_equal(packet_append_range(segment, pkt, from, n), 0);
		card_fix(segment, pkt, i, from + n == pkt->pkt_len);
		see(wire, segment);
	}
	rte_pktmbuf_free(pkt);
}

/* A device that knows no tunnels, but can sum up UDP. */
static void plain_card_send(struct wire *wire, struct rte_mbuf *take_pkt)
{
	int proto = offload_parse(take_pkt);
	unsigned l4 = take_pkt->l2_len + take_pkt->l3_len;
	struct rte_udp_hdr *udp = at(take_pkt, l4);
	bool six = take_pkt->ol_flags & RTE_MBUF_F_TX_IPV6;

	assert_int_equal(proto, IPPROTO_UDP);
	assert_int_equal(take_pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK, RTE_MBUF_F_TX_UDP_CKSUM);
	assert_int_equal(rte_net_intel_cksum_prepare(take_pkt), 0);
	udp->dgram_cksum = 0;
	udp->dgram_cksum = sum_of(take_pkt, six, take_pkt->l2_len, l4);
	see(wire, take_pkt);
}

/* Sends through a device that can do this. Returns whether it was asked to. */
static bool deliver(struct wire *wire, const struct trial *trial, unsigned can)
{
	struct rte_mbuf *ready[OFFLOAD_SEGMENTS] = {make_outer(trial)};
	uint16_t n = 1;
	bool asked = false;

	if (offload_tunnel_is_pending(ready[0]))
		n = offload_tunnel_resolve(ready[0], can, ready);

	assert_true(n > 0);
	for (uint16_t i = 0; i < n; i++) {
		if (offload_tunnel_is_pending(ready[i])) {
			card_send(wire, ready[i]);
			asked = true;
		} else if (offload_is_pending(ready[i])) {
			plain_card_send(wire, ready[i]);
		} else {
			see(wire, ready[i]);
		}
	}
	return asked;
}

static bool is_tcp_right(struct rte_mbuf *pkt, bool six, unsigned l3)
{
	unsigned l4 = l3 + (six ? 40 : 20);
	void *ip = at(pkt, l3);

	return six
		? !rte_ipv6_udptcp_cksum_mbuf_verify(pkt, ip, (uint16_t)l4)
		: !rte_ipv4_udptcp_cksum_mbuf_verify(pkt, ip, (uint16_t)l4) && !rte_ipv4_cksum(ip);
}

/* Everything in the frames is right, down to the stream. */
static void check(const struct wire *wire, const struct trial *trial)
{
	static const unsigned sizes[KINDS] = {16 + ETH, 16 + ETH, 8 + ETH, 8};
	unsigned l3 = ETH + (trial->label ? LABEL : 0);
	unsigned l4 = l3 + (trial->outer6 ? 40 : 20);
	unsigned inner3 = l4 + sizes[trial->kind] + (trial->kind >= GRE && trial->sum ? 4 : 0);

	inner3 += trial->options ? OPTIONS : 0;
	unsigned tcp_at = inner3 + (trial->inner6 ? 40 : 20), seq = 77;
	bool udp_sum = trial->kind < GRE && (trial->sum || trial->outer6);

	for (unsigned i = 0; i < wire->n; i++) {
		struct rte_mbuf *pkt = packet_new(wire->bytes[i], wire->size[i]);
		uint16_t sum = ((const struct rte_udp_hdr *)at(pkt, l4))->dgram_cksum;

		assert_true(is_tcp_right(pkt, trial->inner6, inner3));
		if (!trial->outer6)
			assert_int_equal(rte_ipv4_cksum(at(pkt, l3)), 0);
		if (trial->kind < GRE)
			assert_int_equal(sum != 0, udp_sum);
		if (udp_sum)
			assert_int_equal(
				trial->outer6 ? rte_ipv6_udptcp_cksum_mbuf_verify(
							pkt, at(pkt, l3), (uint16_t)l4
						)
					      : rte_ipv4_udptcp_cksum_mbuf_verify(
							pkt, at(pkt, l3), (uint16_t)l4
						),
				0
			);
		const struct rte_tcp_hdr *tcp = at(pkt, tcp_at);

		assert_int_equal(be32_to(tcp->sent_seq), seq);
		seq += pkt->pkt_len - tcp_at - 20;
		rte_pktmbuf_free(pkt);
	}
	assert_int_equal(seq, 77 + (trial->cut ? LARGE : MSS / 2));
}

static bool are_same(const struct wire *a, const struct wire *b)
{
	if (a->n != b->n || memcmp(a->size, b->size, a->n * sizeof(a->size[0])))
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (memcmp(a->bytes[i], b->bytes[i], a->size[i]))
			return false;
	return true;
}

/* A bit for each of the members behind the kind. */
static struct trial trial_of(unsigned kind, unsigned bits)
{
	return (struct trial){
		.kind = kind,
		.sum = bits & 1,
		.outer6 = bits & 2,
		.inner6 = bits & 4,
		.cut = bits & 8,
	};
}

static void try_all(const struct trial *trial)
{
	static struct wire by_us, by_card, by_lesser, by_stranger;
	bool udp_sum = trial->kind < GRE && (trial->sum || trial->outer6);
	/* GRE's checksum is ours to make, for each segment; cards do not know what has no addresses. */
	bool ours = trial->kind == BARE || (trial->kind == GRE && trial->sum);
	unsigned others = EVERYTHING & ~knows[trial->kind];

	by_us.n = by_card.n = by_lesser.n = by_stranger.n = 0;
	assert_false(deliver(&by_us, trial, 0));
	assert_int_equal(by_us.n, trial->cut ? (LARGE + MSS - 1) / MSS : 1);
	check(&by_us, trial);
	assert_int_equal(deliver(&by_card, trial, EVERYTHING), !ours);
	assert_true(are_same(&by_us, &by_card));
	assert_int_equal(
		deliver(&by_lesser, trial, EVERYTHING & ~OFFLOAD_CAN_OUTER_SUM), !ours && !udp_sum
	);
	assert_true(are_same(&by_us, &by_lesser));
	assert_false(deliver(&by_stranger, trial, others));
	assert_true(are_same(&by_us, &by_stranger));
}

static void test_offload_tunnel_is_the_same_whoever_does_it(void **state)
{
	for (unsigned kind = 0; kind < KINDS; kind++)
		for (unsigned bits = 0; bits < 16; bits++) {
			struct trial trial = trial_of(kind, bits);

			try_all(&trial);
		}
}

/* As where a rule of the bridge that leads to the far end puts a label in front: all is done by us. */
static void test_offload_tunnel_works_behind_labels(void **state)
{
	for (unsigned i = 0; i < KINDS * 16; i++) {
		struct trial trial = trial_of(i / 16, i % 16);
		static struct wire wire;

		trial.label = true;
		wire.n = 0;
		assert_false(deliver(&wire, &trial, EVERYTHING));
		check(&wire, &trial);
	}
}

/* Nothing is pending inside: to the device it is UDP like any other. */
static void test_offload_tunnel_asks_for_udp_sums(void **state)
{
	struct trial trial = {.sum = true};
	struct rte_mbuf *ready[OFFLOAD_SEGMENTS];
	static struct wire by_us, by_card;

	for (unsigned i = 0; i < 2; i++) {
		struct rte_mbuf *pkt = make_outer(&trial);

		pkt->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
		assert_int_equal(
			offload_tunnel_resolve(pkt, i ? OFFLOAD_CAN_CHECKSUM : 0, ready), 1
		);
		assert_int_equal(offload_is_pending(ready[0]), i);
		if (i)
			plain_card_send(&by_card, ready[0]);
		else
			see(&by_us, ready[0]);
	}
	assert_true(are_same(&by_us, &by_card));
}

/* What has no room in front gets its headers in a segment of their own: all is done by us. */
static void test_offload_tunnel_works_without_room(void **state)
{
	for (unsigned i = 0; i < KINDS * 16; i++) {
		struct trial trial = trial_of(i / 16, i % 16);
		static struct wire with, without;

		with.n = without.n = 0;
		no_room = false;
		deliver(&with, &trial, 0);
		no_room = true;
		deliver(&without, &trial, EVERYTHING);
		no_room = false;
		assert_true(are_same(&with, &without));
	}
}

static void test_offload_tunnel_cuts_behind_long_options(void **state)
{
	for (unsigned bits = 0; bits < 16; bits++) {
		struct trial trial = trial_of(GENEVE, bits);
		static struct wire wire;

		trial.options = true;
		wire.n = 0;
		assert_false(deliver(&wire, &trial, EVERYTHING));
		assert_int_equal(wire.n, trial.cut ? (LARGE + MSS - 1) / MSS : 1);
		check(&wire, &trial);
	}
}

static int start(void **state)
{
	int error = fixture_start(state);
	struct errbuf err;

	for (unsigned kind = 0; kind < KINDS; kind++)
		for (unsigned sum = 0; sum < 2; sum++) {
			json_t *options = json_pack(
				"{s:s, s:s, s:s, s:s}",
				"packet_type",
				kind == BARE ? "legacy_l3" : "legacy_l2",
				"remote_ip",
				"flow",
				"key",
				sum ? "flow" : "7",
				"csum",
				sum ? "true" : "false"
			);

			char name[16];

			snprintf(name, sizeof(name), "%s-%u-%u", names[kind], kind, sum);
			tunnels[kind][sum] = port_open(name, names[kind], options, &err);
			json_decref(options);
			if (!tunnels[kind][sum])
				fail_msg("%s", err.text);
		}
	worker = fixture_worker_new();
	return error;
}

static int stop(void **state)
{
	for (unsigned kind = 0; kind < KINDS; kind++) {
		port_close(tunnels[kind][0]);
		port_close(tunnels[kind][1]);
	}
	fixture_worker_free(worker);
	return fixture_stop(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offload_tunnel_is_the_same_whoever_does_it),
		cmocka_unit_test(test_offload_tunnel_works_behind_labels),
		cmocka_unit_test(test_offload_tunnel_asks_for_udp_sums),
		cmocka_unit_test(test_offload_tunnel_works_without_room),
		cmocka_unit_test(test_offload_tunnel_cuts_behind_long_options),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

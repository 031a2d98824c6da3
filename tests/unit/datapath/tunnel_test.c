/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/tunnel/tunnel.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_udp.h>

#include "datapath/drop.h"
#include "datapath/ops/decap.h"
#include "datapath/program.h"
#include "datapath/tunnel/map.h"
#include "lib/errbuf.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

enum {
	KINDS = 3,
	ROUNDS = 400, /* WEIR_TUNNEL_ROUNDS asks for more */
	AT_ONCE = 256,
	FRAME_MAX = 400,
	INNER = 60,
	ETH = 14,
	UDP_PORTS = 200,
	FIRST_UDP_PORT = 20000,
	UDP = 8,
};

static const char *const names[KINDS] = {"vxlan", "geneve", "gre"};
static struct port *outer[KINDS], *tunnels[KINDS], *out;

static struct program *decap(const struct encapsulation *type)
{
	struct program_builder b;

	program_begin(&b);
	struct op_decap *op = program_add(&b, &op_decap);

	op->type = type;
	return program_intern(&b);
}

static int open_ports(void **state)
{
	json_t *options = json_pack("{s:s, s:s}", "remote_ip", "flow", "key", "flow");
	struct errbuf err;

	out = fixture_port("out");
	for (unsigned i = 0; i < KINDS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "under-%s", names[i]);
		outer[i] = fixture_port(name);
		tunnels[i] = port_open(names[i], names[i], options, &err);
		assert_non_null(tunnels[i]);
	}
	fixture_start_workers(1);
	for (unsigned i = 0; i < KINDS; i++) {
		fixture_port_flow(outer[i], decap(tunnels[i]->tunnel->encapsulation));
		fixture_port_flow(tunnels[i], fixture_output(out));
	}
	json_decref(options);
	return 0;
}

static int close_ports(void **state)
{
	fixture_settle();
	for (unsigned i = 0; i < KINDS; i++) {
		port_close(outer[i]);
		port_close(tunnels[i]);
	}
	port_close(out);
	return 0;
}

static void put16(uint8_t *to, unsigned value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static unsigned put_ip(uint8_t *ip, bool v6, unsigned proto, unsigned payload)
{
	uint32_t sum = 0;

	if (v6) {
		ip[0] = 0x60;
		put16(ip + 4, payload);
		ip[6] = (uint8_t)proto;
		ip[7] = 64;
		ip[8] = ip[24] = 0xfd;
		return 40;
	}
	ip[0] = 0x45;
	put16(ip + 2, 20 + payload);
	ip[8] = 64;
	ip[9] = (uint8_t)proto;
	ip[12] = ip[16] = 10;
	for (unsigned i = 0; i < 20; i += 2)
		sum += (unsigned)ip[i] << 8 | ip[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum & 0xffff);
	return 20;
}

/* Returns its size. */
static unsigned put_tunnel(uint8_t *at, unsigned kind, unsigned n_options)
{
	if (kind == 2) {
		at[0] = 0x30;
		put16(at + 2, 0x6558);
		return 12;
	}
	put16(at, 1);
	put16(at + 2, kind ? 6081 : 4789);
	at += 8;
	if (!kind) {
		at[0] = 8;
		return 16;
	}
	at[0] = (uint8_t)(n_options / 4);
	put16(at + 2, 0x6558);
	if (n_options)
		at[8 + 3] = (uint8_t)(n_options / 4 - 1);
	return 16 + n_options;
}

/* A correct packet of the kind. */
static unsigned make(uint8_t *frame, unsigned kind, bool v6, unsigned n_options)
{
	unsigned head = kind == 2 ? 12 : 16 + (kind == 1 ? n_options : 0);
	unsigned at = ETH;

	memset(frame, 0, FRAME_MAX);
	put16(frame + 12, v6 ? 0x86dd : 0x0800);
	at += put_ip(frame + at, v6, kind == 2 ? 47 : 17, head + INNER);
	put_tunnel(frame + at, kind, n_options);
	if (kind != 2)
		put16(frame + at + 4, head + INNER);
	at += head;
	put16(frame + at + 12, 0x0800);
	put_ip(frame + at + ETH, false, 17, INNER - ETH - 20);
	return at + INNER;
}

static unsigned count_sent(void)
{
	struct rte_mbuf *pkt;
	unsigned n = 0;

	fixture_settle();
	while ((pkt = fixture_sent(out))) {
		assert_true(pkt->pkt_len >= ETH);
		rte_pktmbuf_free(pkt);
		n++;
	}
	return n;
}

static void test_tunnel_takes_packets_out(void **state)
{
	uint8_t frame[FRAME_MAX];

	for (unsigned kind = 0; kind < KINDS; kind++) {
		for (unsigned v6 = 0; v6 < 2; v6++) {
			unsigned n = make(frame, kind, v6, kind == 1 ? 124 : 0);

			fixture_receive(outer[kind], frame, n);
			fixture_settle();
			struct rte_mbuf *pkt = fixture_sent(out);

			assert_non_null(pkt);
			assert_int_equal(pkt->pkt_len, INNER);
			assert_int_equal(pkt->port, tunnels[kind]->id);
			rte_pktmbuf_free(pkt);
		}
	}
}

static void give_back(void *bytes, void *n_free)
{
	(*(unsigned *)n_free)++;
}

/* Some devices receive into memory of their own, which they get back when the packet is freed. */
static void test_tunnel_gives_memory_back_to_devices(void **state)
{
	enum {
		TIMES = 5, /* the first ones are taken out by the op, others by a lane */
	};
	static uint8_t frames[KINDS][TIMES][FRAME_MAX];
	struct rte_mbuf_ext_shared_info shared[KINDS][TIMES];
	unsigned n_free = 0;

	for (unsigned i = 0; i < KINDS * TIMES; i++) {
		unsigned kind = i % KINDS, n = make(frames[kind][i / KINDS], kind, false, 0);
		struct rte_mbuf_ext_shared_info *info = &shared[kind][i / KINDS];
		struct rte_mbuf *pkt = fixture_packet();

		*info = (struct rte_mbuf_ext_shared_info
		){.free_cb = give_back, .fcb_opaque = &n_free, .refcnt = 1};
		rte_pktmbuf_attach_extbuf(pkt, frames[kind][i / KINDS], 0, FRAME_MAX, info);
		pkt->data_off = 0;
		assert_non_null(rte_pktmbuf_append(pkt, n));
		fixture_receive_packet(outer[kind], pkt);
		fixture_settle();
		pkt = fixture_sent(out);
		assert_non_null(pkt);
		assert_int_equal(pkt->pkt_len, INNER);
		rte_pktmbuf_free(pkt);
		assert_int_equal(n_free, i + 1);
	}
}

/* That over the outer UDP header and all that follows it, in a packet without IP options. */
static void put_udp_sum(uint8_t *frame, bool v6)
{
	struct rte_udp_hdr *udp = (void *)(frame + ETH + (v6 ? 40 : 20));
	const void *ip = frame + ETH;

	udp->dgram_cksum = 0;
	udp->dgram_cksum = v6 ? rte_ipv6_udptcp_cksum(ip, udp) : rte_ipv4_udptcp_cksum(ip, udp);
}

/* Devices that look into tunnels say of the outer checksum what others say of the only one. */
static void test_tunnel_believes_devices_about_outer_checksums(void **state)
{
	static const struct {
		uint64_t flags;
		uint32_t type;
		bool trusts; /* a wrong sum passes, for it is not looked at */
	} says[] = {
		{0, 0, false},
		{RTE_MBUF_F_RX_OUTER_L4_CKSUM_GOOD, 0, true},
		{RTE_MBUF_F_RX_OUTER_L4_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_BAD,
		 RTE_PTYPE_TUNNEL_VXLAN,
		 true},
		{RTE_MBUF_F_RX_OUTER_L4_CKSUM_BAD, RTE_PTYPE_TUNNEL_VXLAN, false},
		{RTE_MBUF_F_RX_OUTER_L4_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_GOOD, 0, false},
		{RTE_MBUF_F_RX_OUTER_L4_CKSUM_INVALID | RTE_MBUF_F_RX_L4_CKSUM_GOOD, 0, false},
		{RTE_MBUF_F_RX_L4_CKSUM_GOOD, 0, true},
		{RTE_MBUF_F_RX_L4_CKSUM_GOOD, RTE_PTYPE_TUNNEL_VXLAN, false},
		{RTE_MBUF_F_RX_L4_CKSUM_GOOD, RTE_PTYPE_TUNNEL_GRENAT, false},
		{RTE_MBUF_F_RX_L4_CKSUM_BAD, 0, false},
		{RTE_MBUF_F_RX_L4_CKSUM_NONE, 0, false},
		{RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD, 0, false},
	};
	struct errbuf err;
	const struct drop_reason *wrong = drop_reason_find("tunnel_checksum", &err);
	uint8_t frame[FRAME_MAX];

	assert_non_null(wrong);
	for (unsigned i = 0; i < 4 * ARRAY_LENGTH(says); i++) {
		bool v6 = i & 1, is_right = i & 2, passes = is_right || says[i / 4].trusts;
		uint64_t n_drops = drop_count(outer[0]->id, wrong);
		unsigned n = make(frame, 0, v6, 0);
		struct rte_mbuf *pkt = fixture_packet();

		put_udp_sum(frame, v6);
		frame[n - 1] ^= !is_right;
		memcpy(rte_pktmbuf_append(pkt, (uint16_t)n), frame, n);
		pkt->ol_flags = says[i / 4].flags;
		pkt->packet_type = says[i / 4].type;
		fixture_receive_packet(outer[0], pkt);
		fixture_settle();
		pkt = fixture_sent(out);
		assert_int_equal(pkt != NULL, passes);
		assert_int_equal(drop_count(outer[0]->id, wrong), n_drops + !passes);
		if (!pkt)
			continue;
		assert_int_equal(pkt->pkt_len, INNER);
		/* Nothing of this was about the packet inside. */
		assert_int_equal(pkt->ol_flags, 0);
		rte_pktmbuf_free(pkt);
	}
}

/* What a lane cannot take does not come behind what it can. */
static void test_tunnel_keeps_order_beside_lanes(void **state)
{
	enum {
		N = 480,
		UDP_SUM = ETH + 20 + 6,
	};
	uint8_t frame[FRAME_MAX];
	unsigned n = make(frame, 0, false, 0);

	for (unsigned i = 0; i < N; i++) {
		put16(frame + n - 2, i);
		if (i % 3 == 2)
			put_udp_sum(frame, false);
		else
			put16(frame + UDP_SUM, 0);
		fixture_receive(outer[0], frame, n);
	}
	fixture_settle();
	for (unsigned i = 0; i < N; i++) {
		struct rte_mbuf *pkt = fixture_sent(out);

		assert_non_null(pkt);
		const uint8_t *end = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, INNER - 2);

		assert_int_equal(end[0] << 8 | end[1], i);
		rte_pktmbuf_free(pkt);
	}
}

/* What a header was made to say is what is read from it. */
static void test_tunnel_headers_read_as_they_were_written(void **state)
{
	static const uint8_t options[] = {1, 2, 0x83, 1, 4, 5, 6, 7};
	static const struct tunnel_wish wishes[] = {
		{.id = 0, .has_key = true},
		{.has_key = true, .csum = true, .seq = true, .oam = true},
		{.has_key = true, .has_gbp = true, .gbp_flags = 0x48},
		{.has_key = true, .n_options = sizeof(options), .options = options},
		{.has_key = true, .erspan = {.version = 1}},
		{.has_key = true, .erspan = {.version = 2, .dir = 1, .hwid = 0x3f}},
	};
	static const char *const types[] = {"vxlan", "geneve", "gre", "erspan"};
	json_t *none = json_pack("{s:s, s:s}", "remote_ip", "192.0.2.9", "key", "5");
	struct errbuf err;

	for (unsigned i = 0; i < ARRAY_LENGTH(types) * ARRAY_LENGTH(wishes); i++) {
		struct port *port = port_open("t", types[i % ARRAY_LENGTH(types)], none, &err);
		struct tunnel_wish wish = wishes[i / ARRAY_LENGTH(types)];
		uint8_t bytes[UDP + TUNNEL_HEADER_MAX] = {0};
		struct tunnel_info info = {0};

		assert_non_null(port);
		const struct encapsulation *type = port->tunnel->encapsulation;
		unsigned udp = type->port ? UDP : 0, size;

		wish.id = be64_from(77);
		size = udp + type->build(bytes + udp, &wish);
		if (type->choose)
			assert_ptr_equal(type->choose(bytes), type);
		assert_int_equal(type->parse(bytes, size, &info), 0);
		assert_int_equal(info.size, size);
		assert_int_equal(be64_to(info.id), 77);
		assert_int_equal(info.oam, type->has_options && wish.oam);
		assert_int_equal(info.critical, type->has_options && wish.n_options);
		/* Cut anywhere, it is no header. */
		for (unsigned n = 0; n < size; n++)
			assert_int_equal(type->parse(bytes, n, &info), TUNNEL_CUT);
		port_close(port);
	}
	json_decref(none);
}

/* With exts=gpe a number in the header says what is inside; others than these are not understood. */
static void test_vxlan_says_what_is_inside(void **state)
{
	static const uint16_t known[] = {0x0800, 0x86dd, 0x6558, 0x8847};
	const struct encapsulation *type = tunnels[0]->tunnel->encapsulation;
	uint8_t bytes[UDP + TUNNEL_HEADER_MAX] = {0};
	struct tunnel_info info;
	unsigned n_known = 0;

	for (unsigned i = 0; i < ARRAY_LENGTH(known); i++) {
		const struct tunnel_wish wish = {.gpe = true, .inner_type = be16_from(known[i])};
		unsigned size = UDP + type->build(bytes + UDP, &wish);

		assert_true(type->can_carry(wish.inner_type));
		assert_int_equal(type->parse(bytes, size, &info), 0);
		assert_int_equal(be16_to(info.inner_type), known[i]);
		/* Other versions, and what is for those who manage the tunnel. */
		for (uint8_t bit = 0x01; bit < 0x40; bit = (uint8_t)(bit == 1 ? 0x10 : bit << 1)) {
			bytes[UDP] |= bit;
			assert_int_equal(type->parse(bytes, size, &info), TUNNEL_UNKNOWN);
			bytes[UDP] &= (uint8_t)~bit;
		}
	}
	assert_false(type->can_carry(be16_from(0x894f)));
	for (unsigned number = 0; number < 256; number++) {
		bytes[UDP + 3] = (uint8_t)number;
		n_known += !type->parse(bytes, UDP + 8, &info);
	}
	assert_int_equal(n_known, ARRAY_LENGTH(known));
}

/* Ports for packets that travel without an Ethernet header put one there. */
static void test_tunnel_puts_a_header_before_bare_packets(void **state)
{
	static const uint8_t zeros[ETH - 2];
	json_t *options = json_pack(
		"{s:s, s:s, s:s}", "remote_ip", "flow", "key", "flow", "packet_type", "legacy_l3"
	);
	uint8_t frame[FRAME_MAX];
	struct errbuf err;
	struct port *bare = port_open("bare", names[2], options, &err);

	assert_non_null(bare);
	fixture_port_flow(bare, fixture_output(out));
	for (unsigned v6 = 0; v6 < 2; v6++) {
		unsigned n = make(frame, 2, v6, 0), inner = n - INNER;

		put16(frame + inner - 10, 0x0800); /* GRE's */
		memmove(frame + inner, frame + inner + ETH, INNER - ETH);
		fixture_receive(outer[2], frame, n);
		fixture_settle();
		struct rte_mbuf *pkt = fixture_sent(out);

		assert_non_null(pkt);
		const uint8_t *eth = rte_pktmbuf_mtod(pkt, const uint8_t *);

		assert_int_equal(pkt->port, bare->id);
		assert_int_equal(pkt->pkt_len, ETH + INNER);
		assert_memory_equal(eth, zeros, sizeof(zeros));
		assert_int_equal(eth[12] << 8 | eth[13], 0x0800);
		assert_memory_equal(eth + ETH, frame + inner, INNER - ETH);
		rte_pktmbuf_free(pkt);
	}
	fixture_settle();
	port_close(bare);
	json_decref(options);
}

/* Some bytes are others than they should be, or the end is missing. */
static unsigned spoil(uint8_t *frame, unsigned n)
{
	unsigned faults = (unsigned)random() % 4;

	for (unsigned i = 0; i < faults; i++) {
		unsigned at = (unsigned)random() % (random() % 2 ? 80 : n);

		frame[at % n] = (uint8_t)random();
	}
	if (random() % 4 == 0)
		n = ETH + (unsigned)random() % (n - ETH + 1);
	return n;
}

/* Of packets that came in through the port, by whatever reason. */
static uint64_t count_drops(const struct port *port)
{
	const struct drop_reason *reason;
	uint64_t n = 0;

	for (unsigned i = 0; (reason = drop_reason_of(i)); i++)
		n += drop_count(port->id, reason);
	return n;
}

static void test_tunnel_survives_spoilt_packets(void **state)
{
	const char *wish = getenv("WEIR_TUNNEL_ROUNDS");
	unsigned rounds = wish ? (unsigned)atoi(wish) : ROUNDS;
	unsigned n_sent = 0;
	uint8_t frame[FRAME_MAX];

	srandom(1);
	for (unsigned round = 0; round < rounds; round++) {
		for (unsigned i = 0; i < AT_ONCE; i++) {
			unsigned kind = (unsigned)random() % KINDS;
			unsigned n_options = (unsigned)random() % 32 * 4;
			unsigned n = make(frame, kind, random() % 2, kind == 1 ? n_options : 0);

			fixture_receive(outer[kind], frame, spoil(frame, n));
		}
		n_sent += count_sent();
	}
	/* A quarter of them are as they should be, and some others as well. */
	assert_true(n_sent > rounds * AT_ONCE / 8);
	assert_true(n_sent < rounds * AT_ONCE);
	/* Of each of the others it is known why. */
	uint64_t n_drops = 0;

	for (unsigned i = 0; i < KINDS; i++)
		n_drops += count_drops(outer[i]) + count_drops(tunnels[i]);
	assert_int_equal(n_sent + n_drops, rounds * AT_ONCE);
}

static void test_tunnels_may_use_any_number_of_udp_ports(void **state)
{
	struct port *ports[UDP_PORTS];
	struct errbuf err;

	for (unsigned i = 0; i < UDP_PORTS; i++) {
		char name[16], number[16];

		snprintf(name, sizeof(name), "v%u", i);
		snprintf(number, sizeof(number), "%u", FIRST_UDP_PORT + i);
		json_t *options = json_pack("{s:s, s:s}", "remote_ip", "flow", "dst_port", number);

		ports[i] = port_open(name, "vxlan", options, &err);
		assert_non_null(ports[i]);
		json_decref(options);
	}
	for (unsigned i = 0; i < UDP_PORTS; i++) {
		struct tunnel_place place = {.dst_port = be16_from(FIRST_UDP_PORT + i)};
		const struct encapsulation *type = tunnel_find(IPPROTO_UDP, place.dst_port);

		assert_ptr_equal(type, ports[i]->tunnel->encapsulation);
		assert_int_equal(tunnels_lookup(type, &place), ports[i]->id);
	}
	assert_null(tunnel_find(IPPROTO_UDP, be16_from(FIRST_UDP_PORT + UDP_PORTS)));
	assert_null(tunnel_find(IPPROTO_GRE, 0));
	assert_true(tunnels_are_there());
	assert_true(tunnels_use(IPPROTO_UDP));
	assert_false(tunnels_use(IPPROTO_GRE));
	for (unsigned i = 0; i < UDP_PORTS; i++)
		port_close(ports[i]);
	assert_false(tunnels_are_there());
	assert_false(tunnels_use(IPPROTO_UDP));
	assert_null(tunnel_find(IPPROTO_UDP, be16_from(FIRST_UDP_PORT)));
}

static void test_a_udp_port_is_of_one_kind(void **state)
{
	json_t *options = json_pack("{s:s, s:s}", "remote_ip", "flow", "dst_port", "4789");
	struct errbuf err;

	assert_null(port_open("another", "geneve", options, &err));
	assert_non_null(strstr(err.text, "UDP port 4789 is where ports of type vxlan get"));
	json_decref(options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_tunnel_takes_packets_out, open_ports, close_ports
		),
		cmocka_unit_test_setup_teardown(
			test_tunnel_gives_memory_back_to_devices, open_ports, close_ports
		),
		cmocka_unit_test_setup_teardown(
			test_tunnel_keeps_order_beside_lanes, open_ports, close_ports
		),
		cmocka_unit_test_setup_teardown(
			test_tunnel_believes_devices_about_outer_checksums, open_ports, close_ports
		),
		cmocka_unit_test(test_tunnel_headers_read_as_they_were_written),
		cmocka_unit_test_setup_teardown(
			test_vxlan_says_what_is_inside, open_ports, close_ports
		),
		cmocka_unit_test_setup_teardown(
			test_tunnel_puts_a_header_before_bare_packets, open_ports, close_ports
		),
		cmocka_unit_test_setup_teardown(
			test_tunnel_survives_spoilt_packets, open_ports, close_ports
		),
		cmocka_unit_test_setup_teardown(
			test_a_udp_port_is_of_one_kind, open_ports, close_ports
		),
		/* Last: it uses up the ids of ports, and flows are left of some. */
		cmocka_unit_test(test_tunnels_may_use_any_number_of_udp_ports),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/packet/offload.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "datapath/packet/packet.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

enum {
	ETHER = 14,
	PAYLOAD = 3500, /* more than one mbuf holds */
	MSS = 1000,
	GSO_UDP_L4 = 5, /* VIRTIO_NET_HDR_GSO_UDP_L4, which older headers lack */
};

/* An Ethernet frame with TCP (or UDP) over IPv4 or IPv6 whose checksum covers the addresses only. */
struct partial {
	uint8_t bytes[ETHER + 40 + 20 + PAYLOAD];
	uint16_t l4, length;
};

static void make_payload(struct partial *p, uint16_t at)
{
	for (unsigned i = 0; i < PAYLOAD; i++)
		p->bytes[at + i] = i * 7;
	p->length = at + PAYLOAD;
}

static uint16_t l4_length(const struct partial *p)
{
	return p->length - p->l4;
}

static void make_ipv4(struct partial *p, uint8_t proto, uint16_t l4_header)
{
	struct rte_ipv4_hdr *ip = (void *)(p->bytes + ETHER);

	memset(p, 0, sizeof(*p));
	p->bytes[12] = 0x08;
	p->l4 = ETHER + sizeof(*ip);
	make_payload(p, p->l4 + l4_header);
	ip->version_ihl = 0x45;
	ip->total_length = be16_from(p->length - ETHER);
	ip->packet_id = be16_from(100);
	ip->time_to_live = 64;
	ip->next_proto_id = proto;
	ip->src_addr = be32_from(0x0a000001);
	ip->dst_addr = be32_from(0x0a000002);
	ip->hdr_checksum = rte_ipv4_cksum(ip);
}

static struct partial *make_tcp4(void)
{
	static struct partial p;

	make_ipv4(&p, IPPROTO_TCP, sizeof(struct rte_tcp_hdr));
	struct rte_tcp_hdr *tcp = (void *)(p.bytes + p.l4);

	tcp->data_off = 5 << 4;
	tcp->sent_seq = be32_from(1000);
	tcp->tcp_flags = RTE_TCP_CWR_FLAG | RTE_TCP_PSH_FLAG | RTE_TCP_ACK_FLAG;
	tcp->cksum = rte_ipv4_phdr_cksum((void *)(p.bytes + ETHER), 0);
	return &p;
}

static struct partial *make_tcp6(void)
{
	static struct partial p;
	struct rte_ipv6_hdr *ip = (void *)(p.bytes + ETHER);
	struct rte_tcp_hdr *tcp = (void *)(ip + 1);

	memset(&p, 0, sizeof(p));
	p.bytes[12] = 0x86;
	p.bytes[13] = 0xdd;
	p.l4 = ETHER + sizeof(*ip);
	make_payload(&p, p.l4 + sizeof(*tcp));
	ip->vtc_flow = be32_from(6u << 28);
	ip->payload_len = be16_from(l4_length(&p));
	ip->proto = IPPROTO_TCP;
	ip->src_addr[15] = 1;
	ip->dst_addr[15] = 2;
	tcp->data_off = 5 << 4;
	tcp->sent_seq = be32_from(1000);
	tcp->tcp_flags = RTE_TCP_FIN_FLAG | RTE_TCP_ACK_FLAG;
	tcp->cksum = rte_ipv6_phdr_cksum(ip, 0);
	return &p;
}

static struct rte_mbuf *packet_of(const struct partial *p)
{
	struct rte_mbuf *packet = packet_new(p->bytes, p->length);

	assert_non_null(packet);
	assert_int_equal(packet->pkt_len, p->length);
	return packet;
}

static struct virtio_net_hdr header_of(const struct partial *p, uint8_t gso, uint16_t offset)
{
	return (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = gso,
		.gso_size = gso ? MSS : 0,
		.csum_start = p->l4,
		.csum_offset = offset,
	};
}

static const uint8_t *bytes_of(struct rte_mbuf *packet, uint8_t *buffer)
{
	return rte_pktmbuf_read(packet, 0, packet->pkt_len, buffer);
}

static void check_sum(struct rte_mbuf *packet, bool ipv4, uint16_t l4)
{
	void *ip = rte_pktmbuf_mtod_offset(packet, void *, ETHER);

	if (ipv4) {
		assert_int_equal(rte_ipv4_cksum(ip), 0);
		assert_int_equal(rte_ipv4_udptcp_cksum_mbuf_verify(packet, ip, l4), 0);
	} else {
		assert_int_equal(rte_ipv6_udptcp_cksum_mbuf_verify(packet, ip, l4), 0);
	}
}

static void check_segments(struct partial *p, uint8_t gso, uint8_t last_flag)
{
	struct rte_mbuf *segments[OFFLOAD_SEGMENTS];
	struct rte_mbuf *packet = packet_of(p);
	struct virtio_net_hdr hdr = header_of(p, gso, 16);
	uint16_t payload = p->l4 + sizeof(struct rte_tcp_hdr);
	unsigned at = payload;

	assert_int_equal(offload_from_virtio(packet, &hdr, 0), 0);
	assert_true(packet->ol_flags & RTE_MBUF_F_TX_TCP_SEG);
	uint16_t n = offload_segment(packet, segments, OFFLOAD_SEGMENTS);

	assert_int_equal(n, 4);
	for (unsigned i = 0; i < n; i++) {
		uint8_t buffer[2048];
		const uint8_t *bytes = bytes_of(segments[i], buffer);
		const struct rte_tcp_hdr *tcp = (const void *)(bytes + p->l4);
		unsigned length = segments[i]->pkt_len - payload;

		assert_false(offload_is_pending(segments[i]));
		check_sum(segments[i], gso == VIRTIO_NET_HDR_GSO_TCPV4, p->l4);
		assert_int_equal(be32_to(tcp->sent_seq), 1000 + i * MSS);
		assert_int_equal(!!(tcp->tcp_flags & last_flag), i == 3u);
		assert_int_equal(length, i == 3 ? PAYLOAD - 3 * MSS : MSS);
		assert_memory_equal(bytes + payload, p->bytes + at, length);
		at += length;
		rte_pktmbuf_free(segments[i]);
	}
	assert_int_equal(at, p->length);
}

static void test_offload_segment_cuts_ipv4(void **state)
{
	check_segments(make_tcp4(), VIRTIO_NET_HDR_GSO_TCPV4, RTE_TCP_PSH_FLAG);
}

static void test_offload_segment_cuts_ipv6(void **state)
{
	check_segments(make_tcp6(), VIRTIO_NET_HDR_GSO_TCPV6, RTE_TCP_FIN_FLAG);
}

/* As TCP does for those who can take little at a time. */
static void test_offload_segment_cuts_into_many(void **state)
{
	enum {
		SIZE = 7,
		N = PAYLOAD / SIZE
	};
	struct rte_mbuf *segments[OFFLOAD_SEGMENTS];
	struct partial *p = make_tcp4();
	struct virtio_net_hdr hdr = header_of(p, VIRTIO_NET_HDR_GSO_TCPV4, 16);
	struct rte_mbuf *packet = packet_of(p);

	hdr.gso_size = SIZE;
	assert_int_equal(offload_from_virtio(packet, &hdr, 0), 0);
	assert_int_equal(offload_segment(packet, segments, OFFLOAD_SEGMENTS), N);
	for (unsigned i = 0; i < N; i++) {
		const struct rte_tcp_hdr *tcp =
			rte_pktmbuf_mtod_offset(segments[i], const struct rte_tcp_hdr *, p->l4);

		check_sum(segments[i], true, p->l4);
		assert_int_equal(be32_to(tcp->sent_seq), 1000 + i * SIZE);
		rte_pktmbuf_free(segments[i]);
	}
}

static void test_offload_segment_refuses_too_many(void **state)
{
	struct rte_mbuf *segments[OFFLOAD_SEGMENTS];
	struct partial *p = make_tcp4();
	struct virtio_net_hdr hdr = header_of(p, VIRTIO_NET_HDR_GSO_TCPV4, 16);
	struct rte_mbuf *packet = packet_of(p);

	hdr.gso_size = 1;
	assert_int_equal(offload_from_virtio(packet, &hdr, 0), 0);
	assert_int_equal(offload_segment(packet, segments, OFFLOAD_SEGMENTS), 0);
}

static struct partial *make_udp4(void)
{
	static struct partial p;

	make_ipv4(&p, IPPROTO_UDP, sizeof(struct rte_udp_hdr));
	struct rte_udp_hdr *udp = (void *)(p.bytes + p.l4);

	udp->dgram_len = be16_from(l4_length(&p));
	udp->dgram_cksum = rte_ipv4_phdr_cksum((void *)(p.bytes + ETHER), 0);
	return &p;
}

static void test_offload_finish_completes_udp(void **state)
{
	struct partial *p = make_udp4();
	struct rte_mbuf *packet = packet_of(p);
	struct virtio_net_hdr hdr = header_of(p, VIRTIO_NET_HDR_GSO_NONE, 6);

	assert_int_equal(offload_from_virtio(packet, &hdr, 0), 0);
	assert_true(offload_is_pending(packet));
	assert_int_equal(offload_finish(packet), 0);
	assert_false(offload_is_pending(packet));
	check_sum(packet, true, p->l4);
	rte_pktmbuf_free(packet);
}

/* What ops put in front of IP hides it from nobody here; labels without an end do. */
static void test_offload_finish_looks_behind_labels(void **state)
{
	enum {
		TYPE_AT = ETHER - 2,
	};
	static const struct {
		uint8_t size;
		bool fails;
		uint8_t bytes[34]; /* instead of the type */
	} cases[] = {
		{6, .bytes = {0x88, 0x47, [4] = 1}},
		{10, .bytes = {0x88, 0x48, [8] = 1}},
		{20, .bytes = {0x88, 0xe7, [18] = 0x08}},
		{24, .bytes = {0x88, 0xe7, [18] = 0x88, 0x47, [22] = 1}},
		{34, true, {0x88, 0x47}},
		{2, true, {0x88, 0x47, 0}},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct partial *p = make_udp4();
		struct rte_mbuf *packet = packet_of(p);
		struct virtio_net_hdr hdr = header_of(p, VIRTIO_NET_HDR_GSO_NONE, 6);
		unsigned size = cases[i].size, more = size - 2;

		assert_int_equal(offload_from_virtio(packet, &hdr, 0), 0);
		uint8_t *frame = (uint8_t *)rte_pktmbuf_prepend(packet, (uint16_t)more);

		assert_non_null(frame);
		memmove(frame, frame + more, TYPE_AT);
		memcpy(frame + TYPE_AT, cases[i].bytes, size);
		assert_int_equal(offload_finish(packet), cases[i].fails ? -EINVAL : 0);
		assert_non_null(rte_pktmbuf_adj(packet, (uint16_t)more));
		if (!cases[i].fails)
			check_sum(packet, true, p->l4);
		rte_pktmbuf_free(packet);
	}
}

/* What stands between the headers does not belong to the checksum. */
static void test_offload_segment_cuts_behind_extensions(void **state)
{
	enum {
		OPTIONS = 60,
		SIZE = 8,
	};
	struct rte_mbuf *segments[OFFLOAD_SEGMENTS];
	struct partial p = *make_tcp6();
	struct rte_ipv6_hdr *ip = (void *)(p.bytes + ETHER);
	uint16_t n = p.length - SIZE;

	memmove(p.bytes + p.l4 + SIZE, p.bytes + p.l4, n - p.l4);
	memset(p.bytes + p.l4, 0, SIZE);
	p.bytes[p.l4] = IPPROTO_TCP;
	p.bytes[p.l4 + 3] = SIZE - 4; /* padding */
	ip->proto = OPTIONS;
	p.l4 += SIZE;
	struct rte_mbuf *packet = packet_of(&p);
	struct virtio_net_hdr hdr = header_of(&p, VIRTIO_NET_HDR_GSO_TCPV6, 16);

	assert_int_equal(offload_from_virtio(packet, &hdr, 0), 0);
	n = offload_segment(packet, segments, OFFLOAD_SEGMENTS);
	assert_true(n > 1);
	for (unsigned i = 0; i < n; i++) {
		uint32_t length = segments[i]->pkt_len - p.l4;
		uint16_t sum = 0;

		ip = rte_pktmbuf_mtod_offset(segments[i], void *, ETHER);
		assert_int_equal(be16_to(ip->payload_len), SIZE + length);
		assert_int_equal(rte_raw_cksum_mbuf(segments[i], p.l4, length, &sum), 0);
		uint32_t all = sum + rte_raw_cksum(ip->src_addr, 32) + be16_from(IPPROTO_TCP) +
			be16_from((uint16_t)length);

		assert_int_equal(all % 0xffff, 0);
		rte_pktmbuf_free(segments[i]);
	}
}

/* A routing header leads on to the address that the checksum counts. */
static void test_offload_segment_cuts_behind_routing(void **state)
{
	enum {
		SIZE = 24,
	};
	static const uint8_t routing[SIZE] = {
		IPPROTO_TCP, SIZE / 8 - 1, 4, 1, [8] = 0xfd, [23] = 9};
	struct rte_mbuf *segments[OFFLOAD_SEGMENTS];
	struct partial p = *make_tcp6();
	struct rte_ipv6_hdr *ip = (void *)(p.bytes + ETHER), end = *ip;

	memmove(p.bytes + p.l4 + SIZE, p.bytes + p.l4, p.length - SIZE - p.l4);
	memcpy(p.bytes + p.l4, routing, SIZE);
	ip->proto = IPPROTO_ROUTING;
	p.l4 += SIZE;
	memcpy(end.dst_addr, routing + 8, sizeof(end.dst_addr));
	end.payload_len = be16_from(l4_length(&p));
	((struct rte_tcp_hdr *)(p.bytes + p.l4))->cksum = rte_ipv6_phdr_cksum(&end, 0);
	struct rte_mbuf *packet = packet_of(&p);
	struct virtio_net_hdr hdr = header_of(&p, VIRTIO_NET_HDR_GSO_TCPV6, 16);

	assert_int_equal(offload_from_virtio(packet, &hdr, 0), 0);
	uint16_t n = offload_segment(packet, segments, OFFLOAD_SEGMENTS);

	assert_true(n > 1);
	for (unsigned i = 0; i < n; i++) {
		uint32_t length = segments[i]->pkt_len - p.l4;
		uint16_t sum = 0;

		assert_int_equal(rte_raw_cksum_mbuf(segments[i], p.l4, length, &sum), 0);
		uint32_t all = sum + rte_raw_cksum(end.src_addr, 32) + be16_from(IPPROTO_TCP) +
			be16_from((uint16_t)length);

		assert_int_equal(all % 0xffff, 0);
		rte_pktmbuf_free(segments[i]);
	}
}

static void test_offload_segment_cuts_udp(void **state)
{
	struct rte_mbuf *segments[OFFLOAD_SEGMENTS];
	struct partial *p = make_udp4();
	struct rte_mbuf *packet = packet_of(p);
	struct virtio_net_hdr hdr = header_of(p, GSO_UDP_L4, 6);
	uint16_t at = p->l4 + sizeof(struct rte_udp_hdr);

	assert_int_equal(offload_from_virtio(packet, &hdr, 0), 0);
	assert_int_equal(offload_segment(packet, segments, OFFLOAD_SEGMENTS), 4);
	for (unsigned i = 0; i < 4; i++) {
		uint8_t buffer[2048];
		const uint8_t *bytes = bytes_of(segments[i], buffer);
		const struct rte_udp_hdr *udp = (const void *)(bytes + p->l4);
		unsigned length = i == 3 ? PAYLOAD - 3 * MSS : MSS;

		assert_false(offload_is_pending(segments[i]));
		check_sum(segments[i], true, p->l4);
		assert_int_equal(be16_to(udp->dgram_len), sizeof(*udp) + length);
		assert_int_equal(segments[i]->pkt_len, p->l4 + sizeof(*udp) + length);
		assert_memory_equal(udp + 1, p->bytes + at, length);
		at += length;
		rte_pktmbuf_free(segments[i]);
	}
	assert_int_equal(at, p->length);
}

static void test_offload_passes_through(void **state)
{
	struct partial *p = make_tcp6();
	struct virtio_net_hdr in = header_of(p, VIRTIO_NET_HDR_GSO_TCPV6, 16);
	struct virtio_net_hdr out;
	struct rte_mbuf *packet = packet_of(p);

	assert_int_equal(offload_from_virtio(packet, &in, 0), 0);
	in.hdr_len = p->l4 + sizeof(struct rte_tcp_hdr);
	assert_int_equal(offload_to_virtio(packet, &out), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	rte_pktmbuf_free(packet);
}

/* What flags cannot express, such as the checksum of something inside a tunnel, is done at once. */
static void test_offload_completes_what_it_cannot_name(void **state)
{
	struct partial *p = make_tcp4();
	struct virtio_net_hdr hdr = header_of(p, VIRTIO_NET_HDR_GSO_NONE, 16);
	struct rte_mbuf *packet;
	uint16_t sum = 0;

	p->bytes[ETHER + 9] = IPPROTO_GRE;
	packet = packet_of(p);
	assert_int_equal(offload_from_virtio(packet, &hdr, 0), 0);
	assert_false(offload_is_pending(packet));
	assert_int_equal(rte_raw_cksum_mbuf(packet, p->l4, p->length - p->l4, &sum), 0);
	be16 before = ((struct rte_tcp_hdr *)(p->bytes + p->l4))->cksum;

	/* With the pseudo header's sum, which the field held before, all is ones. */
	assert_int_equal(((uint32_t)sum + before) % 0xffff, 0);
	rte_pktmbuf_free(packet);
}

static void test_offload_rejects_nonsense(void **state)
{
	struct partial *p = make_tcp4();
	struct virtio_net_hdr bad[] = {
		header_of(p, VIRTIO_NET_HDR_GSO_TCPV4, 6), /* not TCP's field */
		header_of(p, VIRTIO_NET_HDR_GSO_UDP, 16),
		header_of(p, GSO_UDP_L4, 16), /* of what is TCP */
		header_of(p, VIRTIO_NET_HDR_GSO_TCPV4, 16), /* no size */
		header_of(p, VIRTIO_NET_HDR_GSO_NONE, 16), /* field outside the packet */
		header_of(p, VIRTIO_NET_HDR_GSO_NONE, 65535),
		{.gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 1000},
	};

	bad[3].gso_size = 0;
	bad[4].csum_start = 65535;
	for (unsigned i = 0; i < ARRAY_LENGTH(bad); i++) {
		struct rte_mbuf *packet = packet_of(p);

		assert_true(offload_from_virtio(packet, &bad[i], 0) < 0);
		rte_pktmbuf_free(packet);
	}
	/* Every truncation is survived. */
	for (unsigned n = ETHER; n < 80; n++) {
		struct virtio_net_hdr hdr = header_of(p, VIRTIO_NET_HDR_GSO_TCPV4, 16);
		struct rte_mbuf *packet = packet_new(p->bytes, n);

		if (n < ETHER + 40)
			assert_true(offload_from_virtio(packet, &hdr, 0) < 0);
		rte_pktmbuf_free(packet);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offload_segment_cuts_ipv4),
		cmocka_unit_test(test_offload_segment_cuts_ipv6),
		cmocka_unit_test(test_offload_segment_cuts_behind_extensions),
		cmocka_unit_test(test_offload_segment_cuts_behind_routing),
		cmocka_unit_test(test_offload_segment_cuts_udp),
		cmocka_unit_test(test_offload_segment_cuts_into_many),
		cmocka_unit_test(test_offload_segment_refuses_too_many),
		cmocka_unit_test(test_offload_finish_completes_udp),
		cmocka_unit_test(test_offload_finish_looks_behind_labels),
		cmocka_unit_test(test_offload_passes_through),
		cmocka_unit_test(test_offload_completes_what_it_cannot_name),
		cmocka_unit_test(test_offload_rejects_nonsense),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}

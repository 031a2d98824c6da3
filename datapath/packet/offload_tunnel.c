/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/packet/offload_tunnel.h"

#include <errno.h>
#include <string.h>

#include <rte_ip.h>

#include "datapath/fast/headers.h"
#include "datapath/packet/labels.h"
#include "datapath/packet/offload.h"
#include "datapath/pool.h"
#include "lib/types.h"

enum {
	HEADERS_MAX = 512,
	TAGS_MAX = 4,
	DF = 0x4000,
	GRE_CSUM = 0x80,
	GRE_KEY = 0x20,
	GRE_SEQ = 0x10,
	UDP_SUM = 6,
	VXLAN_GPE = 0x04,
	/* What the mbuf's fields can hold. */
	L2_MAX = 127,
	L3_MAX = 511,
};

/* The headers of the tunnel; offsets from their start. */
struct headers {
	const uint8_t *bytes; /* in the packet, or below */
	uint32_t n;
	uint32_t l3, l4;
	bool ipv6, udp;
	bool labelled; /* labels stand in front of its IP, where no card looks for it */
	be16 bare; /* the Ethernet type of what is inside, if it has no Ethernet header; else 0 */
	uint8_t room[HEADERS_MAX];
};

/* Labels do not say what is behind them. */
static bool find_behind_labels(struct headers *h, uint32_t n)
{
	h->labelled = true;
	if (!labels_skip(h->bytes, n, &h->l3, IPV6_SIZE))
		return false;
	h->ipv6 = h->bytes[h->l3] >> 4 == 6;
	return true;
}

static bool find_l3(struct headers *h, uint32_t n)
{
	h->l3 = ETH_SIZE;
	h->labelled = false;
	for (unsigned i = 0; i < TAGS_MAX; i++) {
		uint16_t type = host16(h->bytes + h->l3 - 2);

		if (type == TYPE_IPV4 || type == TYPE_IPV6) {
			h->ipv6 = type == TYPE_IPV6;
			return h->l3 + IPV6_SIZE <= n;
		}
		if (type == TYPE_MPLS || type == TYPE_MPLS_MCAST)
			return find_behind_labels(h, n);
		h->l3 += VLAN_SIZE;
		if (h->l3 > n)
			return false;
	}
	return false;
}

/* Only IP is ever to be cut, or has its checksum left to be completed. */
static be16 find_bare(const struct headers *h, uint64_t kind, const uint8_t *l4)
{
	be16 type = h->udp ? 0 : load16(l4 + 2);

	if (kind == RTE_MBUF_F_TX_TUNNEL_VXLAN && l4[8] & VXLAN_GPE)
		type = l4[11] == 1 ? be16_from(TYPE_IPV4) : l4[11] == 2 ? be16_from(TYPE_IPV6) : 0;
	return type == be16_from(TYPE_IPV4) || type == be16_from(TYPE_IPV6) ? type : 0;
}

/* Where the packet inside begins. We have made these headers, so that little can be wrong. */
static bool find_inner(struct headers *h, uint64_t kind, uint32_t n)
{
	if (!find_l3(h, n))
		return false;
	h->l4 = h->l3 + (h->ipv6 ? IPV6_SIZE : (h->bytes[h->l3] & 15) * 4u);
	if (h->l4 + 16 > n)
		return false;
	const uint8_t *l4 = h->bytes + h->l4;

	h->udp = kind != RTE_MBUF_F_TX_TUNNEL_GRE;
	if (!h->udp)
		h->n = h->l4 + 4 + (l4[0] & GRE_CSUM ? 4 : 0) + (l4[0] & GRE_KEY ? 4 : 0) +
			(l4[0] & GRE_SEQ ? 4 : 0);
	else
		h->n = h->l4 + 16;
	if (kind == RTE_MBUF_F_TX_TUNNEL_GENEVE)
		h->n += (l4[8] & 0x3f) * 4u;
	h->bare = find_bare(h, kind, l4);
	return h->n <= n;
}

static bool read_headers(struct headers *h, const struct rte_mbuf *packet)
{
	uint32_t n = packet->pkt_len < HEADERS_MAX ? packet->pkt_len : HEADERS_MAX;

	h->bytes = rte_pktmbuf_read(packet, 0, n, h->room);
	return h->bytes && n >= ETH_SIZE + IPV4_SIZE &&
		find_inner(h, packet->ol_flags & RTE_MBUF_F_TX_TUNNEL_MASK, n);
}

/* Their place in the packet is needed for something else. */
static void keep_headers(struct headers *h)
{
	if (h->bytes != h->room)
		memcpy(h->room, h->bytes, h->n);
	h->bytes = h->room;
}

/* Takes the first 'n' bytes off, however many pieces they stand in. */
static struct rte_mbuf *take_off(struct rte_mbuf *packet, uint32_t n)
{
	while (n >= packet->data_len && packet->next) {
		struct rte_mbuf *next = packet->next;

		n -= packet->data_len;
		next->pkt_len = packet->pkt_len - packet->data_len;
		next->nb_segs = packet->nb_segs - 1;
		next->port = packet->port;
		offload_set_flags(next, packet->ol_flags);
		next->tso_segsz = packet->tso_segsz;
		rte_pktmbuf_free_seg(packet);
		packet = next;
	}
	if (n && !rte_pktmbuf_adj(packet, (uint16_t)n)) {
		rte_pktmbuf_free(packet);
		return NULL;
	}
	return packet;
}

static void put16(uint8_t *to, uint32_t host)
{
	be16 value = be16_from((uint16_t)host);

	memcpy(to, &value, sizeof(value));
}

static void fix_ip(const struct headers *h, uint8_t *ip, uint32_t length, uint16_t i)
{
	struct rte_ipv4_hdr *ip4 = (void *)ip;

	if (h->ipv6) {
		put16(ip + 4, length - IPV6_SIZE);
		return;
	}
	put16(ip + 2, length);
	if (!(ip4->fragment_offset & be16_from(DF)))
		ip4->packet_id = be16_from(be16_to(ip4->packet_id) + i);
	ip4->hdr_checksum = 0;
	ip4->hdr_checksum = rte_ipv4_cksum(ip4);
}

static void fix_udp(const struct headers *h, struct rte_mbuf *segment, uint8_t *l4, void *ip)
{
	uint16_t sum = load16(l4 + UDP_SUM);

	put16(l4 + 4, segment->pkt_len - h->l4);
	if (!sum)
		return;
	memset(l4 + UDP_SUM, 0, sizeof(sum));
	sum = h->ipv6 ? rte_ipv6_udptcp_cksum_mbuf(segment, ip, (uint16_t)h->l4)
		      : rte_ipv4_udptcp_cksum_mbuf(segment, ip, (uint16_t)h->l4);
	memcpy(l4 + UDP_SUM, &sum, sizeof(sum));
}

static void fix_gre(const struct headers *h, struct rte_mbuf *segment, uint8_t *gre, uint16_t i)
{
	uint8_t *seq = gre + 4 + (gre[0] & GRE_CSUM ? 4 : 0) + (gre[0] & GRE_KEY ? 4 : 0);
	uint16_t sum;

	if (gre[0] & GRE_SEQ) {
		be32 number = be32_from(be32_to(load32(seq)) + i);

		memcpy(seq, &number, sizeof(number));
	}
	if (!(gre[0] & GRE_CSUM))
		return;
	memset(gre + 4, 0, sizeof(sum));
	if (rte_raw_cksum_mbuf(segment, h->l4, segment->pkt_len - h->l4, &sum))
		return;
	sum = ~sum;
	memcpy(gre + 4, &sum, sizeof(sum));
}

/* The packet with 'n' bytes more in front, which may need a segment of their own. NULL, and it is gone:
 * there is no memory. */
static struct rte_mbuf *put_room(struct rte_mbuf *packet, uint16_t n)
{
	if (rte_pktmbuf_prepend(packet, n))
		return packet;
	struct rte_mbuf *front = rte_pktmbuf_alloc(pool_default());

	if (!front || !rte_pktmbuf_append(front, n) || rte_pktmbuf_chain(front, packet)) {
		rte_pktmbuf_free(front);
		rte_pktmbuf_free(packet);
		return NULL;
	}
	front->port = packet->port;
	return front;
}

/* Returns the whole packet, or NULL: it is gone. */
static struct rte_mbuf *
put_headers(const struct headers *h, struct rte_mbuf *take_segment, uint16_t i)
{
	struct rte_mbuf *segment = put_room(take_segment, (uint16_t)h->n);

	if (!segment)
		return NULL;
	uint8_t *bytes = rte_pktmbuf_mtod(segment, uint8_t *);

	memcpy(bytes, h->bytes, h->n);
	fix_ip(h, bytes + h->l3, segment->pkt_len - h->l3, i);
	if (h->udp)
		fix_udp(h, segment, bytes + h->l4, bytes + h->l3);
	else
		fix_gre(h, segment, bytes + h->l4, i);
	return segment;
}

/* So that it can be cut like any other; the tunnel's headers have left room. */
static bool put_ethernet(const struct headers *h, struct rte_mbuf *inner)
{
	char *eth = rte_pktmbuf_prepend(inner, ETH_SIZE);

	if (eth)
		memcpy(eth + ETH_SIZE - sizeof(h->bare), &h->bare, sizeof(h->bare));
	else
		rte_pktmbuf_free(inner);
	return eth;
}

static uint16_t cut(struct headers *h, struct rte_mbuf *take_packet, struct rte_mbuf **segments)
{
	struct rte_mbuf *inner;
	uint16_t n;

	keep_headers(h);
	take_packet->ol_flags &= ~(RTE_MBUF_F_TX_TUNNEL_MASK | RTE_MBUF_F_TX_OUTER_UDP_CKSUM);
	inner = take_off(take_packet, h->n);
	if (inner && h->bare && !put_ethernet(h, inner))
		inner = NULL;
	n = inner ? offload_segment(inner, segments, OFFLOAD_SEGMENTS) : 0;
	for (uint16_t i = 0; i < n; i++) {
		if (h->bare)
			rte_pktmbuf_adj(segments[i], ETH_SIZE);
		segments[i] = put_headers(h, segments[i], i);
		if (segments[i])
			continue;
		rte_pktmbuf_free_bulk(segments, n);
		return 0;
	}
	return n;
}

static int finish(const struct headers *h, struct rte_mbuf *packet)
{
	uint64_t flags = packet->ol_flags;
	int error = 0;

	packet->ol_flags &= ~(RTE_MBUF_F_TX_TUNNEL_MASK | RTE_MBUF_F_TX_OUTER_UDP_CKSUM);
	if (flags & RTE_MBUF_F_TX_L4_MASK)
		error = offload_finish_inside(packet, h->n);
	if (error || !(flags & RTE_MBUF_F_TX_OUTER_UDP_CKSUM))
		return error;
	/* We have made the outer headers, in one piece. */
	fix_udp(h,
		packet,
		rte_pktmbuf_mtod_offset(packet, uint8_t *, h->l4),
		rte_pktmbuf_mtod_offset(packet, void *, h->l3));
	return 0;
}

/* For a receiver that need not know that this is a tunnel. */
static void ask_for_udp_sum(const struct headers *h, struct rte_mbuf *packet)
{
	void *ip = rte_pktmbuf_mtod_offset(packet, void *, h->l3);
	uint16_t sum = h->ipv6 ? rte_ipv6_phdr_cksum(ip, 0) : rte_ipv4_phdr_cksum(ip, 0);

	memcpy(rte_pktmbuf_mtod_offset(packet, uint8_t *, h->l4 + UDP_SUM), &sum, sizeof(sum));
	packet->ol_flags &= ~(RTE_MBUF_F_TX_TUNNEL_MASK | RTE_MBUF_F_TX_OUTER_UDP_CKSUM);
	packet->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
}

/* Whether the receiver knows this kind of tunnel, and each segment's header can be made from the
 * first one's. */
static bool knows(const struct headers *h, uint64_t flags, unsigned can)
{
	const uint8_t *l4 = h->bytes + h->l4;

	if (flags & RTE_MBUF_F_TX_OUTER_UDP_CKSUM && !(can & OFFLOAD_CAN_OUTER_SUM))
		return false;
	switch (flags & RTE_MBUF_F_TX_TUNNEL_MASK) {
	case RTE_MBUF_F_TX_TUNNEL_VXLAN:
		return can & OFFLOAD_CAN_VXLAN;
	case RTE_MBUF_F_TX_TUNNEL_GENEVE:
		return can & OFFLOAD_CAN_GENEVE;
	default:
		return can & OFFLOAD_CAN_GRE && !(l4[0] & (GRE_CSUM | GRE_SEQ));
	}
}

/* Tells a receiver that knows tunnels where everything is. */
static bool describe(const struct headers *h, struct rte_mbuf *packet, unsigned can)
{
	bool is_cut = packet->ol_flags & RTE_MBUF_F_TX_TCP_SEG;
	uint32_t tunnel = h->n - h->l4, l3 = h->l4 - h->l3;

	if (h->bare || h->labelled || !knows(h, packet->ol_flags, can))
		return false;
	int proto = offload_parse_inside(packet, h->n);

	if (proto < 0 || (is_cut && (proto != IPPROTO_TCP || !packet->tso_segsz)) ||
	    tunnel + packet->l2_len > L2_MAX || h->l3 > L2_MAX || l3 > L3_MAX)
		return false;
	packet->l2_len += tunnel;
	packet->outer_l2_len = h->l3;
	packet->outer_l3_len = l3;
	packet->ol_flags |= h->ipv6 ? RTE_MBUF_F_TX_OUTER_IPV6 : RTE_MBUF_F_TX_OUTER_IPV4;
	if (!is_cut)
		return true;
	/* Each segment has lengths of its own, so that the checksums of IPv4 are made anew. */
	if (!h->ipv6)
		packet->ol_flags |= RTE_MBUF_F_TX_OUTER_IP_CKSUM;
	if (packet->ol_flags & RTE_MBUF_F_TX_IPV4)
		packet->ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
	return true;
}

/* Whether it is only labels that its headers are behind; it is marked no more. */
static bool take_mark_off(struct rte_mbuf *packet)
{
	if ((packet->ol_flags & RTE_MBUF_F_TX_TUNNEL_MASK) != OFFLOAD_LABELLED)
		return false;
	packet->ol_flags &= ~RTE_MBUF_F_TX_TUNNEL_MASK;
	return true;
}

int offload_tunnel_finish(struct rte_mbuf *packet)
{
	struct headers h;

	if (take_mark_off(packet))
		return offload_finish_inside(packet, 0);
	return read_headers(&h, packet) ? finish(&h, packet) : -EINVAL;
}

/* A packet behind labels. */
static uint16_t resolve_labelled(struct rte_mbuf *take_packet, struct rte_mbuf **ready)
{
	if (take_packet->ol_flags & RTE_MBUF_F_TX_TCP_SEG)
		return offload_segment(take_packet, ready, OFFLOAD_SEGMENTS);
	if (!offload_finish_inside(take_packet, 0))
		return 1;
	rte_pktmbuf_free(take_packet);
	return 0;
}

uint16_t offload_tunnel_resolve(struct rte_mbuf *take_packet, unsigned can, struct rte_mbuf **ready)
{
	const uint64_t inner = RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG;
	struct headers h;
	int error = 0;

	ready[0] = take_packet;
	if (take_mark_off(take_packet))
		return resolve_labelled(take_packet, ready);
	if (!read_headers(&h, take_packet))
		error = -EINVAL;
	else if (!(take_packet->ol_flags & inner) && can & OFFLOAD_CAN_CHECKSUM && !h.labelled)
		ask_for_udp_sum(&h, take_packet);
	else if (describe(&h, take_packet, can))
		return 1;
	else if (take_packet->ol_flags & RTE_MBUF_F_TX_TCP_SEG)
		return cut(&h, take_packet, ready);
	else
		error = finish(&h, take_packet);
	if (error)
		rte_pktmbuf_free(take_packet);
	return error ? 0 : 1;
}

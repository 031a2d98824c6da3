/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/packet/offload.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <stddef.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/extensions.h"
#include "datapath/packet/labels.h"
#include "datapath/packet/offload_tunnel.h"
#include "datapath/packet/packet.h"
#include "datapath/pool.h"
#include "lib/types.h"

enum {
	TAGS_MAX = 4, /* VLAN tags looked through */
	L2_LEN_MAX = 127, /* what the mbuf's l2_len can hold */
	EXTENSIONS_MAX = 8, /* IPv6 extension headers looked through */
	L3_LEN_MAX = 511, /* what the mbuf's l3_len can hold */
	GSO_UDP_L4 = 5, /* VIRTIO_NET_HDR_GSO_UDP_L4, which older headers lack */
};

/* Bytes at 'offset' if 'n' of them are in the first segment. */
static void *first_bytes(const struct rte_mbuf *packet, uint32_t offset, uint32_t n)
{
	if (offset + n > packet->data_len)
		return NULL;
	return rte_pktmbuf_mtod_offset(packet, void *, offset);
}

/* 'offset' is where it begins, and moves behind it. */
static int parse_ethernet(const struct rte_mbuf *packet, uint32_t *offset)
{
	uint32_t at = *offset + offsetof(struct rte_ether_hdr, ether_type);

	for (int tags = 0; tags <= TAGS_MAX; tags++) {
		const be16 *type = first_bytes(packet, at, sizeof(*type));

		if (!type)
			return -EINVAL;
		at += sizeof(*type);
		if (*type != be16_from(RTE_ETHER_TYPE_VLAN) &&
		    *type != be16_from(RTE_ETHER_TYPE_QINQ)) {
			*offset = at;
			return be16_to(*type);
		}
		at += 2;
	}
	return -EINVAL;
}

/* Returns the L4 protocol; 'offset' moves behind the header. */
static int parse_ipv4(const struct rte_mbuf *packet, uint32_t *offset)
{
	const struct rte_ipv4_hdr *ip = first_bytes(packet, *offset, sizeof(*ip));
	const be16 fragment = be16_from(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK);

	if (!ip || ip->fragment_offset & fragment || rte_ipv4_hdr_len(ip) < sizeof(*ip))
		return -EINVAL;
	*offset += rte_ipv4_hdr_len(ip);
	return ip->next_proto_id;
}

static int parse_ipv6(const struct rte_mbuf *packet, uint32_t *offset)
{
	const struct rte_ipv6_hdr *ip = first_bytes(packet, *offset, sizeof(*ip));

	if (!ip)
		return -EINVAL;
	int proto = ip->proto;

	*offset += sizeof(*ip);
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		const uint8_t *extension = first_bytes(packet, *offset, 2);

		if (proto != IPPROTO_HOPOPTS && proto != IPPROTO_ROUTING &&
		    proto != IPPROTO_DSTOPTS)
			return proto;
		if (!extension)
			return -EINVAL;
		proto = extension[0];
		*offset += (extension[1] + 1) * 8;
	}
	return -EINVAL;
}

static int parse_l4_len(const struct rte_mbuf *packet, int proto, uint32_t offset)
{
	const struct rte_tcp_hdr *tcp;

	switch (proto) {
	case IPPROTO_TCP:
		tcp = first_bytes(packet, offset, sizeof(*tcp));
		if (!tcp || (tcp->data_off >> 4) * 4 < (int)sizeof(*tcp))
			return -EINVAL;
		return (tcp->data_off >> 4) * 4;
	case IPPROTO_UDP:
		return first_bytes(packet, offset, sizeof(struct rte_udp_hdr))
			? (int)sizeof(struct rte_udp_hdr)
			: -EINVAL;
	default:
		return 0;
	}
}

/* The Ethernet type of what is behind MPLS labels, which do not say it. 'offset' moves there. */
static int parse_labels(const struct rte_mbuf *packet, uint32_t *offset)
{
	const uint8_t *frame = rte_pktmbuf_mtod(packet, const uint8_t *);

	if (!labels_skip(frame, packet->data_len, offset, 1))
		return -EINVAL;
	return frame[*offset] >> 4 == 4 ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6;
}

/* The same for all that ops can put in front of IP. */
static int parse_front(const struct rte_mbuf *packet, int type, uint32_t *offset)
{
	if (type == TYPE_PBB) {
		*offset += PBB_TAG_SIZE;
		type = parse_ethernet(packet, offset);
	}
	return type == TYPE_MPLS || type == TYPE_MPLS_MCAST ? parse_labels(packet, offset) : type;
}

/* 'behind': also of IP behind labels, which no receiver is expected to look for. */
static int parse(struct rte_mbuf *packet, uint32_t start, bool behind)
{
	uint32_t l3 = start, l4;
	int type = parse_ethernet(packet, &l3);
	int proto = -EINVAL;

	if (behind)
		type = parse_front(packet, type, &l3);
	packet->ol_flags &= ~(RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6);
	l4 = l3;
	if (type == RTE_ETHER_TYPE_IPV4)
		proto = parse_ipv4(packet, &l4);
	else if (type == RTE_ETHER_TYPE_IPV6)
		proto = parse_ipv6(packet, &l4);
	if (proto < 0 || l4 - l3 > L3_LEN_MAX || l3 - start > L2_LEN_MAX)
		return -EINVAL;
	int l4_len = parse_l4_len(packet, proto, l4);

	if (l4_len < 0 || l4 + l4_len > packet->data_len)
		return -EINVAL;
	packet->l2_len = l3 - start;
	packet->l3_len = l4 - l3;
	packet->l4_len = l4_len;
	packet->ol_flags |= type == RTE_ETHER_TYPE_IPV4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6;
	return proto;
}

int offload_parse_inside(struct rte_mbuf *packet, uint32_t start)
{
	return parse(packet, start, false);
}

int offload_parse(struct rte_mbuf *packet)
{
	return parse(packet, 0, false);
}

/* Sums from 'start' to the end, where the field at 'start + offset' holds what is not covered. */
static int complete_sum(struct rte_mbuf *packet, uint32_t start, uint32_t offset)
{
	be16 *field = first_bytes(packet, start + offset, sizeof(*field));
	uint16_t sum;

	if (!field || start > packet->pkt_len ||
	    rte_raw_cksum_mbuf(packet, start, packet->pkt_len - start, &sum))
		return -EINVAL;
	sum = ~sum;
	/* Zero means "no checksum" in UDP; both zeros are the same number to everybody else. */
	*field = sum ? sum : 0xffff;
	return 0;
}

static uint16_t field_offset(int proto)
{
	return proto == IPPROTO_TCP ? offsetof(struct rte_tcp_hdr, cksum)
				    : offsetof(struct rte_udp_hdr, dgram_cksum);
}

/* Whether a packet of this protocol can be cut as 'gso' says. */
static bool can_be_cut(unsigned gso, int proto)
{
	switch (gso) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
	case VIRTIO_NET_HDR_GSO_TCPV6:
		return proto == IPPROTO_TCP;
	case GSO_UDP_L4:
		return proto == IPPROTO_UDP;
	default:
		return false;
	}
}

int offload_from_virtio(
	struct rte_mbuf *packet, const struct virtio_net_hdr *hdr, uint16_t inserted
)
{
	unsigned gso = hdr->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
	uint32_t start = (uint32_t)hdr->csum_start + inserted;

	if (!(hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return gso == VIRTIO_NET_HDR_GSO_NONE ? 0 : -EINVAL;
	int proto = offload_parse(packet);
	bool plain = (proto == IPPROTO_TCP || proto == IPPROTO_UDP) &&
		(uint32_t)packet->l2_len + packet->l3_len == start &&
		hdr->csum_offset == field_offset(proto);

	if (gso == VIRTIO_NET_HDR_GSO_NONE && !plain)
		return complete_sum(packet, start, hdr->csum_offset);
	if (gso != VIRTIO_NET_HDR_GSO_NONE && (!plain || !hdr->gso_size || !can_be_cut(gso, proto)))
		return -EINVAL;
	packet->ol_flags |=
		proto == IPPROTO_TCP ? RTE_MBUF_F_TX_TCP_CKSUM : RTE_MBUF_F_TX_UDP_CKSUM;
	if (gso == VIRTIO_NET_HDR_GSO_NONE)
		return 0;
	packet->ol_flags |= proto == IPPROTO_TCP ? RTE_MBUF_F_TX_TCP_SEG : RTE_MBUF_F_TX_UDP_SEG;
	packet->tso_segsz = hdr->gso_size;
	return 0;
}

int offload_to_virtio(struct rte_mbuf *packet, struct virtio_net_hdr *hdr)
{
	memset(hdr, 0, sizeof(*hdr));
	if (!offload_is_pending(packet))
		return 0;
	int proto = offload_parse(packet);

	if (proto != IPPROTO_TCP && proto != IPPROTO_UDP)
		return -EINVAL;
	hdr->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	hdr->csum_start = packet->l2_len + packet->l3_len;
	hdr->csum_offset = field_offset(proto);
	if (packet->ol_flags & RTE_MBUF_F_TX_TCP_SEG) {
		hdr->gso_type = packet->ol_flags & RTE_MBUF_F_TX_IPV4 ? VIRTIO_NET_HDR_GSO_TCPV4
								      : VIRTIO_NET_HDR_GSO_TCPV6;
		hdr->gso_size = packet->tso_segsz;
		hdr->hdr_len = packet->l2_len + packet->l3_len + packet->l4_len;
	}
	return 0;
}

int offload_finish_inside(struct rte_mbuf *packet, uint32_t start)
{
	int proto = parse(packet, start, true);

	packet->ol_flags &= ~(RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG);
	if (proto != IPPROTO_TCP && proto != IPPROTO_UDP)
		return -EINVAL;
	return complete_sum(packet, start + packet->l2_len + packet->l3_len, field_offset(proto));
}

int offload_finish(struct rte_mbuf *packet)
{
	if (packet->ol_flags & RTE_MBUF_F_TX_TUNNEL_MASK)
		return offload_tunnel_finish(packet);
	return offload_finish_inside(packet, 0);
}

/* What the copied TCP header of segment 'i' says besides its checksum. */
static void fix_tcp(struct rte_tcp_hdr *tcp, const struct rte_mbuf *whole, uint16_t i, bool last)
{
	tcp->sent_seq = be32_from(be32_to(tcp->sent_seq) + (uint32_t)i * whole->tso_segsz);
	if (i)
		tcp->tcp_flags &= ~RTE_TCP_CWR_FLAG;
	if (!last)
		tcp->tcp_flags &= ~(RTE_TCP_FIN_FLAG | RTE_TCP_PSH_FLAG);
}

/* What the addresses of IP sum up to. Where the header does not name the last of them, the sender has summed
 * up the right one, with the protocol and the length. */
static uint16_t sum_addresses(const struct rte_mbuf *whole, int proto)
{
	const uint8_t *l3 = rte_pktmbuf_mtod_offset(whole, const uint8_t *, whole->l2_len);
	const uint8_t *l4 = l3 + whole->l3_len;
	uint16_t length = whole->pkt_len - whole->l2_len - whole->l3_len;

	if (whole->ol_flags & RTE_MBUF_F_TX_IPV4)
		return rte_raw_cksum(&((const struct rte_ipv4_hdr *)l3)->src_addr, 2 * 4);
	if (likely(!extension_leads_on(l3, l4)))
		return rte_raw_cksum(((const struct rte_ipv6_hdr *)l3)->src_addr, 2 * 16);
	uint32_t others = be16_from((uint16_t)proto) + be16_from(length);

	return packet_fold(load16(l4 + field_offset(proto)) + (uint16_t)~packet_fold(others));
}

/* The checksum over all from 'l4' on, and over IP's addresses. What stands in IP's header besides is not
 * asked: of IPv6 it may speak of extension headers. */
static be16 sum_up(const struct rte_mbuf *packet, uint16_t l4, int proto, uint16_t addresses)
{
	uint32_t length = packet->pkt_len - l4;
	uint16_t sum = 0;

	rte_raw_cksum_mbuf(packet, l4, length, &sum);
	sum = packet_fold(
		sum + addresses + be16_from((uint16_t)proto) + be16_from((uint16_t)length)
	);
	return sum == 0xffff ? 0xffff : (be16)~sum;
}

/* Makes the copied headers of segment 'i' its own. */
static void
fix_segment(struct rte_mbuf *segment, const struct rte_mbuf *whole, uint16_t i, bool last)
{
	void *l3 = rte_pktmbuf_mtod_offset(segment, void *, whole->l2_len);
	uint16_t l4 = whole->l2_len + whole->l3_len;
	void *header = rte_pktmbuf_mtod_offset(segment, void *, l4);
	int proto = whole->ol_flags & RTE_MBUF_F_TX_UDP_SEG ? IPPROTO_UDP : IPPROTO_TCP;
	be16 *sum = (void *)((uint8_t *)header + field_offset(proto));

	if (proto == IPPROTO_UDP)
		((struct rte_udp_hdr *)header)->dgram_len = be16_from(segment->pkt_len - l4);
	else
		fix_tcp(header, whole, i, last);
	*sum = 0;
	if (whole->ol_flags & RTE_MBUF_F_TX_IPV4) {
		struct rte_ipv4_hdr *ip = l3;

		ip->total_length = be16_from(segment->pkt_len - whole->l2_len);
		ip->packet_id = be16_from(be16_to(ip->packet_id) + i);
		ip->hdr_checksum = 0;
		ip->hdr_checksum = rte_ipv4_cksum(ip);
	} else {
		struct rte_ipv6_hdr *ip = l3;

		ip->payload_len = be16_from(segment->pkt_len - whole->l2_len - sizeof(*ip));
	}
	*sum = sum_up(segment, l4, proto, sum_addresses(whole, proto));
}

uint16_t offload_segment(struct rte_mbuf *take_packet, struct rte_mbuf **segments, uint16_t max)
{
	struct rte_mbuf *whole = take_packet;
	int proto = whole->ol_flags & RTE_MBUF_F_TX_UDP_SEG ? IPPROTO_UDP : IPPROTO_TCP;
	uint16_t n = 0;

	if (parse(whole, 0, true) != proto || !whole->tso_segsz)
		goto out;
	uint32_t header = whole->l2_len + whole->l3_len + whole->l4_len;
	uint32_t size = whole->tso_segsz, total = whole->pkt_len;

	if ((total - header + size - 1) / size > max)
		goto out;
	/* A packet without payload still is one segment. */
	for (uint32_t at = header; at < total || !n; at += size) {
		uint32_t length = total - at < size ? total - at : size;
		struct rte_mbuf *segment = rte_pktmbuf_alloc(pool_default());

		if (!segment)
			goto err_free_segments;
		segments[n++] = segment;
		segment->port = whole->port;
		if (packet_append_range(segment, whole, 0, header) ||
		    packet_append_range(segment, whole, at, length))
			goto err_free_segments;
		fix_segment(segment, whole, n - 1, at + length == total);
	}
out:
	rte_pktmbuf_free(whole);
	return n;

err_free_segments:
	rte_pktmbuf_free_bulk(segments, n);
	n = 0;
	goto out;
}

uint16_t offload_resolve(struct rte_mbuf *take_packet, unsigned can, struct rte_mbuf **ready)
{
	bool cut = take_packet->ol_flags & RTE_MBUF_F_TX_TCP_SEG;
	bool ok = true;

	if (offload_is_pending(take_packet)) {
		ok = offload_parse(take_packet) >= 0;
		bool ipv4 = take_packet->ol_flags & RTE_MBUF_F_TX_IPV4;
		unsigned needed = !cut ? OFFLOAD_CAN_CHECKSUM
			: ipv4	       ? OFFLOAD_CAN_TCP4
				       : OFFLOAD_CAN_TCP6;

		if (ok && !(can & needed)) {
			if (cut)
				return offload_segment(take_packet, ready, OFFLOAD_SEGMENTS);
			ok = !offload_finish(take_packet);
		}
	}
	if (!ok) {
		rte_pktmbuf_free(take_packet);
		return 0;
	}
	ready[0] = take_packet;
	return 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/packet.h"

#include "datapath/fast/headers.h"

#include "datapath/fast/fast.h"

enum {
	TCP_CHECKSUM = 16,
	UDP_CHECKSUM = 6,
	ICMPV6_CHECKSUM = 2,
};

uint16_t packet_find_inside(struct rte_mbuf *pkt)
{
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
	uint16_t at = 2 * sizeof(struct mac);

	if (meta_of(pkt)->l3)
		return meta_of(pkt)->l3 - pkt->data_off;
	while (at + 2 + VLAN_SIZE <= pkt->data_len &&
	       (host16(frame + at) == TYPE_VLAN || host16(frame + at) == TYPE_QINQ))
		at += VLAN_SIZE;
	return at + 2;
}

static void fix(struct rte_mbuf *pkt, uint8_t *field, uint64_t before, uint64_t after, bool pseudo)
{
	uint16_t sum = load16(field);
	bool partial = pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK;

	/* A checksum that is still to be completed holds the sum of the pseudo header only, and
	 * not its complement. */
	if (partial && !pseudo)
		return;
	if (partial)
		sum = ~packet_checksum(~sum, before, after);
	else
		sum = packet_checksum(sum, before, after);
	memcpy(field, &sum, sizeof(sum));
}

void packet_fix_l4(struct rte_mbuf *pkt, uint64_t before, uint64_t after, bool pseudo)
{
	const struct meta *meta = meta_of(pkt);
	uint8_t *l4 = packet_l4(pkt);
	uint16_t sum;

	if (!meta->l4)
		return;
	switch (meta->ip_proto) {
	case PROTO_TCP:
		fix(pkt, l4 + TCP_CHECKSUM, before, after, pseudo);
		break;
	case PROTO_ICMPV6:
		/* In IPv4 the number stands for nothing, and nothing was looked at there. */
		if (!packet_is(pkt, TYPE_IPV6))
			break;
		fix(pkt, l4 + ICMPV6_CHECKSUM, before, after, pseudo);
		break;
	case PROTO_UDP:
		if (!load16(l4 + UDP_CHECKSUM))
			break; /* there is none */
		fix(pkt, l4 + UDP_CHECKSUM, before, after, pseudo);
		sum = load16(l4 + UDP_CHECKSUM);
		if (!sum)
			memset(l4 + UDP_CHECKSUM, 0xff, sizeof(sum));
		break;
	default:
		break;
	}
}

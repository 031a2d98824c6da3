/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/tunnel/outer.h"

#include <string.h>

#include <rte_ip.h>

#include "datapath/drop.h"
#include "datapath/fast/execute.h"
#include "datapath/ops/packet.h"
#include "datapath/tunnel/options.h"

#include "datapath/fast/fast.h"

DROP_REASON(tunnel_cut, "a tunnel packet is shorter than its headers say");
DROP_REASON(tunnel_wrong, "the headers of a tunnel packet contradict themselves");
DROP_REASON(tunnel_unknown, "a tunnel packet asks for something this switch does not know");
DROP_REASON(tunnel_checksum, "a tunnel packet's checksum is wrong");

static bool find_ip(struct outer *o)
{
	const struct meta *meta = meta_of(o->pkt);

	if (unlikely(!meta->l3 || !meta->l4 || meta->l4 < o->pkt->data_off))
		return false;
	o->ip = packet_l3(o->pkt);
	o->l4 = packet_l4(o->pkt);
	o->l4_at = meta->l4 - o->pkt->data_off;
	o->ipv6 = meta->eth_type == be16_from(TYPE_IPV6);

	uint32_t ip_at = meta->l3 - o->pkt->data_off;

	if (o->ipv6) {
		memcpy(&o->place.remote, o->ip + 8, sizeof(o->place.remote));
		memcpy(&o->place.local, o->ip + 24, sizeof(o->place.local));
		o->end = ip_at + IPV6_SIZE + host16(o->ip + 4);
	} else {
		o->place.remote = ipaddr_from_v4(load32(o->ip + 12));
		o->place.local = ipaddr_from_v4(load32(o->ip + 16));
		o->end = ip_at + host16(o->ip + 2);
	}
	return o->end <= o->pkt->pkt_len && o->end > o->l4_at;
}

/* The sum over a correct IPv4 header is all ones. */
static inline bool ip_is_right(const struct outer *o)
{
	if (o->ipv6)
		return true;
	unsigned size = (unsigned)(o->l4 - o->ip);
	uint64_t sum = 0;

	/* It has a whole number of words. */
	for (unsigned i = 0; i < size; i += 4)
		sum += load32(o->ip + i);
	return packet_fold(sum) == 0xffff;
}

/* Whether the device has found the outer checksum right. One that looked into the tunnel speaks of the
 * packet inside when it says no more than "L4". */
static bool device_says_right(const struct rte_mbuf *pkt)
{
	const uint64_t l4 = pkt->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
	const uint64_t outer = pkt->ol_flags & RTE_MBUF_F_RX_OUTER_L4_CKSUM_MASK;

	if (outer != RTE_MBUF_F_RX_OUTER_L4_CKSUM_UNKNOWN)
		return outer == RTE_MBUF_F_RX_OUTER_L4_CKSUM_GOOD;
	return l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD && !(pkt->packet_type & RTE_PTYPE_TUNNEL_MASK);
}

/* A checksum of zero is none. What was left to be completed is the sender's own affair. */
static bool udp_is_right(const struct outer *o)
{
	const uint64_t left = RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_OUTER_UDP_CKSUM;
	uint16_t sum;

	if (likely(!load16(o->l4 + 6)))
		return true;
	if (o->pkt->ol_flags & left || device_says_right(o->pkt))
		return true;
	if (rte_raw_cksum_mbuf(o->pkt, o->l4_at, o->end - o->l4_at, &sum))
		return false;
	uint64_t pseudo = o->ipv6 ? packet_sum(o->ip + 8, 32) : packet_sum(o->ip + 12, 8);

	pseudo += be16_from(PROTO_UDP) + be16_from((uint16_t)(o->end - o->l4_at));
	return packet_fold(pseudo + sum) == 0xffff;
}

static const struct drop_reason *read_udp(struct outer *o)
{
	uint32_t length;

	if (unlikely(o->end - o->l4_at < UDP_SIZE))
		return &drop_tunnel_cut;
	length = host16(o->l4 + 4);
	if (unlikely(length < UDP_SIZE || o->l4_at + length > o->end))
		return &drop_tunnel_wrong;
	o->end = o->l4_at + length;
	o->place.dst_port = load16(o->l4 + 2);
	return udp_is_right(o) ? NULL : &drop_tunnel_checksum;
}

/* GRE's checksum, if it has one, covers all that follows. */
static bool gre_is_right(const struct outer *o)
{
	uint16_t sum;

	if (likely(!(o->l4[0] & 0x80)))
		return true;
	return !rte_raw_cksum_mbuf(o->pkt, o->l4_at, o->end - o->l4_at, &sum) && sum == 0xffff;
}

static const struct drop_reason *read_header(struct outer *o)
{
	uint32_t whole = o->end - o->l4_at;
	uint32_t most = whole < TUNNEL_HEADER_MAX ? whole : TUNNEL_HEADER_MAX;

	if (unlikely(o->pkt->data_len < o->l4_at + most)) {
		if (!execute_pull(o->pkt, o->l4_at + most))
			return &drop_tunnel_cut;
	}
	if (o->type->choose && most >= 4)
		o->type = o->type->choose(o->l4);
	switch (o->type->parse(o->l4, most, &o->info)) {
	case 0:
		break;
	case TUNNEL_CUT:
		return &drop_tunnel_cut;
	case TUNNEL_UNKNOWN:
		return &drop_tunnel_unknown;
	default:
		return &drop_tunnel_wrong;
	}
	if (!o->type->port && !gre_is_right(o))
		return &drop_tunnel_checksum;
	o->place.bare = o->info.inner_type != be16_from(TYPE_TEB);
	o->place.id = o->info.id;
	return o->info.size + (o->place.bare ? 1U : ETH_SIZE) > whole ? &drop_tunnel_cut : NULL;
}

const struct drop_reason *outer_read(struct outer *outer)
{
	const struct drop_reason *wrong;

	if (unlikely(!find_ip(outer)))
		return &drop_tunnel_cut;
	if (unlikely(!ip_is_right(outer)))
		return &drop_tunnel_checksum;
	wrong = outer->type->port ? read_udp(outer) : NULL;
	return wrong ? wrong : read_header(outer);
}

bool outer_knows_options(const struct outer *outer, uint16_t port_id)
{
	const uint8_t *options = outer->l4 + outer->info.size - outer->info.n_options;

	return tunnel_options_know(tunnel_options_of(port_id), options, outer->info.n_options);
}

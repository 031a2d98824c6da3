/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_l4.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/packet.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

enum {
	ICMP_CHECKSUM = 2,
	SCTP_CHECKSUM = 8,
	IPV4_LENGTH = 2, /* where it stands in the header */
	IPV6_LENGTH = 4,
};

/* Where the packet ends for IP, counted from its transport header: what follows pads the frame. */
static size_t transport_length(struct rte_mbuf *pkt, const uint8_t *l4)
{
	const uint8_t *l3 = packet_l3(pkt);
	bool ipv4 = packet_is(pkt, TYPE_IPV4);
	size_t head = (size_t)(l4 - l3);
	size_t length = ipv4 ? host16(l3 + IPV4_LENGTH) : IPV6_SIZE + host16(l3 + IPV6_LENGTH);

	return length > head ? length - head : 0;
}

/* CRC32c of the transport header and what it carries, the checksum itself taken as zero. */
static uint32_t sctp_checksum(struct rte_mbuf *pkt, const uint8_t *l4)
{
	const struct rte_mbuf *segment = pkt;
	size_t at = 0, length = transport_length(pkt, l4);
	const uint8_t *p = l4;
	uint32_t crc = UINT32_MAX;

	while (segment) {
		const uint8_t *end = rte_pktmbuf_mtod(segment, const uint8_t *) + segment->data_len;

		for (; p < end && at < length; p++, at++) {
			bool zero = at >= SCTP_CHECKSUM && at < SCTP_CHECKSUM + 4;

			crc = __builtin_ia32_crc32qi(crc, zero ? 0 : *p);
		}
		segment = segment->next;
		if (segment)
			p = rte_pktmbuf_mtod(segment, const uint8_t *);
	}
	return ~crc;
}

static void set_one(struct rte_mbuf *pkt, const struct op_set_l4 *set)
{
	uint8_t *l4 = packet_l4(pkt);
	bool sctp = set->ip_proto == PROTO_SCTP;
	uint32_t old = load32(l4);
	uint32_t mask = set->src_mask | (uint32_t)set->dst_mask << 16;
	uint32_t new = (old & ~mask) | set->src | (uint32_t)set->dst << 16;
	/* A checksum that was wrong stays exactly as wrong. */
	uint32_t fault = sctp ? load32(l4 + SCTP_CHECKSUM) ^ sctp_checksum(pkt, l4) : 0;

	memcpy(l4, &new, sizeof(new));
	if (sctp) {
		uint32_t sum = sctp_checksum(pkt, l4) ^ fault;

		memcpy(l4 + SCTP_CHECKSUM, &sum, sizeof(sum));
	} else if (new != old) {
		packet_fix_l4(pkt, old, new, false);
	}
}

static void set_icmp(struct rte_mbuf *pkt, const struct op_set_l4 *set)
{
	uint8_t *icmp = packet_l4(pkt);
	uint16_t old = load16(icmp);
	uint16_t mask = be16_to(set->src_mask) | be16_to(set->dst_mask) << 8;
	uint16_t new = (old & ~mask) | be16_to(set->src) | be16_to(set->dst) << 8;
	uint16_t sum;

	memcpy(icmp, &new, sizeof(new));
	if (set->ip_proto == PROTO_ICMPV6) {
		packet_fix_l4(pkt, old, new, false);
		return;
	}
	sum = packet_checksum(load16(icmp + ICMP_CHECKSUM), old, new);
	memcpy(icmp + ICMP_CHECKSUM, &sum, sizeof(sum));
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_set_l4 *set = args;
	bool icmp = set->ip_proto == PROTO_ICMP || set->ip_proto == PROTO_ICMPV6;

	for (uint16_t i = 0; i < n; i++) {
		const struct meta *meta = meta_of(pkts[i]);

		if (unlikely(!meta->l4 || meta->ip_proto != set->ip_proto))
			continue;
		if (icmp)
			set_icmp(pkts[i], set);
		else
			set_one(pkts[i], set);
	}
	return n;
}

static const char *proto_name(uint8_t proto)
{
	switch (proto) {
	case PROTO_TCP:
		return "tcp";
	case PROTO_UDP:
		return "udp";
	case PROTO_SCTP:
		return "sctp";
	case PROTO_ICMP:
		return "icmp";
	default:
		return "icmpv6";
	}
}

static void format_port(struct strbuf *out, const char *name, be16 value, be16 mask)
{
	if (mask == UINT16_MAX)
		strbuf_addf(out, "%s=%u,", name, be16_to(value));
	else if (mask)
		strbuf_addf(out, "%s=%#x/%#x,", name, be16_to(value), be16_to(mask));
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_l4 *set = args;
	bool icmp = set->ip_proto == PROTO_ICMP || set->ip_proto == PROTO_ICMPV6;

	strbuf_addf(out, "set(%s(", proto_name(set->ip_proto));
	format_port(out, icmp ? "type" : "src", set->src, set->src_mask);
	format_port(out, icmp ? "code" : "dst", set->dst, set->dst_mask);
	strbuf_chomp(out, ',');
	strbuf_add(out, "))");
}

const struct op_type op_set_l4 = {
	.name = "set_l4",
	.size = sizeof(struct op_set_l4),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_l4);

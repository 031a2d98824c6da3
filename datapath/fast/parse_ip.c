/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "datapath/fast/headers.h"
#include "datapath/fast/parse_priv.h"
#include "datapath/report/counter.h"

#include "datapath/fast/fast.h"

static inline uint64_t ports_word(uint32_t ports)
{
	return (uint64_t)ports << 32;
}

/* ICMP's type and code stand as the two ports, each widened to 16 bits of network order. */
static inline uint64_t icmp_word(const uint8_t *icmp)
{
	return ports_word(be16_from(icmp[0]) | (uint32_t)be16_from(icmp[1]) << 16);
}

/* Options of neighbour solicitation and advertisement. One that lies about its length, or comes
 * twice, makes all of them void. */
static void parse_nd_options(struct parse *p, uint32_t at, uint32_t end, struct key_extra *extra)
{
	struct key_ipv6 *ipv6 = parse_block(p, KEY_BLOCK_IPV6);
	unsigned seen = 0;

	while (at + ND_LINK_OPTION <= end) {
		const uint8_t *option = p->data + at;
		uint32_t size = option[1] * 8u;
		bool source = option[0] == ND_OPTION_SLL;
		struct mac *mac = source ? &ipv6->nd_sll : &ipv6->nd_tll;

		if (!size || at + size > end)
			goto invalid;
		if ((source || option[0] == ND_OPTION_TLL) && size == ND_LINK_OPTION) {
			if (seen & 1u << option[0])
				goto invalid;
			seen |= 1u << option[0];
			memcpy(mac, option + 2, sizeof(*mac));
			if (!extra->nd_options_type)
				extra->nd_options_type = option[0];
		}
		at += size;
	}
	return;

invalid:
	COUNTER_ADD(p->faults[PARSE_L4_CUT], 1);
	for (unsigned i = 0; i < sizeof(ipv6->nd_target); i++)
		ipv6->nd_target[i] = 0;
	ipv6->nd_sll = (struct mac){{0}};
	ipv6->nd_tll = (struct mac){{0}};
	extra->nd_options_type = 0;
}

static void parse_icmpv6(struct parse *p, uint32_t end)
{
	const uint8_t *icmp = p->data + p->at;

	p->words[WORD_L4] |= icmp_word(icmp);
	if ((icmp[0] != ND_SOLICIT && icmp[0] != ND_ADVERT) || icmp[1])
		return;
	struct key_extra *extra = parse_block(p, KEY_BLOCK_EXTRA);
	struct key_ipv6 *ipv6 = parse_block(p, KEY_BLOCK_IPV6);

	memcpy(&extra->nd_reserved, icmp + 4, sizeof(extra->nd_reserved));
	if (p->at + ND_SIZE > end)
		return;
	memcpy(ipv6->nd_target, icmp + 8, sizeof(ipv6->nd_target));
	parse_nd_options(p, p->at + ND_SIZE, end, extra);
}

/* The transport header at p->at; the IP payload ends at 'end'. */
static void parse_l4(struct parse *p, uint8_t proto, uint32_t end)
{
	const uint8_t *l4 = p->data + p->at;
	uint32_t left;

	if (end > p->length)
		end = p->length;
	left = end > p->at ? end - p->at : 0;
	switch (proto) {
	case PROTO_TCP:
		if (left < TCP_SIZE)
			goto cut;
		p->words[WORD_L4] |= ports_word(load32(l4));
		p->words[WORD_REST] |= load16(l4 + 12) & be16_from(TCP_FLAGS);
		break;
	case PROTO_UDP:
		if (left < UDP_SIZE)
			goto cut;
		p->words[WORD_L4] |= ports_word(load32(l4));
		break;
	case PROTO_SCTP:
		if (left < SCTP_SIZE)
			goto cut;
		p->words[WORD_L4] |= ports_word(load32(l4));
		break;
	case PROTO_ICMP:
	case PROTO_IGMP:
		if (p->blocks & KEY_HAS(KEY_BLOCK_IPV6))
			break;
		if (left < ICMP_SIZE)
			goto cut;
		p->words[WORD_L4] |= icmp_word(l4);
		break;
	case PROTO_ICMPV6:
		if (!(p->blocks & KEY_HAS(KEY_BLOCK_IPV6)))
			break;
		if (left < ICMP_SIZE)
			goto cut;
		parse_icmpv6(p, end);
		break;
	default:
		break;
	}
	p->l4 = p->at;
	return;

cut:
	COUNTER_ADD(p->faults[PARSE_L4_CUT], 1);
}

void parse_ipv4(struct parse *p)
{
	const uint8_t *ip = p->data + p->at;
	uint64_t frag = 0;

	if (p->at + IPV4_SIZE > p->length) {
		COUNTER_ADD(p->faults[PARSE_IP_CUT], 1);
		return;
	}
	uint32_t header = (ip[0] & 15) * 4u;
	uint32_t size = host16(ip + 2);

	if (ip[0] >> 4 != 4 || header < IPV4_SIZE || size < header || p->at + size > p->total) {
		COUNTER_ADD(p->faults[PARSE_IP_WRONG], 1);
		return;
	}
	if (p->at + header > p->length) {
		COUNTER_ADD(p->faults[PARSE_IP_CUT], 1);
		return;
	}
	p->l3 = p->at;

	uint16_t fragment = host16(ip + 6);

	if (fragment & (IPV4_MORE | IPV4_OFFSET))
		frag = KEY_FRAG_ANY | (fragment & IPV4_OFFSET ? KEY_FRAG_LATER : 0);
	p->words[WORD_IP] = load64(ip + 12);
	p->words[WORD_L4] = ip[9] | (uint64_t)ip[1] << 8 | (uint64_t)ip[8] << 16 | frag << 24;
	if (frag & KEY_FRAG_LATER)
		return;
	uint32_t end = p->at + size;

	p->at += header;
	parse_l4(p, ip[9], end);
}

/* The extension headers met so far. */
struct extensions {
	uint64_t frag; /* KEY_FRAG_* */
	uint16_t flags; /* EXTHDR_* */
	uint8_t place; /* of the last one, in the recommended order */
};

/* Notes an extension header. Destination options may stand in two places: before a routing header,
 * and as the last of all. */
static void note_extension(struct extensions *seen, uint8_t proto)
{
	static const struct {
		uint8_t proto, place;
		uint16_t flag;
	} known[] = {
		{PROTO_HOP, 1, EXTHDR_HOP},
		{PROTO_DEST, 2, EXTHDR_DEST},
		{PROTO_ROUTING, 3, EXTHDR_ROUTER},
		{PROTO_FRAGMENT, 4, EXTHDR_FRAG},
		{PROTO_AH, 5, EXTHDR_AUTH},
		{PROTO_ESP, 6, EXTHDR_ESP},
		{PROTO_NONE, 8, EXTHDR_NONE_NEXT},
	};
	const uint8_t last = 7;
	unsigned i = 0;

	while (i < ARRAY_LENGTH(known) && known[i].proto != proto)
		i++;
	if (i == ARRAY_LENGTH(known))
		return;
	uint8_t place = known[i].place;

	if (proto == PROTO_DEST && seen->place >= place)
		place = last;
	if (seen->flags & known[i].flag && (proto != PROTO_DEST || seen->place == last))
		seen->flags |= EXTHDR_REPEATED;
	else if (place < seen->place)
		seen->flags |= EXTHDR_UNORDERED;
	seen->flags |= known[i].flag;
	if (place > seen->place)
		seen->place = place;
}

/* Steps over the extension headers from 'proto' on. Returns the transport protocol, or -1 when a
 * header is cut off. */
static int skip_extensions(struct parse *p, uint8_t proto, struct extensions *seen)
{
	for (;;) {
		const uint8_t *header = p->data + p->at;
		uint32_t size;

		switch (proto) {
		case PROTO_HOP:
		case PROTO_ROUTING:
		case PROTO_DEST:
		case PROTO_AH:
		case PROTO_FRAGMENT:
			break;
		case PROTO_ESP:
		case PROTO_NONE:
			note_extension(seen, proto);
			return proto;
		default:
			return proto;
		}
		if (p->at + 8 > p->length)
			return -1;
		note_extension(seen, proto);
		size = (header[1] + 1u) * 8;
		if (proto == PROTO_AH)
			size = (header[1] + 2u) * 4;
		if (proto == PROTO_FRAGMENT) {
			uint16_t offset = host16(header + 2);

			size = 8;
			if (offset & 0xfff9)
				seen->frag = KEY_FRAG_ANY | (offset & 0xfff8 ? KEY_FRAG_LATER : 0);
		}
		if (p->at + size > p->length)
			return -1;
		proto = header[0];
		p->at += size;
		if (seen->frag & KEY_FRAG_LATER)
			return proto;
	}
}

void parse_ipv6(struct parse *p)
{
	const uint8_t *ip = p->data + p->at;
	struct extensions seen = {0};

	if (p->at + IPV6_SIZE > p->length) {
		COUNTER_ADD(p->faults[PARSE_IP_CUT], 1);
		return;
	}
	uint32_t end = p->at + IPV6_SIZE + host16(ip + 4);
	uint32_t first = be32_to(load32(ip));

	if (first >> 28 != 6 || end > p->total) {
		COUNTER_ADD(p->faults[PARSE_IP_WRONG], 1);
		return;
	}
	p->l3 = p->at;

	struct key_ipv6 *ipv6 = parse_block(p, KEY_BLOCK_IPV6);

	memcpy(ipv6->src, ip + 8, sizeof(ipv6->src));
	memcpy(ipv6->dst, ip + 24, sizeof(ipv6->dst));
	ipv6->label = be32_from(first & 0xfffff);
	p->at += IPV6_SIZE;
	int proto = skip_extensions(p, ip[6], &seen);

	p->words[WORD_L4] =
		(uint64_t)(first >> 20 & 0xff) << 8 | (uint64_t)ip[7] << 16 | seen.frag << 24;
	if (seen.flags) {
		struct key_extra *extra = parse_block(p, KEY_BLOCK_EXTRA);

		extra->ipv6_exthdr = be16_from(seen.flags);
	}
	if (proto < 0) {
		COUNTER_ADD(p->faults[PARSE_IP_CUT], 1);
		return;
	}
	p->words[WORD_L4] |= proto;
	if (!(seen.frag & KEY_FRAG_LATER))
		parse_l4(p, proto, end);
}

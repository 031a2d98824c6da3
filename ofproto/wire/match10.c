/* SPDX-License-Identifier: Apache-2.0 */
/* OpenFlow 1.0's match: 40 bytes with a word that says what does not count.  */

#include <string.h>

#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "ofproto/wire/oxm.h"
#include "ofproto/wire/wire.h"

/* In the wildcards. */
enum {
	WILD_IN_PORT = 1 << 0,
	WILD_VLAN = 1 << 1,
	WILD_ETH_SRC = 1 << 2,
	WILD_ETH_DST = 1 << 3,
	WILD_ETH_TYPE = 1 << 4,
	WILD_PROTO = 1 << 5,
	WILD_L4_SRC = 1 << 6,
	WILD_L4_DST = 1 << 7,
	WILD_IP_SRC_SHIFT = 8,
	WILD_IP_DST_SHIFT = 14,
	WILD_IP_BITS = 63,
	WILD_PCP = 1 << 20,
	WILD_TOS = 1 << 21,
	WILD_ALL = (1 << 22) - 1,
	NO_VLAN = 0xffff,
};

static be32 prefix_mask(unsigned wild)
{
	return wild >= 32 ? 0 : be32_from(UINT32_MAX << wild);
}

static void set_vlan(struct match *match, uint32_t wild, uint16_t vid, uint8_t pcp)
{
	uint16_t tci = 0, mask = 0;

	if (!(wild & WILD_VLAN) && vid == NO_VLAN) {
		mask = 0xffff;
	} else {
		if (!(wild & WILD_VLAN)) {
			tci |= KEY_VLAN_PRESENT | (vid & 0xfff);
			mask |= 0x1fff;
		}
		if (!(wild & WILD_PCP)) {
			tci |= (uint16_t)(KEY_VLAN_PRESENT | (pcp & 7) << 13);
			mask |= 0xf000;
		}
	}
	match->key.base.vlan_tci = be16_from(tci);
	match->mask.base.vlan_tci = be16_from(mask);
}

static void set_l4(struct match *match, uint32_t wild, uint16_t src, uint16_t dst)
{
	match->mask.base.l4_src = wild & WILD_L4_SRC ? 0 : 0xffff;
	match->mask.base.l4_dst = wild & WILD_L4_DST ? 0 : 0xffff;
	match->key.base.l4_src = be16_from(src) & match->mask.base.l4_src;
	match->key.base.l4_dst = be16_from(dst) & match->mask.base.l4_dst;
	/* ICMP's type and code have 8 bits of those 16. */
	if (match->mask.base.ip_proto && match->key.base.ip_proto == 1) {
		match->key.base.l4_src &= be16_from(0xff);
		match->key.base.l4_dst &= be16_from(0xff);
		match->mask.base.l4_src &= be16_from(0xff);
		match->mask.base.l4_dst &= be16_from(0xff);
	}
}

void match10_decode(struct wire_in *in, struct match *match)
{
	struct key_base *key = &match->key.base, *mask = &match->mask.base;
	uint32_t wild = wire_u32(in) & WILD_ALL, word;
	uint16_t vid, src;
	uint8_t byte;

	match_init(match, in->tlv);
	word = field_port_from16(wire_u16(in));
	mask->in_port = wild & WILD_IN_PORT ? 0 : UINT32_MAX;
	key->in_port = word & mask->in_port;
	key->eth_src = wire_mac(in);
	key->eth_dst = wire_mac(in);
	memset(&mask->eth_src, wild & WILD_ETH_SRC ? 0 : 0xff, 6);
	memset(&mask->eth_dst, wild & WILD_ETH_DST ? 0 : 0xff, 6);
	vid = wire_u16(in);
	byte = wire_u8(in);
	wire_skip(in, 1);
	set_vlan(match, wild, vid, byte);
	mask->eth_type = wild & WILD_ETH_TYPE ? 0 : 0xffff;
	key->eth_type = be16_from(wire_u16(in)) & mask->eth_type;
	mask->ip_tos = wild & WILD_TOS ? 0 : 0xfc;
	key->ip_tos = wire_u8(in) & mask->ip_tos;
	mask->ip_proto = wild & WILD_PROTO ? 0 : 0xff;
	key->ip_proto = wire_u8(in) & mask->ip_proto;
	wire_skip(in, 2);
	mask->ip_src = prefix_mask(wild >> WILD_IP_SRC_SHIFT & WILD_IP_BITS);
	mask->ip_dst = prefix_mask(wild >> WILD_IP_DST_SHIFT & WILD_IP_BITS);
	key->ip_src = be32_from(wire_u32(in)) & mask->ip_src;
	key->ip_dst = be32_from(wire_u32(in)) & mask->ip_dst;
	src = wire_u16(in);
	set_l4(match, wild, src, wire_u16(in));
	for (unsigned i = 0; i < 6; i++) {
		key->eth_src.bytes[i] &= mask->eth_src.bytes[i];
		key->eth_dst.bytes[i] &= mask->eth_dst.bytes[i];
	}
	match_normalize(match);
}

static unsigned wild_bits(be32 mask)
{
	unsigned n = 0;

	while (n < 32 && !(be32_to(mask) >> n & 1))
		n++;
	return n;
}

static uint32_t wildcards(const struct match *match)
{
	const struct key_base *mask = &match->mask.base;
	uint16_t tci_mask = be16_to(mask->vlan_tci);
	uint32_t wild = 0;

	wild |= mask->in_port ? 0 : WILD_IN_PORT;
	wild |= tci_mask & 0xfff ? 0 : WILD_VLAN;
	wild |= tci_mask & 0xe000 && match->key.base.vlan_tci ? 0 : WILD_PCP;
	wild |= match_has(match, &fields[FIELD_ETH_SRC]) ? 0 : WILD_ETH_SRC;
	wild |= match_has(match, &fields[FIELD_ETH_DST]) ? 0 : WILD_ETH_DST;
	wild |= mask->eth_type ? 0 : WILD_ETH_TYPE;
	wild |= mask->ip_proto ? 0 : WILD_PROTO;
	wild |= mask->ip_tos & 0xfc ? 0 : WILD_TOS;
	wild |= mask->l4_src ? 0 : WILD_L4_SRC;
	wild |= mask->l4_dst ? 0 : WILD_L4_DST;
	wild |= wild_bits(mask->ip_src) << WILD_IP_SRC_SHIFT;
	wild |= wild_bits(mask->ip_dst) << WILD_IP_DST_SHIFT;
	return wild;
}

void match10_encode(struct wire_out *out, const struct match *match)
{
	const struct key_base *key = &match->key.base;
	uint16_t tci = be16_to(key->vlan_tci);
	bool no_vlan = !tci && match->mask.base.vlan_tci;

	wire_put_u32(out, wildcards(match));
	wire_put_u16(out, field_port_to16(key->in_port));
	wire_put_mac(out, key->eth_src);
	wire_put_mac(out, key->eth_dst);
	wire_put_u16(out, no_vlan ? NO_VLAN : tci & 0xfff);
	wire_put_u8(out, (uint8_t)(tci >> 13));
	wire_put_zeros(out, 1);
	wire_put_u16(out, be16_to(key->eth_type));
	wire_put_u8(out, key->ip_tos & 0xfc);
	wire_put_u8(out, key->ip_proto);
	wire_put_zeros(out, 2);
	wire_put_u32(out, be32_to(key->ip_src));
	wire_put_u32(out, be32_to(key->ip_dst));
	wire_put_u16(out, be16_to(key->l4_src));
	wire_put_u16(out, be16_to(key->l4_dst));
}

bool match10_can(const struct match *match)
{
	struct wire_out out;
	struct wire_in in;
	struct match back;

	wire_out_init(&out, OF10);
	match10_encode(&out, match);
	in = wire_in(out.data, out.n, OF10);
	match10_decode(&in, &back);
	wire_out_fini(&out);
	return match_equal(match, &back);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/match.h"

#include <errno.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"

enum {
	MATCH_WORDS = sizeof(struct key) / sizeof(uint64_t)
};

static const uint64_t *words(const struct key *key)
{
	return (const uint64_t *)(const void *)key;
}

void match_init(struct match *match, const struct tlv_map *tlv)
{
	memset(match, 0, sizeof(*match));
	if (tlv)
		match->tlv = *tlv;
}

/* A later fragment is a fragment: one bit says all there is to say, in one way. */
static void simplify_frag(uint8_t *frag, uint8_t *mask)
{
	if (*mask != (KEY_FRAG_ANY | KEY_FRAG_LATER))
		return;
	if (*frag & KEY_FRAG_LATER)
		*frag = *mask = KEY_FRAG_LATER;
	else if (!*frag)
		*mask = KEY_FRAG_ANY;
}

void match_set(
	struct match *match, const struct field *field, const uint8_t *value, const uint8_t *mask
)
{
	uint8_t masked[FIELD_MAX_SIZE];
	unsigned size = field_size(field, &match->tlv);

	if (mask) {
		for (unsigned i = 0; i < size; i++)
			masked[i] = value[i] & mask[i];
		field_set(field, &match->tlv, &match->key, masked);
		field_set(field, &match->tlv, &match->mask, mask);
	} else {
		field_set(field, &match->tlv, &match->key, value);
		field_set_all(field, &match->tlv, &match->mask);
	}
	/* Also when it is not bound. */
	if (field_is_option(field)) {
		match->key.tunnel.options_present |= 1ULL << field->offset;
		match->mask.tunnel.options_present |= 1ULL << field->offset;
	}
	if (field == &fields[FIELD_IP_FRAG])
		simplify_frag(&match->key.base.ip_frag, &match->mask.base.ip_frag);
}

void match_set_number(struct match *match, const struct field *field, uint64_t number)
{
	uint8_t value[FIELD_MAX_SIZE] = {0};
	unsigned size = field_size(field, &match->tlv);
	unsigned used = size < 8 ? size : 8;

	field_put_number(value + size - used, used, number);
	match_set(match, field, value, NULL);
}

void match_get(const struct match *match, const struct field *field, uint8_t *value, uint8_t *mask)
{
	field_get(field, &match->tlv, &match->key, value);
	field_get(field, &match->tlv, &match->mask, mask);
	/* The key has room for 8 of the 16 bits of ARP's operation. */
	if (field == &fields[FIELD_ARP_OP] && mask[1] == 0xff)
		mask[0] = 0xff;
}

bool match_has(const struct match *match, const struct field *field)
{
	return field_any(field, &match->tlv, &match->mask);
}

bool match_is_exact(const struct match *match, const struct field *field)
{
	uint8_t mask[FIELD_MAX_SIZE], ones[FIELD_MAX_SIZE];
	struct key all;

	/* By way of a key, because the key may have room for fewer bits than the wire. */
	memset(&all, 0xff, sizeof(all));
	field_get(field, &match->tlv, &all, ones);
	field_get(field, &match->tlv, &match->mask, mask);
	return !memcmp(mask, ones, field_size(field, &match->tlv));
}

/* Needs. */

static bool has_type(const struct match *match, uint16_t type)
{
	return match->mask.base.eth_type == 0xffff && match->key.base.eth_type == be16_from(type);
}

static bool has_ip(const struct match *match)
{
	return has_type(match, 0x0800) || has_type(match, 0x86dd);
}

static bool has_proto(const struct match *match, uint8_t proto)
{
	return match->mask.base.ip_proto == 0xff && match->key.base.ip_proto == proto;
}

static bool has_icmpv6(const struct match *match)
{
	return has_type(match, 0x86dd) && has_proto(match, 58);
}

static bool has_nd(const struct match *match, uint8_t type)
{
	return has_icmpv6(match) && (match->mask.base.l4_src & 0xff00) == 0xff00 &&
		match->key.base.l4_src == be16_from(type);
}

/* The original tuple exists once a connection is known to be there. */
static bool has_ct(const struct match *match)
{
	uint16_t set = match->key.base.ct_state;
	uint16_t unset = match->mask.base.ct_state & ~set;

	if (set & (KEY_CT_NEW | KEY_CT_EST | KEY_CT_REL | KEY_CT_RPL | KEY_CT_SNAT | KEY_CT_DNAT))
		return true;
	return set & KEY_CT_TRK && unset & KEY_CT_INV;
}

static bool has_ethernet(const struct match *match)
{
	return !match->key.extra.packet_type || match->mask.extra.packet_type != UINT32_MAX;
}

/* Bare IP packets need no Ethernet type: their packet type says as much. */
static bool has_l4(const struct match *match, uint8_t proto)
{
	return has_ip(match) && has_proto(match, proto) &&
		!(match->key.base.ip_frag & KEY_FRAG_LATER);
}

bool match_allows(const struct match *match, const struct field *field)
{
	const uint16_t present = be16_from(KEY_VLAN_PRESENT);

	switch ((enum field_needs)field->needs) {
	case FIELD_NEEDS_NONE:
		return true;
	case FIELD_NEEDS_ETHERNET:
		return has_ethernet(match);
	case FIELD_NEEDS_VLAN:
		return match->key.base.vlan_tci & present;
	case FIELD_NEEDS_IPV4:
		return has_type(match, 0x0800);
	case FIELD_NEEDS_IPV6:
		return has_type(match, 0x86dd);
	case FIELD_NEEDS_IP:
		return has_ip(match);
	case FIELD_NEEDS_ARP:
		return has_type(match, 0x0806) || has_type(match, 0x8035);
	case FIELD_NEEDS_MPLS:
		return has_type(match, 0x8847) || has_type(match, 0x8848);
	case FIELD_NEEDS_PBB:
		return has_type(match, 0x88e7);
	case FIELD_NEEDS_CT:
		return has_ct(match) && has_ip(match);
	case FIELD_NEEDS_CT_IPV4:
		return has_ct(match) && has_type(match, 0x0800);
	case FIELD_NEEDS_CT_IPV6:
		return has_ct(match) && has_type(match, 0x86dd);
	case FIELD_NEEDS_TCP:
		return has_l4(match, 6);
	case FIELD_NEEDS_UDP:
		return has_l4(match, 17);
	case FIELD_NEEDS_SCTP:
		return has_l4(match, 132);
	case FIELD_NEEDS_ICMP:
		return has_type(match, 0x0800) && has_l4(match, 1);
	case FIELD_NEEDS_ICMPV6:
		return has_icmpv6(match);
	case FIELD_NEEDS_ND:
		return has_nd(match, 135) || has_nd(match, 136);
	case FIELD_NEEDS_ND_SOLICIT:
		return has_nd(match, 135);
	case FIELD_NEEDS_ND_ADVERT:
		return has_nd(match, 136);
	}
	return false;
}

const char *match_needs_text(const struct field *field)
{
	static const char *const text[] = {
		[FIELD_NEEDS_VLAN] = "a VLAN tag (dl_vlan or vlan_vid)",
		[FIELD_NEEDS_IPV4] = "ip",
		[FIELD_NEEDS_IPV6] = "ipv6",
		[FIELD_NEEDS_IP] = "ip or ipv6",
		[FIELD_NEEDS_ARP] = "arp or rarp",
		[FIELD_NEEDS_MPLS] = "mpls or mplsm",
		[FIELD_NEEDS_PBB] = "dl_type=0x88e7",
		[FIELD_NEEDS_CT] =
			"ip or ipv6, and ct_state with +new, +est, +rel, +rpl, +snat, +dnat or +trk-inv",
		[FIELD_NEEDS_CT_IPV4] =
			"ip, and ct_state with +new, +est, +rel, +rpl, +snat, +dnat or +trk-inv",
		[FIELD_NEEDS_CT_IPV6] =
			"ipv6, and ct_state with +new, +est, +rel, +rpl, +snat, +dnat or +trk-inv",
		[FIELD_NEEDS_TCP] = "tcp or tcp6",
		[FIELD_NEEDS_UDP] = "udp or udp6",
		[FIELD_NEEDS_SCTP] = "sctp or sctp6",
		[FIELD_NEEDS_ICMP] = "icmp",
		[FIELD_NEEDS_ICMPV6] = "icmp6",
		[FIELD_NEEDS_ND] = "icmp6 and icmp_type=135 or 136",
		[FIELD_NEEDS_ND_SOLICIT] = "icmp6 and icmp_type=135",
		[FIELD_NEEDS_ND_ADVERT] = "icmp6 and icmp_type=136",
	};

	return field->needs < ARRAY_LENGTH(text) ? text[field->needs] : NULL;
}

void match_normalize(struct match *match)
{
	uint16_t blocks = key_mask_blocks(&match->mask);
	struct match kept;

	match_init(&kept, &match->tlv);
	kept.key.tunnel.options_present = match->key.tunnel.options_present;
	kept.mask.tunnel.options_present = match->mask.tunnel.options_present;
	FIELDS_FOREACH(field) {
		uint8_t value[FIELD_MAX_SIZE], mask[FIELD_MAX_SIZE];

		if (!field_in_blocks(field, blocks) || field->flags & FIELD_VIEW ||
		    !match_has(match, field) || !match_allows(match, field))
			continue;
		match_get(match, field, value, mask);
		field_set(field, &kept.tlv, &kept.key, value);
		field_set(field, &kept.tlv, &kept.mask, mask);
	}
	/* Views that have no field of their own keep their bits through the container. */
	kept.key.base.vlan_tci = match->key.base.vlan_tci;
	kept.mask.base.vlan_tci = match->mask.base.vlan_tci;
	/* in_port is 32 bits wide in the key, its plain name says 16. */
	kept.key.base.in_port = match->key.base.in_port;
	kept.mask.base.in_port = match->mask.base.in_port;
	*match = kept;
}

/* What a field needs beside it. "tp_dst" is that of any protocol that has such ports. */
static int refuse_alone(const char *name, struct errbuf *err)
{
	struct strbuf needs = STRBUF_INIT;

	FIELDS_FOREACH(field) {
		const char *text = match_needs_text(field);

		if (!text || strcmp(field->shown_name, name))
			continue;
		strbuf_addf(&needs, "%s%s", needs.length ? ", " : "", text);
	}
	errbuf_set(
		err,
		-EINVAL,
		"%s: only together with %s",
		name,
		needs.length ? strbuf_text(&needs) : "an Ethernet packet type"
	);
	strbuf_fini(&needs);
	return err->error;
}

int match_check(const struct match *match, struct errbuf *err)
{
	struct match kept = *match;

	match_normalize(&kept);
	if (match_equal(&kept, match))
		return 0;
	FIELDS_FOREACH(field) {
		if (field->flags & FIELD_VIEW || !match_has(match, field) ||
		    match_has(&kept, field))
			continue;
		return refuse_alone(field->shown_name, err);
	}
	return errbuf_set(err, -EINVAL, "parts of the match need other fields to be matched too");
}

/* Comparison. */

bool match_equal(const struct match *a, const struct match *b)
{
	return !memcmp(&a->mask, &b->mask, sizeof(a->mask)) &&
		!memcmp(&a->key, &b->key, sizeof(a->key));
}

uint32_t match_hash(const struct match *match, uint32_t basis)
{
	uint32_t hash = key_hash_masked(&match->mask, &match->mask, basis);

	return key_hash_masked(&match->key, &match->mask, hash);
}

bool match_is_within(const struct match *narrow, const struct match *wide)
{
	const uint64_t *nk = words(&narrow->key), *nm = words(&narrow->mask);
	const uint64_t *wk = words(&wide->key), *wm = words(&wide->mask);

	for (unsigned i = 0; i < MATCH_WORDS; i++)
		if ((wm[i] & ~nm[i]) || ((nk[i] ^ wk[i]) & wm[i]))
			return false;
	return true;
}

bool match_overlaps(const struct match *a, const struct match *b)
{
	const uint64_t *ak = words(&a->key), *am = words(&a->mask);
	const uint64_t *bk = words(&b->key), *bm = words(&b->mask);

	for (unsigned i = 0; i < MATCH_WORDS; i++)
		if ((ak[i] ^ bk[i]) & am[i] & bm[i])
			return false;
	return true;
}

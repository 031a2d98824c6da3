/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/dptext.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "lib/flow/names.h"
#include "lib/flow/value.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"

/* One value in a group: "src" of "eth(src=…)", or the only one of "recirc_id(…)". The order is
 * that of dumps. */
struct part {
	const char *group;
	const char *name; /* NULL: the group has nothing else */
	enum field_id field;
};

static const struct part parts[] = {
	{"recirc_id", NULL, FIELD_RECIRC_ID},
	{"dp_hash", NULL, FIELD_DP_HASH},
	{"skb_priority", NULL, FIELD_SKB_PRIORITY},
	{"tunnel", "tun_id", FIELD_TUN_ID},
	{"tunnel", "src", FIELD_TUN_SRC},
	{"tunnel", "dst", FIELD_TUN_DST},
	{"tunnel", "ipv6_src", FIELD_TUN_IPV6_SRC},
	{"tunnel", "ipv6_dst", FIELD_TUN_IPV6_DST},
	{"tunnel", "tos", FIELD_TUN_TOS},
	{"tunnel", "ttl", FIELD_TUN_TTL},
	{"tunnel", "flags", FIELD_TUN_FLAGS},
	{"in_port", NULL, FIELD_IN_PORT_OXM},
	{"skb_mark", NULL, FIELD_PKT_MARK},
	{"ct_state", NULL, FIELD_CT_STATE},
	{"ct_zone", NULL, FIELD_CT_ZONE},
	{"ct_mark", NULL, FIELD_CT_MARK},
	{"ct_label", NULL, FIELD_CT_LABEL},
	{"ct_tuple4", "src", FIELD_CT_NW_SRC},
	{"ct_tuple4", "dst", FIELD_CT_NW_DST},
	{"ct_tuple6", "src", FIELD_CT_IPV6_SRC},
	{"ct_tuple6", "dst", FIELD_CT_IPV6_DST},
	{"ct_tuple", "proto", FIELD_CT_NW_PROTO},
	{"ct_tuple", "tp_src", FIELD_CT_TP_SRC},
	{"ct_tuple", "tp_dst", FIELD_CT_TP_DST},
	{"eth", "src", FIELD_ETH_SRC},
	{"eth", "dst", FIELD_ETH_DST},
	{"vlan", "tci", FIELD_VLAN_TCI},
	{"eth_type", NULL, FIELD_ETH_TYPE},
	{"mpls", "label", FIELD_MPLS_LABEL},
	{"mpls", "tc", FIELD_MPLS_TC},
	{"mpls", "ttl", FIELD_MPLS_TTL},
	{"mpls", "bos", FIELD_MPLS_BOS},
	{"arp", "sip", FIELD_ARP_SPA},
	{"arp", "tip", FIELD_ARP_TPA},
	{"arp", "op", FIELD_ARP_OP},
	{"arp", "sha", FIELD_ARP_SHA},
	{"arp", "tha", FIELD_ARP_THA},
	{"ipv4", "src", FIELD_IP_SRC},
	{"ipv4", "dst", FIELD_IP_DST},
	{"ipv4", "proto", FIELD_IP_PROTO},
	{"ipv4", "tos", FIELD_NW_TOS},
	{"ipv4", "ttl", FIELD_NW_TTL},
	{"ipv4", "frag", FIELD_IP_FRAG},
	{"ipv6", "src", FIELD_IPV6_SRC},
	{"ipv6", "dst", FIELD_IPV6_DST},
	{"ipv6", "label", FIELD_IPV6_LABEL},
	{"ipv6", "proto", FIELD_IP_PROTO},
	{"ipv6", "tclass", FIELD_NW_TOS},
	{"ipv6", "hlimit", FIELD_NW_TTL},
	{"ipv6", "frag", FIELD_IP_FRAG},
	{"tcp", "src", FIELD_TCP_SRC},
	{"tcp", "dst", FIELD_TCP_DST},
	{"udp", "src", FIELD_UDP_SRC},
	{"udp", "dst", FIELD_UDP_DST},
	{"sctp", "src", FIELD_SCTP_SRC},
	{"sctp", "dst", FIELD_SCTP_DST},
	{"icmp", "type", FIELD_ICMP_TYPE},
	{"icmp", "code", FIELD_ICMP_CODE},
	{"icmpv6", "type", FIELD_ICMPV6_TYPE},
	{"icmpv6", "code", FIELD_ICMPV6_CODE},
	{"nd", "target", FIELD_ND_TARGET},
	{"nd", "sll", FIELD_ND_SLL},
	{"nd", "tll", FIELD_ND_TLL},
	{"tcp_flags", NULL, FIELD_TCP_FLAGS},
};

struct reader {
	const char *p; /* what is left */
	struct match *match;
	const struct names *names;
	struct errbuf *err;
	int depth; /* of encap() */
};

static bool is_vlan_type(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* Takes a word of letters, digits and '_'. */
static void take_word(struct reader *r, char *word, size_t size)
{
	size_t n = 0;

	while (isspace((unsigned char)*r->p) || *r->p == ',')
		r->p++;
	for (; isalnum((unsigned char)*r->p) || *r->p == '_'; r->p++)
		if (n + 1 < size)
			word[n++] = *r->p;
	word[n] = '\0';
}

/* Takes all up to a ',' or the ')' that closes the group. */
static void take_value(struct reader *r, char *value, size_t size)
{
	size_t n = 0;
	int depth = 0;

	for (; *r->p; r->p++) {
		depth += *r->p == '(';
		if (!depth && strchr(",)", *r->p))
			break;
		depth -= *r->p == ')';
		if (n + 1 < size)
			value[n++] = *r->p;
	}
	value[n] = '\0';
}

static int unknown(struct reader *r, const char *group, const char *name)
{
	struct near near;

	near_init(&near, name);
	for (unsigned i = 0; i < ARRAY_LENGTH(parts); i++) {
		if (!group)
			near_add(&near, parts[i].group);
		else if (parts[i].name && !strcmp(parts[i].group, group))
			near_add(&near, parts[i].name);
	}
	return near_refuse(
		&near,
		r->err,
		-EINVAL,
		"%s%s%s: unknown",
		group ? group : "",
		group ? "." : "",
		name
	);
}

/* The whole TOS byte, which no field of ours is. */
static int parse_tos(struct reader *r, const char *text)
{
	char *end;
	unsigned long tos = strtoul(text, &end, 0), mask = 0xff;

	if (*end == '/')
		mask = strtoul(end + 1, &end, 0);
	if (*end || !*text || tos > 255 || mask > 255)
		return errbuf_set(r->err, -EINVAL, "tos: '%s' is not a number up to 255", text);
	r->match->key.base.ip_tos = (uint8_t)(tos & mask);
	r->match->mask.base.ip_tos = (uint8_t)mask;
	return 0;
}

static int parse_part(struct reader *r, const struct part *part, const char *text)
{
	const struct value_context context = {.map = &r->match->tlv, .names = r->names};
	const struct field *field = &fields[part->field];
	uint8_t value[FIELD_MAX_SIZE], mask[FIELD_MAX_SIZE];
	int error;

	if (part->field == FIELD_NW_TOS)
		return parse_tos(r, text);
	error = value_parse(field, &context, text, value, mask, r->err);
	if (error) {
		errbuf_prefix(
			r->err, "%s%s%s: ", part->group, part->name ? "." : "", part->name ?: ""
		);
		return error;
	}
	if (part->field == FIELD_ETH_TYPE && is_vlan_type((uint16_t)field_number(value, 2))) {
		r->match->key.base.vlan_tpid = be16_from((uint16_t)field_number(value, 2));
		r->match->mask.base.vlan_tpid = 0xffff;
		return 0;
	}
	match_set(r->match, field, value, mask);
	return 0;
}

/* vlan(vid=5,pcp=0): numbers with masks; a tag that is described is there. */
static int parse_vlan(struct reader *r, const char *name, const char *text)
{
	static const struct {
		const char *name;
		unsigned shift, max;
	} bits[] = {{"vid", 0, 0xfff}, {"cfi", 12, 1}, {"pcp", 13, 7}, {"tci", 0, 0xffff}};
	struct key *key = &r->match->key, *mask = &r->match->mask;
	unsigned long value, bit_mask;
	char *end;

	for (unsigned i = 0; i < ARRAY_LENGTH(bits); i++) {
		if (strcmp(name, bits[i].name) != 0)
			continue;
		bit_mask = bits[i].max;
		value = strtoul(text, &end, 0);
		if (*end == '/')
			bit_mask = strtoul(end + 1, &end, 0);
		if (*end || !*text || value > bits[i].max || bit_mask > bits[i].max)
			return errbuf_set(
				r->err,
				-EINVAL,
				"vlan.%s: '%s' is not a number up to %u",
				name,
				text,
				bits[i].max
			);
		key->base.vlan_tci |= be16_from((uint16_t)((value & bit_mask) << bits[i].shift));
		mask->base.vlan_tci |= be16_from((uint16_t)(bit_mask << bits[i].shift));
		if (i < 3) {
			key->base.vlan_tci |= be16_from(KEY_VLAN_PRESENT);
			mask->base.vlan_tci |= be16_from(KEY_VLAN_PRESENT);
		}
		return 0;
	}
	return unknown(r, "vlan", name);
}

static const struct part *find_part(const char *group, const char *name)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(parts); i++)
		if (!strcmp(parts[i].group, group) &&
		    (name ? parts[i].name && !strcmp(parts[i].name, name) : 1))
			return &parts[i];
	return NULL;
}

static int parse_member(struct reader *r, const char *group)
{
	char name[32], text[VALUE_TEXT_SIZE];
	const struct part *part;

	take_word(r, name, sizeof(name));
	if (!strcmp(group, "tunnel") && !strcmp(name, "flags") && *r->p == '(') {
		/* flags(df|csum|key): only oam can be matched; the others describe. */
		take_value(r, text, sizeof(text));
		return 0;
	}
	if (*r->p != '=')
		return errbuf_set(r->err, -EINVAL, "%s: '=' is missing after '%s'", group, name);
	r->p++;
	take_value(r, text, sizeof(text));
	if (!strcmp(group, "vlan"))
		return parse_vlan(r, name, text);
	part = find_part(group, name);
	return part ? parse_part(r, part, text) : unknown(r, group, name);
}

static int parse_groups(struct reader *r);

static int parse_group(struct reader *r)
{
	char group[32], text[VALUE_TEXT_SIZE];
	const struct part *part;
	int error = 0;

	take_word(r, group, sizeof(group));
	if (*r->p != '(')
		return errbuf_set(r->err, -EINVAL, "'(' is missing after '%s'", group);
	r->p++;
	part = find_part(group, NULL);
	if (!strcmp(group, "encap") && r->depth < 2) {
		r->depth++;
		error = parse_groups(r);
		r->depth--;
	} else if (!strcmp(group, "packet_type")) {
		take_value(r, text, sizeof(text));
		while (*r->p == ',') {
			r->p++;
			take_value(r, text, sizeof(text));
		}
	} else if (!part) {
		return unknown(r, NULL, group);
	} else if (!part->name) {
		take_value(r, text, sizeof(text));
		error = parse_part(r, part, text);
	} else {
		while (!error && *r->p && *r->p != ')')
			error = parse_member(r, group);
	}
	if (error)
		return error;
	if (*r->p != ')')
		return errbuf_set(r->err, -EINVAL, "%s: ')' is missing", group);
	r->p++;
	return 0;
}

static int parse_groups(struct reader *r)
{
	int error = 0;

	for (;;) {
		while (isspace((unsigned char)*r->p) || *r->p == ',')
			r->p++;
		if (error || !*r->p || (*r->p == ')' && r->depth))
			return error;
		error = parse_group(r);
	}
}

int dptext_parse(
	struct match *match, const char *text, const struct names *names, struct errbuf *err
)
{
	struct reader r = {.p = text, .match = match, .names = names, .err = err};
	int error = parse_groups(&r);

	if (!error && *r.p)
		return errbuf_set(err, -EINVAL, "unexpected '%s'", r.p);
	return error;
}

bool dptext_is_meant(const char *text)
{
	const char *p = text + strspn(text, " \t");

	while (isalnum((unsigned char)*p) || *p == '_')
		p++;
	return p > text && *p == '(';
}

/* Formatting. */

/* What an exact view of 'key' has: every part that such a packet has. */
static void full_mask(struct match *match)
{
	struct key all;

	memset(&all, 0xff, sizeof(all));
	match->mask = all;
	match->mask.base.vlan_tci = match->key.base.vlan_tci ? 0xffff : 0;
	for (unsigned i = 0; i < ARRAY_LENGTH(parts); i++) {
		const struct field *field = &fields[parts[i].field];
		uint8_t zero[FIELD_MAX_SIZE] = {0};
		bool is_optional = field->needs == FIELD_NEEDS_NONE &&
			parts[i].field != FIELD_IN_PORT_OXM && parts[i].field != FIELD_RECIRC_ID;

		if (is_optional && !field_any(field, &match->tlv, &match->key))
			field_set(field, &match->tlv, &match->mask, zero);
	}
}

static bool is_shown(const struct match *match, const struct part *part)
{
	const struct field *field = &fields[part->field];

	/* IPv4 and IPv6 share fields; the Ethernet type says whose they are. */
	if (!strcmp(part->group, "ipv4") || !strcmp(part->group, "ipv6"))
		field = &fields[part->group[3] == '4' ? FIELD_IP_SRC : FIELD_IPV6_SRC];
	if (!match_allows(match, field))
		return false;
	if (part->field == FIELD_NW_TOS)
		return match->mask.base.ip_tos;
	return match_has(match, &fields[part->field]);
}

static void format_part(
	const struct match *match,
	const struct part *part,
	const struct names *names,
	struct strbuf *out
)
{
	struct tlv_map map = match->tlv;
	const struct value_context context = {.map = &map, .names = names};
	uint8_t value[FIELD_MAX_SIZE], mask[FIELD_MAX_SIZE];
	uint8_t tos_mask = match->mask.base.ip_tos;

	if (part->name)
		strbuf_addf(out, "%s=", part->name);
	if (part->field == FIELD_NW_TOS) {
		strbuf_addf(out, match->key.base.ip_tos ? "%#x" : "%x", match->key.base.ip_tos);
		if (tos_mask != 0xff)
			strbuf_addf(out, "/%#x", tos_mask);
		return;
	}
	match_get(match, &fields[part->field], value, mask);
	value_format(&fields[part->field], &context, value, mask, out);
}

static void format_vlan(const struct match *match, struct strbuf *out)
{
	uint16_t tci = be16_to(match->key.base.vlan_tci), mask = be16_to(match->mask.base.vlan_tci);
	uint16_t tpid = be16_to(match->key.base.vlan_tpid);

	strbuf_addf(out, "eth_type(0x%04x),vlan(", tpid ? tpid : 0x8100);
	if ((mask & 0xfff) == 0xfff)
		strbuf_addf(out, "vid=%u", tci & 0xfffU);
	else if (mask & 0xfff)
		strbuf_addf(out, "vid=0x%x/0x%x", tci & 0xfffU, mask & 0xfffU);
	if (mask >> 13 == 7)
		strbuf_addf(out, "%spcp=%u", mask & 0xfff ? "," : "", tci >> 13U);
	else if (mask >> 13)
		strbuf_addf(
			out, "%spcp=0x%x/0x%x", mask & 0xfff ? "," : "", tci >> 13U, mask >> 13U
		);
	strbuf_add(out, "),encap(");
}

/* The options at the end of the tunnel's group, which is 'open' if it has begun. Returns whether it
 * has now. */
static bool
format_options(const struct match *match, bool open, const struct names *names, struct strbuf *out)
{
	struct strbuf options = STRBUF_INIT;

	if (!names || !names->tunnel_options)
		return open;
	names->tunnel_options(names->context, &match->key, &match->mask, &options);
	if (options.length) {
		strbuf_add(out, open ? "," : "tunnel(");
		strbuf_add_n(out, options.text, options.length);
		open = true;
	}
	strbuf_fini(&options);
	return open;
}

/* One group and the parts of it that are shown; moves '*i' behind it. */
static void
format_group(const struct match *match, unsigned *i, const struct names *names, struct strbuf *out)
{
	const char *group = parts[*i].group;
	bool open = false;

	for (; *i < ARRAY_LENGTH(parts) && !strcmp(parts[*i].group, group); ++*i) {
		if (!is_shown(match, &parts[*i]))
			continue;
		strbuf_add(out, open ? "," : group);
		if (!open)
			strbuf_add_char(out, '(');
		open = true;
		format_part(match, &parts[*i], names, out);
	}
	if (!strcmp(group, "tunnel"))
		open = format_options(match, open, names, out);
	if (open)
		strbuf_add(out, "),");
}

void dptext_format(
	const struct key *key, const struct key *mask, const struct names *names, struct strbuf *out
)
{
	struct match match;
	bool in_vlan = false;

	match_init(&match, NULL);
	match.key = *key;
	if (mask)
		match.mask = *mask;
	else
		full_mask(&match);
	for (unsigned i = 0; i < ARRAY_LENGTH(parts);) {
		bool is_vlan = parts[i].field == FIELD_VLAN_TCI;

		if (!is_vlan) {
			format_group(&match, &i, names, out);
			continue;
		}
		in_vlan = match.key.base.vlan_tci & be16_from(KEY_VLAN_PRESENT);
		if (in_vlan)
			format_vlan(&match, out);
		i++;
	}
	strbuf_chomp(out, ',');
	if (in_vlan)
		strbuf_add_char(out, ')');
}

const char *dptext_headers(const char *text)
{
	const char *found = strstr(text, "eth(");

	return found ? found : text;
}

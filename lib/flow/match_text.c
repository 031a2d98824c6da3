/* SPDX-License-Identifier: Apache-2.0 */
/* Matches as ovs-ofctl writes them: "tcp,nw_src=192.0.2.0/24,tp_dst=80".  */

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

/* Words that stand for an Ethernet type and a protocol. */
static const struct protocol {
	const char *name;
	uint16_t eth_type;
	uint8_t proto; /* 0: none */
} protocols[] = {
	{"ip", 0x0800, 0},
	{"ipv4", 0x0800, 0},
	{"icmp", 0x0800, 1},
	{"tcp", 0x0800, 6},
	{"udp", 0x0800, 17},
	{"sctp", 0x0800, 132},
	{"arp", 0x0806, 0},
	{"rarp", 0x8035, 0},
	{"ipv6", 0x86dd, 0},
	{"ip6", 0x86dd, 0},
	{"icmp6", 0x86dd, 58},
	{"tcp6", 0x86dd, 6},
	{"udp6", 0x86dd, 17},
	{"sctp6", 0x86dd, 132},
	{"mpls", 0x8847, 0},
	{"mplsm", 0x8848, 0},
};

static const struct protocol *find_protocol(const char *name)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(protocols); i++)
		if (!strcmp(name, protocols[i].name))
			return &protocols[i];
	return NULL;
}

static int set_protocol(struct match *match, const struct protocol *protocol, struct errbuf *err)
{
	uint8_t type[2];

	field_put_number(type, 2, protocol->eth_type);
	if (match_has(match, &fields[FIELD_ETH_TYPE]) &&
	    match->key.base.eth_type != be16_from(protocol->eth_type))
		return errbuf_set(
			err,
			-EINVAL,
			"%s: the match already has another Ethernet type",
			protocol->name
		);
	if (protocol->proto && match_has(match, &fields[FIELD_IP_PROTO]) &&
	    match->key.base.ip_proto != protocol->proto)
		return errbuf_set(
			err,
			-EINVAL,
			"%s: the match already has another protocol of IP",
			protocol->name
		);
	match_set(match, &fields[FIELD_ETH_TYPE], type, NULL);
	if (protocol->proto)
		match_set(match, &fields[FIELD_IP_PROTO], &protocol->proto, NULL);
	return 0;
}

/* VLAN words write parts of one field and do not forget the other parts. */
static void or_vlan(struct match *match, uint16_t tci, uint16_t mask)
{
	match->key.base.vlan_tci =
		(match->key.base.vlan_tci & ~be16_from(mask)) | be16_from(tci & mask);
	match->mask.base.vlan_tci |= be16_from(mask);
}

static int
set_vlan(struct match *match, const struct field *field, const char *text, struct errbuf *err)
{
	unsigned long number;
	char *end;

	number = strtoul(text, &end, 0);
	if (*end || end == text)
		return errbuf_set(err, -EINVAL, "'%s' is not a number", text);
	if (field == &fields[FIELD_DL_VLAN]) {
		if (number == 0xffff)
			or_vlan(match, 0, 0xffff);
		else if (number > 4095)
			return errbuf_set(
				err,
				-EINVAL,
				"%s is not a VLAN (0 to 4095, or 0xffff for no tag)",
				text
			);
		else
			or_vlan(match, (uint16_t)(KEY_VLAN_PRESENT | number), 0x1fff);
		return 0;
	}
	if (number > 7)
		return errbuf_set(err, -EINVAL, "%s is not a priority (0 to 7)", text);
	or_vlan(match, (uint16_t)(KEY_VLAN_PRESENT | number << 13), 0xf000);
	return 0;
}

/* Without a tag there is nothing else to match of it. */
static void
set_vlan_bits(struct match *match, const struct field *field, const uint8_t *v, const uint8_t *m)
{
	uint16_t value = (uint16_t)field_number(v, 2), mask = (uint16_t)field_number(m, 2);

	if (field == &fields[FIELD_VLAN_TCI] && mask == 0xffff && value)
		value |= KEY_VLAN_PRESENT;
	if (field == &fields[FIELD_VLAN_VID] && mask == 0x1fff && !(value & KEY_VLAN_PRESENT) &&
	    value) {
		value |= KEY_VLAN_PRESENT;
	} else if (!value && (mask & 0x1fff) == 0x1fff && field == &fields[FIELD_VLAN_VID]) {
		mask = 0xffff;
	}
	or_vlan(match, value, mask);
}

/* The names that mean one of several fields, depending on the protocol. */
static const struct field *resolve_shared(const struct match *match, const char *name)
{
	static const struct {
		const char *name;
		enum field_id ids[4];
		unsigned n;
	} shared[] = {
		{"tp_src", {FIELD_TCP_SRC, FIELD_UDP_SRC, FIELD_SCTP_SRC, FIELD_ICMP_TYPE}, 4},
		{"tp_dst", {FIELD_TCP_DST, FIELD_UDP_DST, FIELD_SCTP_DST, FIELD_ICMP_CODE}, 4},
		{"icmp_type", {FIELD_ICMP_TYPE, FIELD_ICMPV6_TYPE}, 2},
		{"icmp_code", {FIELD_ICMP_CODE, FIELD_ICMPV6_CODE}, 2},
		{"nw_src", {FIELD_IP_SRC, FIELD_ARP_SPA}, 2},
		{"nw_dst", {FIELD_IP_DST, FIELD_ARP_TPA}, 2},
		{"nw_proto", {FIELD_IP_PROTO, FIELD_ARP_OP}, 2},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(shared); i++) {
		if (strcmp(name, shared[i].name) != 0)
			continue;
		for (unsigned j = 0; j < shared[i].n; j++)
			if (match_allows(match, &fields[shared[i].ids[j]]))
				return &fields[shared[i].ids[j]];
		return &fields[shared[i].ids[0]];
	}
	return field_find(name);
}

static int parse_field(
	struct match *match,
	const struct field *field,
	const char *text,
	const struct names *names,
	struct errbuf *err
)
{
	const struct value_context context = {.map = &match->tlv, .names = names};
	uint8_t value[FIELD_MAX_SIZE], mask[FIELD_MAX_SIZE];
	int error;

	if (field == &fields[FIELD_DL_VLAN] || field == &fields[FIELD_DL_VLAN_PCP] ||
	    field == &fields[FIELD_VLAN_PCP])
		return set_vlan(match, field, text, err);
	if (field == &fields[FIELD_IN_PORT])
		field = &fields[FIELD_IN_PORT_OXM];
	error = value_parse(field, &context, text, value, mask, err);
	if (error)
		return error;
	if (field == &fields[FIELD_NW_TOS])
		value[0] &= 0xfc;
	if (field == &fields[FIELD_VLAN_TCI] || field == &fields[FIELD_VLAN_VID])
		set_vlan_bits(match, field, value, mask);
	else
		match_set(match, field, value, mask);
	return 0;
}

int match_parse_word(
	struct match *match,
	const char *name,
	const char *value,
	const struct names *names,
	struct errbuf *err
)
{
	const struct protocol *protocol = find_protocol(name);
	const struct field *field;
	int error;

	if (!value && protocol)
		return set_protocol(match, protocol, err);
	if (!value && !strcmp(name, "eth")) {
		match_set_number(match, &fields[FIELD_PACKET_TYPE], 0);
		return 0;
	}
	field = resolve_shared(match, name);
	if (!field)
		return -ENOENT;
	if (!value && field_is_option(field)) {
		match->key.tunnel.options_present |= 1ULL << field->offset;
		match->mask.tunnel.options_present |= 1ULL << field->offset;
		return 0;
	}
	if (!value)
		return errbuf_set(err, -EINVAL, "%s: a value is missing: %s=VALUE", name, name);
	error = parse_field(match, field, value, names, err);
	if (error)
		errbuf_prefix(err, "%s: ", name);
	return error;
}

void match_near(struct near *near)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(protocols); i++)
		near_add(near, protocols[i].name);
	FIELDS_FOREACH(field) {
		near_add(near, field->name);
		near_add(near, field->shown_name);
		if (*field->other_name)
			near_add(near, field->other_name);
	}
}

/* Cuts the next "name[=value]" off '*rest'. Commas inside parentheses or quotes do not separate. */
static char *next_word(char **rest)
{
	char *word = *rest, *p;
	int depth = 0;
	bool quoted = false;

	while (*word == ',' || *word == ' ' || *word == '\t')
		word++;
	for (p = word; *p; p++) {
		quoted ^= *p == '"';
		depth += !quoted && *p == '(';
		depth -= !quoted && *p == ')';
		if (!quoted && depth <= 0 && strchr(", \t", *p))
			break;
	}
	*rest = p + (*p != '\0');
	*p = '\0';
	return *word ? word : NULL;
}

int match_parse(
	struct match *match, const char *text, const struct names *names, struct errbuf *err
)
{
	char *copy = xstrdup(text), *rest = copy, *word;
	int error = 0;

	while (!error && (word = next_word(&rest))) {
		char *value = strchr(word, '=');

		if (value)
			*value++ = '\0';
		error = match_parse_word(match, word, value, names, err);
		if (error == -ENOENT) {
			struct near near;

			near_init(&near, word);
			match_near(&near);
			error = near_refuse(
				&near, err, -EINVAL, "%s: unknown word in a match", word
			);
		}
	}
	free(copy);
	return error ? error : match_check(match, err);
}

/* Formatting. */

static void comma(struct strbuf *out, size_t start)
{
	if (out->length > start)
		strbuf_add_char(out, ',');
}

/* Names the Ethernet type and protocol in one word if there is one. Says which of the two it
 * covered. */
static void format_protocol(
	const struct match *match, struct strbuf *out, size_t start, bool *type, bool *proto
)
{
	const struct protocol *best = NULL;
	uint16_t eth_type = be16_to(match->key.base.eth_type);
	bool has_proto = match->mask.base.ip_proto == 0xff;

	*type = *proto = false;
	if (match->mask.base.eth_type != 0xffff)
		return;
	for (unsigned i = 0; i < ARRAY_LENGTH(protocols); i++) {
		const struct protocol *p = &protocols[i];

		if (p->eth_type != eth_type || !strcmp(p->name, "ipv4") || !strcmp(p->name, "ip6"))
			continue;
		if (!p->proto && !best)
			best = p;
		if (p->proto && has_proto && match->key.base.ip_proto == p->proto)
			best = p;
	}
	if (!best)
		return;
	comma(out, start);
	strbuf_add(out, best->name);
	*type = true;
	*proto = best->proto != 0;
}

static void format_vlan(const struct match *match, struct strbuf *out)
{
	uint16_t tci = be16_to(match->key.base.vlan_tci), mask = be16_to(match->mask.base.vlan_tci);
	unsigned vid = tci & 0xfff, pcp = tci >> 13;

	if (tci & KEY_VLAN_PRESENT && mask == 0xffff)
		strbuf_addf(out, "dl_vlan=%u,dl_vlan_pcp=%u", vid, pcp);
	else if (tci & KEY_VLAN_PRESENT && mask == 0x1fff)
		strbuf_addf(out, "dl_vlan=%u", vid);
	else if (tci & KEY_VLAN_PRESENT && mask == 0xf000)
		strbuf_addf(out, "dl_vlan_pcp=%u", pcp);
	else if (mask == 0xffff)
		strbuf_addf(out, "vlan_tci=0x%04x", tci);
	else
		strbuf_addf(out, "vlan_tci=0x%04x/0x%04x", tci, mask);
}

static void format_field(
	const struct match *match,
	const struct field *field,
	const struct names *names,
	struct strbuf *out
)
{
	struct tlv_map map = match->tlv;
	const struct value_context context = {.map = &map, .names = names};
	uint8_t value[FIELD_MAX_SIZE], mask[FIELD_MAX_SIZE];
	bool any = false;

	if (field == &fields[FIELD_VLAN_TCI]) {
		format_vlan(match, out);
		return;
	}
	if (field == &fields[FIELD_IN_PORT])
		field = &fields[FIELD_IN_PORT_OXM];
	match_get(match, field, value, mask);
	strbuf_add(out, field->shown_name);
	for (unsigned i = 0; field_is_option(field) && i < field_size(field, &map); i++)
		any |= mask[i];
	if (field_is_option(field) && !any)
		return;
	strbuf_add_char(out, '=');
	value_format(field, &context, value, mask, out);
}

static bool is_shown(const struct match *match, const struct field *field)
{
	if (field->flags & FIELD_VIEW)
		return false;
	if (field_is_option(field))
		return match->mask.tunnel.options_present >> field->offset & 1;
	if (field == &fields[FIELD_VLAN_TCI])
		return match->mask.base.vlan_tci;
	return match_has(match, field) && match_allows(match, field);
}

void match_format(const struct match *match, const struct names *names, struct strbuf *out)
{
	uint16_t blocks = key_mask_blocks(&match->mask);
	size_t start = out->length;
	bool type = false, proto = false;

	FIELDS_FOREACH(field) {
		if (field == &fields[FIELD_ETH_TYPE])
			format_protocol(match, out, start, &type, &proto);
		/* A type that has no word of its own stands with the other Ethernet fields. */
		if ((field == &fields[FIELD_IP_PROTO] && proto) || field == &fields[FIELD_ETH_TYPE])
			continue;
		if (field_in_blocks(field, blocks) && is_shown(match, field)) {
			comma(out, start);
			format_field(match, field, names, out);
		}
		if (field == &fields[FIELD_ETH_DST] && !type &&
		    is_shown(match, &fields[FIELD_ETH_TYPE])) {
			comma(out, start);
			strbuf_addf(out, "dl_type=0x%04x", be16_to(match->key.base.eth_type));
		}
	}
}

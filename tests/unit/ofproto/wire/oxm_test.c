/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/oxm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "lib/flow/value.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/messages.h"

LOG_TOPIC(test);

static const uint8_t versions[] = {OF10, OF13, OF14, OF15};

/* What has to be matched first, as text. */
static const char *const needs[] = {
	[FIELD_NEEDS_NONE] = "",
	[FIELD_NEEDS_ETHERNET] = "",
	[FIELD_NEEDS_VLAN] = "vlan_vid=0x1000/0x1000,",
	[FIELD_NEEDS_IPV4] = "ip,",
	[FIELD_NEEDS_IPV6] = "ipv6,",
	[FIELD_NEEDS_IP] = "ip,",
	[FIELD_NEEDS_ARP] = "arp,",
	[FIELD_NEEDS_MPLS] = "mpls,",
	[FIELD_NEEDS_PBB] = "dl_type=0x88e7,",
	[FIELD_NEEDS_CT] = "ip,ct_state=+trk+est,",
	[FIELD_NEEDS_CT_IPV4] = "ip,ct_state=+trk+est,",
	[FIELD_NEEDS_CT_IPV6] = "ipv6,ct_state=+trk+est,",
	[FIELD_NEEDS_TCP] = "tcp,",
	[FIELD_NEEDS_UDP] = "udp,",
	[FIELD_NEEDS_SCTP] = "sctp,",
	[FIELD_NEEDS_ICMP] = "icmp,",
	[FIELD_NEEDS_ICMPV6] = "icmp6,",
	[FIELD_NEEDS_ND] = "icmp6,icmpv6_type=135,",
	[FIELD_NEEDS_ND_SOLICIT] = "icmp6,icmpv6_type=135,",
	[FIELD_NEEDS_ND_ADVERT] = "icmp6,icmpv6_type=136,",
};

/* Where there is no tag there is no priority either: whether it is matched says nothing. */
static void settle_vlan(struct match *match)
{
	if (!match->key.base.vlan_tci && be16_to(match->mask.base.vlan_tci) == 0x1fff)
		match->mask.base.vlan_tci = 0xffff;
}

/* The whole flow_mod there and back. */
static void check_round_trip(uint8_t version, const char *text, struct of_flow_mod *mod)
{
	union message_body *body = xcalloc(1, sizeof(*body));
	struct message_head head;
	struct wire_out out;
	enum of_error error;
	struct errbuf err;

	wire_out_init(&out, version);
	assert_int_equal(flow_encode(&out, mod, 1, &err), 0);
	error = message_decode(out.data, out.n, NULL, &head, body);
	if (error)
		fail_msg("%s in %s: %s", text, message_version_name(version), error_name(error));
	settle_vlan(&body->flow_mod.match);
	settle_vlan(&mod->match);
	if (!match_equal(&body->flow_mod.match, &mod->match))
		fail_msg("%s in %s: not all of it was sent", text, message_version_name(version));
	message_fini(&head, body);
	wire_out_fini(&out);
	free(body);
}

/* Returns whether the flow's text was accepted; then it must arrive whole in every version. */
static bool check_text(const char *text)
{
	struct of_flow_mod *mod = xcalloc(1, sizeof(*mod));
	struct strbuf flow = STRBUF_INIT;
	struct errbuf err;
	bool accepted;

	strbuf_addf(&flow, "%s,actions=drop", text);
	accepted = !flow_parse(mod, FLOW_ADD, strbuf_text(&flow), NULL, &err);
	for (unsigned i = 0; accepted && i < ARRAY_LENGTH(versions); i++)
		check_round_trip(versions[i], text, mod);
	of_flow_mod_fini(mod);
	free(mod);
	strbuf_fini(&flow);
	return accepted;
}

/* What 0: the lowest bit, 1: the highest, 2: all. */
static void set_bits(uint8_t *bytes, unsigned size, unsigned bits, unsigned what)
{
	unsigned first = what == 1 ? bits - 1 : 0, last = what == 0 ? 0 : bits - 1;

	for (unsigned bit = first; bit <= last; bit++)
		bytes[size - 1 - bit / 8] |= (uint8_t)(1U << bit % 8);
}

/* Returns how many of some values of the field were accepted. */
static unsigned check_name(const struct field *field, const char *name)
{
	struct tlv_map map = {0};
	const struct value_context context = {.map = &map};
	unsigned n = 0;

	/* One, the highest bit, all bits; alone and with masks. */
	for (unsigned i = 0; i < 9; i++) {
		uint8_t value[FIELD_MAX_SIZE] = {0}, mask[FIELD_MAX_SIZE] = {0};
		unsigned size = field_is_option(field) ? 4 : field->size;
		unsigned bits = field_is_option(field) ? 32 : field->bits;
		unsigned what[2] = {i % 3, i / 3};
		struct strbuf text = STRBUF_INIT;

		set_bits(value, size, bits, what[0]);
		set_bits(mask, size, bits, what[1]);
		strbuf_addf(&text, "%s%s=", needs[field->needs], name);
		if (field_is_option(field)) {
			strbuf_addf(
				&text, "0x%02x%02x%02x%02x", value[0], value[1], value[2], value[3]
			);
			if (what[1] != 2)
				strbuf_addf(
					&text,
					"/0x%02x%02x%02x%02x",
					mask[0],
					mask[1],
					mask[2],
					mask[3]
				);
		} else {
			value_format(field, &context, value, what[1] == 2 ? NULL : mask, &text);
		}
		n += check_text(strbuf_text(&text));
		strbuf_fini(&text);
	}
	return n;
}

static void test_oxm_sends_every_field_that_text_accepts(void **state)
{
	FIELDS_FOREACH(field) {
		unsigned n = check_name(field, field->name);

		/* Fields of the datapath alone are refused. */
		if (!field->n_oxm && !(field->flags & FIELD_VIEW)) {
			assert_int_equal(n, 0);
			continue;
		}
		if (!n)
			fail_msg("%s: no value was accepted", field->name);
		check_name(field, field->shown_name);
		if (*field->other_name)
			check_name(field, field->other_name);
	}
}

static void test_oxm_sends_words_and_shared_names(void **state)
{
	static const char *const texts[] = {
		"ip",
		"icmp",
		"tcp",
		"udp",
		"sctp",
		"arp",
		"rarp",
		"ipv6",
		"icmp6",
		"tcp6",
		"udp6",
		"sctp6",
		"mpls",
		"mplsm",
		"eth",
		"dl_vlan=0xffff",
		"dl_vlan=0",
		"dl_vlan=5,dl_vlan_pcp=0",
		"dl_vlan_pcp=7",
		"vlan_tci=0",
		"vlan_tci=0x1005",
		"vlan_tci=0x1000/0x1000",
		"vlan_tci=0x3005/0xf00f",
		"vlan_tci=0x5005/0x7fff",
		"vlan_tci=0/0x0fff",
		"vlan_vid=0",
		"vlan_vid=0x1000/0x1000",
		"vlan_vid=0x1005/0x100f",
		"tcp,tp_src=1/1",
		"tcp6,tp_dst=80",
		"udp,tp_src=0xfff0/0xfff0",
		"sctp6,tp_dst=7",
		"icmp,tp_src=3,tp_dst=1",
		"icmp6,icmp_type=128,icmp_code=0",
		"arp,nw_src=192.0.2.0/24,nw_proto=2",
		"ip,nw_frag=yes",
		"ip,nw_frag=first",
		"ip,nw_frag=later",
		"ip,nw_frag=not_later",
		"tcp,nw_frag=first,tp_dst=80",
		"ip,nw_tos=252",
		"ip,ip_dscp=63,nw_ecn=3",
		"in_port=LOCAL",
		"in_port=65279",
		"in_port=CONTROLLER",
		"metadata=1/1,reg0=1/1,xxreg3=1",
		"ip,nw_src=10.0.0.1/255.0.0.255",
		"dl_dst=01:00:00:00:00:00/01:00:00:00:00:00",
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(texts); i++)
		if (!check_text(texts[i]))
			fail_msg("%s was refused", texts[i]);
}

static void encode(uint8_t version, const char *text, struct wire_out *out)
{
	struct match match;
	struct errbuf err;

	match_init(&match, NULL);
	if (match_parse(&match, text, NULL, &err))
		fail_msg("%s: %s", text, err.text);
	wire_out_init(out, version);
	oxm_encode_match(out, &match);
}

/* Controllers that compare what they sent with what is dumped expect OpenFlow's own order. */
static void test_oxm_fields_go_out_by_number(void **state)
{
	static const uint8_t wanted[] = {
		0,  1,	  0, 43,      0x80, 0,	0 << 1, 4, 0,	    0, 0,  7, 0x80, 0, 3 << 1, 6,
		2,  0,	  0, 0,	      0,    1,	0x80,	0, 5 << 1,  2, 8,  0, 0x80, 0, 8 << 1, 1,
		10, 0x80, 0, 10 << 1, 1,    17, 0,	1, 29 << 1, 1, 64, 0, 0,    0, 0,      0,
	};
	struct wire_out out;

	encode(OF13, "udp,nw_ttl=64,ip_dscp=10,dl_dst=02:00:00:00:00:01,in_port=7", &out);
	assert_int_equal(out.n, sizeof(wanted));
	assert_memory_equal(out.data, wanted, sizeof(wanted));
	wire_out_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oxm_sends_every_field_that_text_accepts),
		cmocka_unit_test(test_oxm_sends_words_and_shared_names),
		cmocka_unit_test(test_oxm_fields_go_out_by_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

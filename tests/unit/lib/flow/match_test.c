/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/match.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/flow/value.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"

LOG_TOPIC(test);

static void assert_text(const char *typed, const char *expected)
{
	struct match match;
	struct errbuf err;
	struct strbuf out = STRBUF_INIT;

	errbuf_init(&err);
	match_init(&match, NULL);
	if (match_parse(&match, typed, NULL, &err))
		fail_msg("%s: %s", typed, err.text);
	match_format(&match, NULL, &out);
	assert_string_equal(strbuf_text(&out), expected);
	strbuf_fini(&out);
}

static void assert_refused(const char *typed, const char *part)
{
	struct match match;
	struct errbuf err;

	errbuf_init(&err);
	match_init(&match, NULL);
	if (!match_parse(&match, typed, NULL, &err))
		fail_msg("%s was accepted", typed);
	if (!strstr(err.text, part))
		fail_msg("%s: '%s' does not say '%s'", typed, err.text, part);
}

static void test_match_text_is_what_people_know(void **state)
{
	static const char *const pairs[][2] = {
		{"", ""},
		{"in_port=1,tcp,nw_src=1.2.3.0/24,tp_dst=80,reg3=5,metadata=7",
		 "tcp,reg3=0x5,metadata=0x7,in_port=1,nw_src=1.2.3.0/24,tp_dst=80"},
		{"arp,arp_op=1,arp_spa=1.1.1.1,arp_tpa=2.2.2.2,arp_sha=00:00:00:00:00:01",
		 "arp,arp_spa=1.1.1.1,arp_tpa=2.2.2.2,arp_op=1,arp_sha=00:00:00:00:00:01"},
		{"icmp6,icmp_type=135,icmp_code=0,nd_target=::1,nd_sll=00:00:00:00:00:01,"
		 "ipv6_label=5,ipv6_src=::/64",
		 "icmp6,ipv6_src=::/64,ipv6_label=0x00005,icmp_type=135,icmp_code=0,nd_target=::1,"
		 "nd_sll=00:00:00:00:00:01"},
		{"mpls,mpls_label=5,mpls_tc=3,mpls_bos=1,mpls_ttl=6,vlan_tci=0x1005/0x1fff",
		 "mpls,dl_vlan=5,mpls_label=5,mpls_tc=3,mpls_ttl=6,mpls_bos=1"},
		{"vlan_tci=0/0x1fff", "vlan_tci=0x0000/0x1fff"},
		{"vlan_vid=0x1000/0x1000,dl_type=0x88cc", "vlan_tci=0x1000/0x1000,dl_type=0x88cc"},
		{"dl_vlan=0xffff,ip,nw_proto=47", "ip,vlan_tci=0x0000,nw_proto=47"},
		{"dl_vlan_pcp=3,dl_vlan=0", "dl_vlan=0,dl_vlan_pcp=3"},
		{"dl_vlan_pcp=1,udp6,tp_dst=5", "udp6,dl_vlan_pcp=1,tp_dst=5"},
		{"ip,ip_frag=later", "ip,nw_frag=later"},
		{"tcp,tcp_flags=syn|ack", "tcp,tcp_flags=syn|ack"},
		{"tcp,tcp_flags=+syn-ack", "tcp,tcp_flags=+syn-ack"},
		{"ct_state=trk|new", "ct_state=new|trk"},
		{"ct_state=+trk-new,ct_zone=5,ct_mark=5/7,ct_label=9",
		 "ct_state=-new+trk,ct_zone=5,ct_mark=0x5/0x7,ct_label=0x9"},
		{"ct_state=+trk+est,tcp,ct_nw_src=1.2.3.4,ct_tp_dst=7",
		 "ct_state=+est+trk,ct_nw_src=1.2.3.4,ct_tp_dst=7,tcp"},
		{"ct_state=+rpl,ip,ct_nw_src=1.2.3.4", "ct_state=+rpl,ct_nw_src=1.2.3.4,ip"},
		{"ct_state=+snat,ip,ct_nw_dst=1.2.3.4", "ct_state=+snat,ct_nw_dst=1.2.3.4,ip"},
		{"ct_state=+dnat,ipv6,ct_nw_proto=6", "ct_state=+dnat,ct_nw_proto=6,ipv6"},
		{"ct_state=+trk-inv,ip,ct_nw_proto=6", "ct_state=-inv+trk,ct_nw_proto=6,ip"},
		{"reg15=4,xxreg0=5/0xff", "reg3=0x5/0xff,reg15=0x4"},
		{"tun_metadata0,tun_metadata3=0x1234/0xff00,tun_metadata5=0x00000001",
		 "tun_metadata0,tun_metadata3=0x1200/0xff00,tun_metadata5=0x1"},
		{"ip,nw_src=1.2.3.4,ip_dscp=3", "ip,nw_src=1.2.3.4,nw_tos=12"},
		{"dl_type=0x800,nw_proto=6,tcp_src=4", "tcp,tp_src=4"},
		{"dl_type=0x806,nw_proto=2", "arp,arp_op=2"},
		{"dl_type=0x8035,arp_op=2", "rarp,arp_op=2"},
		{"vlan_tci=0x7005", "dl_vlan=5,dl_vlan_pcp=3"},
		{"udp,tp_src=100/0xfff0", "udp,tp_src=0x60/0xfff0"},
		{"in_port=LOCAL,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00",
		 "in_port=LOCAL,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00"},
		{"in_port=65533", "in_port=CONTROLLER"},
		{"tp_dst=80,nw_src=1.2.3.4,tcp", "tcp,nw_src=1.2.3.4,tp_dst=80"},
		{"pkt_mark=0,tun_id=0,metadata=0,reg0=0,ct_label=0",
		 "pkt_mark=0,ct_label=0,reg0=0,tun_id=0,metadata=0"},
		{"packet_type=(1,0x800)", "packet_type=(1,0x800)"},
		{"tun_id=5,tun_dst=1.1.1.1,tun_gbp_id=7,tun_flags=oam",
		 "tun_id=0x5,tun_dst=1.1.1.1,tun_gbp_id=7,tun_flags=+oam"},
		{"ip,nw_dst=5.6.7.8/255.0.255.0", "ip,nw_dst=5.0.7.0/255.0.255.0"},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(pairs); i++) {
		assert_text(pairs[i][0], pairs[i][1]);
		assert_text(pairs[i][1], pairs[i][1]);
	}
}

static void test_match_errors_point_at_the_word(void **state)
{
	assert_refused("nwsrc=1.2.3.4", "nwsrc: unknown word in a match: did you mean nw_src?");
	assert_refused("ip,nw_src=1.2.3", "nw_src");
	assert_refused("tcp,udp", "udp: the match already has another protocol of IP");
	assert_refused("ip,nw_proto=6,udp", "another protocol");
	assert_refused("ip,nw_src=1.2.3.4/33", "mask");
	assert_refused("ip,tp_dst=80", "tcp or tcp6, udp or udp6, sctp or sctp6");
	assert_refused("udp_dst=53", "udp or udp6");
	assert_refused("ip,ct_state=+trk,ct_nw_src=1.2.3.4", "+rel");
	assert_refused("nw_src=1.2.3.4", "ip");
	assert_refused("tcp,tp_dst=65536", "too large");
	assert_refused("tcp,tcp_flags=+sny", "did you mean syn");
	assert_refused("tcp,tcp_flags=+syn-syn", "twice");
	assert_refused("ip,nw_ttl=3/3", "mask");
	assert_refused("dl_vlan=4097", "VLAN");
	assert_refused("tun_metadata0=0x", "tun_metadata0");
	assert_refused("in_port=eth0", "port");
	assert_refused("dl_src=1:2:3:4:5", "Ethernet address");
	assert_refused("ip,arp", "another Ethernet type");
	assert_refused("dl_src", "missing");
}

/* What must be matched for a field to be allowed, as words. */
static const char *words_for(const struct field *field)
{
	static const char *const words[] = {
		[FIELD_NEEDS_NONE] = "",
		[FIELD_NEEDS_ETHERNET] = "",
		[FIELD_NEEDS_VLAN] = "vlan_tci=0x1000/0x1000",
		[FIELD_NEEDS_IPV4] = "ip",
		[FIELD_NEEDS_IPV6] = "ipv6",
		[FIELD_NEEDS_IP] = "ip",
		[FIELD_NEEDS_ARP] = "arp",
		[FIELD_NEEDS_MPLS] = "mpls",
		[FIELD_NEEDS_PBB] = "dl_type=0x88e7",
		[FIELD_NEEDS_CT] = "ct_state=+est,ip",
		[FIELD_NEEDS_CT_IPV4] = "ct_state=+est,ip",
		[FIELD_NEEDS_CT_IPV6] = "ct_state=+est,ipv6",
		[FIELD_NEEDS_TCP] = "tcp",
		[FIELD_NEEDS_UDP] = "udp",
		[FIELD_NEEDS_SCTP] = "sctp",
		[FIELD_NEEDS_ICMP] = "icmp",
		[FIELD_NEEDS_ICMPV6] = "icmp6",
		[FIELD_NEEDS_ND] = "icmp6,icmp_type=135",
		[FIELD_NEEDS_ND_SOLICIT] = "icmp6,icmp_type=135",
		[FIELD_NEEDS_ND_ADVERT] = "icmp6,icmp_type=136",
	};

	return words[field->needs];
}

/* Every field, exact: value → text → the same match, by its own name. */
static void test_match_every_field_round_trips(void **state)
{
	FIELDS_FOREACH(field) {
		struct match match, again;
		uint8_t value[FIELD_MAX_SIZE] = {0};
		struct errbuf err;
		struct strbuf out = STRBUF_INIT;
		unsigned size;

		if (field == &fields[FIELD_PACKET_TYPE] || field == &fields[FIELD_DL_VLAN] ||
		    field == &fields[FIELD_DL_VLAN_PCP])
			continue;
		match_init(&match, NULL);
		assert_int_equal(match_parse(&match, words_for(field), NULL, &err), 0);
		assert_true(match_allows(&match, field));
		if (field_is_option(field))
			tlv_bind(&match.tlv, field->offset, 4);
		size = field_size(field, &match.tlv);
		value[size - 1] = field->bits == 1 ? 1 : field->kind == FIELD_KIND_TOS ? 4 : 3;
		if (field == &fields[FIELD_VLAN_VID])
			value[0] = 0x10;
		if (field == &fields[FIELD_VLAN_TCI])
			value[0] = 0x10;
		match_set(&match, field, value, NULL);
		assert_true(match_has(&match, field));
		if (field != &fields[FIELD_IP_FRAG])
			assert_true(match_is_exact(&match, field));
		match_format(&match, NULL, &out);
		match_init(&again, &match.tlv);
		if (match_parse(&again, strbuf_text(&out), NULL, &err))
			fail_msg("%s: %s: %s", field->name, strbuf_text(&out), err.text);
		if (!match_equal(&match, &again))
			fail_msg("%s: %s came back different", field->name, strbuf_text(&out));
		assert_int_equal(match_hash(&match, 1), match_hash(&again, 1));
		strbuf_fini(&out);
	}
}

static void parse(struct match *match, const char *text)
{
	struct errbuf err;

	match_init(match, NULL);
	assert_int_equal(match_parse(match, text, NULL, &err), 0);
}

static void test_match_within_and_overlap(void **state)
{
	struct match all, wide, narrow, other;

	parse(&all, "");
	parse(&wide, "ip,nw_dst=10.0.0.0/8");
	parse(&narrow, "tcp,nw_dst=10.1.0.0/16,tp_dst=80");
	parse(&other, "ip,nw_dst=11.0.0.0/8");
	assert_true(match_is_within(&narrow, &wide));
	assert_true(match_is_within(&narrow, &all));
	assert_false(match_is_within(&wide, &narrow));
	assert_false(match_is_within(&other, &wide));
	assert_true(match_overlaps(&narrow, &wide));
	assert_true(match_overlaps(&other, &all));
	assert_false(match_overlaps(&other, &wide));
	assert_true(match_equal(&wide, &wide));
	assert_false(match_equal(&wide, &other));
}

static void test_match_normalize_drops_what_has_no_ground(void **state)
{
	struct match match, expected;
	uint8_t ip[4] = {1, 2, 3, 4}, port[2] = {0, 80}, reg[4] = {0, 0, 0, 1};

	parse(&match, "in_port=7,dl_vlan=5");
	match_set(&match, &fields[FIELD_IP_SRC], ip, NULL);
	match_set(&match, &fields[FIELD_TCP_DST], port, NULL);
	match_set(&match, &fields[FIELD_REG3], reg, NULL);
	match_normalize(&match);
	parse(&expected, "in_port=7,dl_vlan=5,reg3=1");
	assert_true(match_equal(&match, &expected));
}

static uint32_t known_port;

static bool port_number(void *context, const char *name, uint32_t *number)
{
	*number = known_port;
	return !strcmp(name, "vm 1");
}

static const char *port_name(void *context, uint32_t number)
{
	return number == known_port ? "vm 1" : NULL;
}

static void test_match_uses_port_names(void **state)
{
	const struct names names = {.port_number = port_number, .port_name = port_name};
	struct strbuf out = STRBUF_INIT;
	struct match match;
	struct errbuf err;

	known_port = 9;
	match_init(&match, NULL);
	assert_int_equal(match_parse(&match, "in_port=\"vm 1\",arp", &names, &err), 0);
	assert_int_equal(match.key.base.in_port, 9);
	match_format(&match, &names, &out);
	assert_string_equal(strbuf_text(&out), "arp,in_port=\"vm 1\"");
	strbuf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match_text_is_what_people_know),
		cmocka_unit_test(test_match_errors_point_at_the_word),
		cmocka_unit_test(test_match_every_field_round_trips),
		cmocka_unit_test(test_match_within_and_overlap),
		cmocka_unit_test(test_match_normalize_drops_what_has_no_ground),
		cmocka_unit_test(test_match_uses_port_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

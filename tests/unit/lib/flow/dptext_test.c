/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/dptext.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/errbuf.h"
#include "lib/flow/match.h"
#include "lib/log.h"
#include "lib/strbuf.h"

LOG_TOPIC(test);

#define ETH "eth(src=00:00:00:00:00:01,dst=00:00:00:00:00:02),"

static void test_dptext_comes_back(void **state)
{
	static const char *const texts[] = {
		"in_port(1),eth(src=00:00:00:00:00:01,dst=ff:ff:ff:ff:ff:ff)",
		"recirc_id(0),in_port(1)," ETH "eth_type(0x0800),"
		"ipv4(src=10.0.0.1,dst=10.0.0.0/24,proto=17,tos=0,ttl=64,frag=no),"
		"udp(src=53,dst=0x400/0xfc00)",
		"recirc_id(0),in_port(1)," ETH "eth_type(0x8100),vlan(vid=5,pcp=3),"
		"encap(eth_type(0x0800),ipv4(proto=6,tos=0x10/0xfc),tcp(dst=80),"
		"tcp_flags(+syn-ack))",
		"recirc_id(0),tunnel(tun_id=0x5,src=1.1.1.1,dst=2.2.2.2,ttl=64),in_port(2),"
		"ct_state(+est+trk),ct_zone(5),ct_mark(0x1/0xff)," ETH "eth_type(0x86dd),"
		"ipv6(src=2001:db8::/32,proto=58,hlimit=255),icmpv6(type=135,code=0),"
		"nd(target=fe80::1,sll=00:00:00:00:00:03)",
		"in_port(LOCAL)," ETH "eth_type(0x0806),arp(sip=1.2.3.4,tip=1.2.3.5,op=1,"
		"sha=00:00:00:00:00:01,tha=00:00:00:00:00:00)",
		"in_port(1)," ETH "eth_type(0x8847),mpls(label=100,tc=0,ttl=64,bos=1)",
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct strbuf out = STRBUF_INIT;
		struct match match;
		struct errbuf err;

		errbuf_init(&err);
		match_init(&match, NULL);
		assert_true(dptext_is_meant(texts[i]));
		if (dptext_parse(&match, texts[i], NULL, &err))
			fail_msg("%s: %s", texts[i], err.text);
		dptext_format(&match.key, &match.mask, NULL, &out);
		assert_string_equal(strbuf_text(&out), texts[i]);
		strbuf_fini(&out);
	}
	assert_false(dptext_is_meant("in_port=1,packet_type=(0,0)"));
}

static void test_dptext_whole_key_shows_what_the_packet_has(void **state)
{
	struct strbuf out = STRBUF_INIT;
	struct match match;
	struct errbuf err;

	match_init(&match, NULL);
	assert_int_equal(
		dptext_parse(
			&match,
			"in_port(3)," ETH "eth_type(0x0800),ipv4(src=1.1.1.1,proto=1),"
			"icmp(type=8)",
			NULL,
			&err
		),
		0
	);
	dptext_format(&match.key, NULL, NULL, &out);
	assert_string_equal(
		strbuf_text(&out),
		"recirc_id(0),in_port(3)," ETH "eth_type(0x0800),ipv4(src=1.1.1.1,dst=0.0.0.0,"
		"proto=1,tos=0,ttl=0,frag=no),icmp(type=8,code=0)"
	);
	strbuf_fini(&out);
}

static void test_dptext_errors_name_the_word(void **state)
{
	static const char *const bad[][2] = {
		{"in_prot(1)", "did you mean in_port"},
		{"eth(scr=00:00:00:00:00:01)", "did you mean src"},
		{"eth(src=00:00:00:00:00)", "eth.src"},
		{"eth(src", "'='"},
		{"in_port(1", "')'"},
		{"in_port", "'('"},
		{"vlan(vid=5000)", "vlan.vid"},
		{"in_port(1))", "'('"},
		{"ipv4(tos=300)", "tos"},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(bad); i++) {
		struct match match;
		struct errbuf err;

		errbuf_init(&err);
		match_init(&match, NULL);
		assert_int_equal(dptext_parse(&match, bad[i][0], NULL, &err), -EINVAL);
		if (!strstr(err.text, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dptext_comes_back),
		cmocka_unit_test(test_dptext_whole_key_shows_what_the_packet_has),
		cmocka_unit_test(test_dptext_errors_name_the_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/errbuf.h"
#include "lib/flow/dptext.h"
#include "lib/flow/match.h"
#include "lib/log.h"

LOG_TOPIC(test);

#define ETH "eth(src=00:00:00:00:00:01,dst=00:00:00:00:00:02),"

static size_t compose(const char *text, uint8_t *packet, size_t size, size_t length)
{
	struct match match;
	struct errbuf err;

	match_init(&match, NULL);
	if (dptext_parse(&match, text, NULL, &err))
		fail_msg("%s: %s", text, err.text);
	return compose_packet(&match.key, packet, size, length);
}

static uint32_t pseudo(const uint8_t *ip, size_t n, uint8_t proto)
{
	return compose_sum(ip + 12, 8, (uint32_t)n + proto);
}

static void test_compose_udp_has_right_sums_and_lengths(void **state)
{
	uint8_t p[256];
	size_t n =
		compose(ETH "eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,ttl=64),"
			    "udp(src=1,dst=2)",
			p,
			sizeof(p),
			60);

	assert_int_equal(n, 60);
	assert_int_equal(p[12] << 8 | p[13], 0x0800);
	assert_int_equal(p[16] << 8 | p[17], 46);
	assert_int_equal(compose_fold(compose_sum(p + 14, 20, 0)), 0);
	assert_int_equal(p[38] << 8 | p[39], 26);
	assert_int_equal(compose_fold(compose_sum(p + 34, 26, pseudo(p + 14, 26, 17))), 0);
}

static void test_compose_tcp_carries_flags_behind_a_tag(void **state)
{
	uint8_t p[256];
	size_t n =
		compose(ETH
			"eth_type(0x8100),vlan(vid=5,pcp=1),encap(eth_type(0x0800),"
			"ipv4(src=10.0.0.1,dst=10.0.0.2,proto=6),tcp(src=1,dst=2),tcp_flags(syn))",
			p,
			sizeof(p),
			0);

	assert_int_equal(n, 14 + 4 + 20 + 20);
	assert_int_equal(p[12] << 8 | p[13], 0x8100);
	assert_int_equal(p[14] << 8 | p[15], 0x2005);
	assert_int_equal(p[16] << 8 | p[17], 0x0800);
	assert_int_equal(p[18 + 20 + 13], 2);
	assert_int_equal(compose_fold(compose_sum(p + 38, 20, pseudo(p + 18, 20, 6))), 0);
}

static void test_compose_neighbour_solicitation(void **state)
{
	uint8_t p[256];
	size_t n =
		compose(ETH "eth_type(0x86dd),ipv6(src=fe80::1,dst=ff02::1,proto=58,hlimit=255),"
			    "icmpv6(type=135,code=0),nd(target=fe80::2,sll=00:00:00:00:00:03)",
			p,
			sizeof(p),
			0);

	assert_int_equal(n, 14 + 40 + 24 + 8);
	assert_int_equal(p[18] << 8 | p[19], 32);
	assert_int_equal(
		compose_fold(compose_sum(p + 54, 32, compose_sum(p + 22, 32, 32 + 58))), 0
	);
	assert_int_equal(p[54 + 24], 1);
	assert_int_equal(p[n - 1], 3);
}

static void test_compose_arp(void **state)
{
	static const uint8_t expected[] = {0, 1, 8, 0, 6, 4, 0, 1, 0, 0, 0, 0, 0, 1,
					   1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 1, 2, 3, 5};
	uint8_t p[256];
	size_t n =
		compose(ETH
			"eth_type(0x0806),arp(sip=1.2.3.4,tip=1.2.3.5,op=1,sha=00:00:00:00:00:01)",
			p,
			sizeof(p),
			0);

	assert_int_equal(n, 42);
	assert_memory_equal(p + 14, expected, sizeof(expected));
}

static void test_compose_never_writes_past_the_buffer(void **state)
{
	uint8_t p[300];

	memset(p, 0x5a, sizeof(p));
	assert_int_equal(
		compose(ETH "eth_type(0x0800),ipv4(proto=17),udp(src=1)", p, 256, 5000), 256
	);
	for (unsigned i = 256; i < sizeof(p); i++)
		assert_int_equal(p[i], 0x5a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compose_udp_has_right_sums_and_lengths),
		cmocka_unit_test(test_compose_tcp_carries_flags_behind_a_tag),
		cmocka_unit_test(test_compose_neighbour_solicitation),
		cmocka_unit_test(test_compose_arp),
		cmocka_unit_test(test_compose_never_writes_past_the_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

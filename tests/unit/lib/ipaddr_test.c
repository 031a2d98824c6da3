/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ipaddr.h"

#include "lib/types.h"
#include "tests/unit/unit.h"

static struct ipaddr ip(const char *text)
{
	struct ipaddr address;

	assert_true(ipaddr_parse(&address, text));
	return address;
}

static void test_ipaddr_reads_and_writes_both_versions(void **state)
{
	static const char *const texts[] = {"192.0.2.1", "2001:db8::1", "::1", "255.255.255.255"};
	char text[IPADDR_TEXT_SIZE];

	for (unsigned i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct ipaddr address = ip(texts[i]);

		assert_string_equal(ipaddr_format(&address, text), texts[i]);
		assert_int_equal(ipaddr_is_v4(&address), i % 3 == 0);
		assert_false(ipaddr_is_none(&address));
	}
	struct ipaddr v4 = ip("192.0.2.1");
	struct ipaddr same = ipaddr_from_v4(be32_from(0xc0000201));

	assert_int_equal(ipaddr_v4(&v4), be32_from(0xc0000201));
	assert_true(ipaddr_equal(&v4, &same));
}

static void test_ipaddr_refuses_what_is_none(void **state)
{
	static const char *const texts[] = {"", "192.0.2", "192.0.2.256", "flow", "::ffff:1.2.3.4"};
	struct ipaddr address;

	for (unsigned i = 0; i < ARRAY_LENGTH(texts); i++)
		assert_false(ipaddr_parse(&address, texts[i]));
}

static bool in(const char *address, const char *prefix_text)
{
	struct ipaddr a = ip(address), prefix;
	unsigned length;

	assert_true(ipaddr_parse_prefix(&prefix, &length, prefix_text));
	return ipaddr_in_prefix(&a, &prefix, length);
}

static void test_ipaddr_knows_prefixes(void **state)
{
	assert_true(in("192.0.2.77", "192.0.2.0/24"));
	assert_false(in("192.0.3.77", "192.0.2.0/24"));
	assert_true(in("192.0.3.77", "192.0.2.0/23"));
	assert_true(in("192.0.2.1", "192.0.2.1"));
	assert_false(in("192.0.2.0", "192.0.2.1"));
	assert_true(in("10.0.0.1", "0.0.0.0/0"));
	assert_false(in("2001:db8::1", "0.0.0.0/0"));
	assert_true(in("2001:db8:8000::1", "2001:db8:8000::/33"));
	assert_false(in("2001:db8:7fff::1", "2001:db8:8000::/33"));
	assert_true(in("2001:db8::1", "::/0"));
}

static void test_ipaddr_refuses_impossible_lengths(void **state)
{
	static const char *const texts[] = {"192.0.2.0/33", "::/129", "192.0.2.0/", "192.0.2.0/x"};
	struct ipaddr prefix;
	unsigned length;

	for (unsigned i = 0; i < ARRAY_LENGTH(texts); i++)
		assert_false(ipaddr_parse_prefix(&prefix, &length, texts[i]));
}

static void test_ipaddr_knows_multicast(void **state)
{
	struct ipaddr group4 = ip("224.0.0.1"), group6 = ip("ff02::1"), one = ip("192.0.2.1");

	assert_true(ipaddr_is_multicast(&group4));
	assert_true(ipaddr_is_multicast(&group6));
	assert_false(ipaddr_is_multicast(&one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipaddr_reads_and_writes_both_versions),
		cmocka_unit_test(test_ipaddr_refuses_what_is_none),
		cmocka_unit_test(test_ipaddr_knows_prefixes),
		cmocka_unit_test(test_ipaddr_refuses_impossible_lengths),
		cmocka_unit_test(test_ipaddr_knows_multicast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

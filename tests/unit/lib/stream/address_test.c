/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stream/address.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/errbuf.h"
#include "tests/unit/unit.h"

static void check(const char *name, uint16_t default_port, const char *expected)
{
	struct address address;
	struct errbuf err;
	char text[ADDRESS_TEXT_SIZE];

	assert_int_equal(address_parse(name, default_port, &address, &err), 0);
	address_format(&address, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void refuse(const char *name, const char *because)
{
	struct address address;
	struct errbuf err;

	assert_true(address_parse(name, 0, &address, &err) < 0);
	assert_non_null(strstr(err.text, because));
}

static void test_address_parse_reads_every_scheme(void **state)
{
	check("unix:/run/weir/db.sock", 0, "unix:/run/weir/db.sock");
	check("punix:/run/weir/db.sock", 0, "punix:/run/weir/db.sock");
	check("tcp:192.0.2.1:6640", 0, "tcp:192.0.2.1:6640");
	check("ssl:[2001:db8::1]:6640", 0, "ssl:[2001:db8::1]:6640");
	check("ptcp:6640", 0, "ptcp:6640:0.0.0.0");
	check("ptcp:6640:127.0.0.1", 0, "ptcp:6640:127.0.0.1");
	check("pssl:0:[::1]", 0, "pssl:0:[::1]");
}

static void test_address_parse_fills_in_the_default_port(void **state)
{
	check("tcp:192.0.2.1", 6640, "tcp:192.0.2.1:6640");
	check("tcp:[::1]", 6653, "tcp:[::1]:6653");
	check("ptcp:", 6640, "ptcp:6640:0.0.0.0");
	check("ptcp::127.0.0.1", 6640, "ptcp:6640:127.0.0.1");
}

static void test_address_parse_says_what_is_wrong(void **state)
{
	char name[300] = "unix:/";

	memset(name + 6, 'x', 200);
	refuse(name, "at most 107 characters");
	refuse("br0", "not an address");
	refuse("unix:", "path is missing");
	refuse("tcp:192.0.2.1", "port number is missing");
	refuse("tcp:192.0.2.1:99999", "\"99999\" is not a port");
	refuse("tcp:192.0.2.1:-1", "\"-1\" is not a port");
	refuse("tcp:example.com:6640", "\"example.com\" is not an IP address");
	refuse("ptcp:6640:nowhere", "\"nowhere\" is not an IP address");
	refuse("tcp:[::1", "is not a port");
	refuse("tcp:", "a port number is missing");
	refuse("tcp::6640", "a host is missing");
	refuse("tcp:[::1]", "port number is missing");
}

static void check_host(const char *name, const char *expected, uint16_t port)
{
	struct address address;
	struct errbuf err;
	char host[ADDRESS_HOST_SIZE];

	assert_int_equal(address_parse_host(name, 6653, &address, host, &err), 0);
	assert_string_equal(host, expected);
	assert_int_equal(address_port(&address), port);
	assert_int_equal(address.sa.sa_family == AF_UNSPEC, *expected != '\0');
}

static void refuse_host(const char *name)
{
	struct address address;
	struct errbuf err;
	char host[ADDRESS_HOST_SIZE];

	assert_int_equal(address_parse_host(name, 6653, &address, host, &err), -EINVAL);
}

static void test_address_parse_host_takes_names(void **state)
{
	char name[300] = "tcp:";

	check_host("tcp:controller.example", "controller.example", 6653);
	check_host("ssl:host-1:6640", "host-1", 6640);
	check_host("tcp:10gig.a_b:1", "10gig.a_b", 1);
	check_host("tcp:192.0.2.1:6640", "", 6640);
	check_host("tcp:[::1]", "", 6653);
	refuse_host("tcp:300.1.1.1");
	refuse_host("tcp:");
	refuse_host("tcp::6653");
	refuse_host("tcp:a b");
	refuse_host("tcp:-a");
	refuse_host("tcp:[::g]");
	refuse_host("ptcp:6653:controller.example");
	/* The dot of a complete name does not count. */
	check_host("tcp:controller.example.:6653", "controller.example.", 6653);
	check_host("tcp:controller.", "controller.", 6653);
	refuse_host("tcp:.");
	refuse_host("tcp:.a");
	refuse_host("tcp:a..b");
	refuse_host("tcp:a..");
	refuse_host("tcp:192.0.2.1.");
	memset(name + 4, 'x', 253);
	check_host(name, name + 4, 6653);
	name[4 + 253] = '.';
	check_host(name, name + 4, 6653);
	memset(name + 4, 'x', 254);
	refuse_host(name);
}

static void test_address_set_ip_keeps_the_port(void **state)
{
	const struct sockaddr_in6 ip = {
		.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct address address;
	struct errbuf err;
	char host[ADDRESS_HOST_SIZE], text[ADDRESS_TEXT_SIZE];

	assert_int_equal(address_parse_host("tcp:a:77", 0, &address, host, &err), 0);
	address_set_ip(&address, (const struct sockaddr *)&ip, sizeof(ip));
	address_format(&address, text, sizeof(text));
	assert_string_equal(text, "tcp:[::1]:77");
}

static void test_address_is_name_tells_addresses_from_bridges(void **state)
{
	assert_true(address_is_name("tcp:1"));
	assert_true(address_is_name("punix:x"));
	assert_false(address_is_name("br0"));
	assert_false(address_is_name("/run/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address_parse_reads_every_scheme),
		cmocka_unit_test(test_address_parse_fills_in_the_default_port),
		cmocka_unit_test(test_address_parse_says_what_is_wrong),
		cmocka_unit_test(test_address_parse_host_takes_names),
		cmocka_unit_test(test_address_set_ip_keeps_the_port),
		cmocka_unit_test(test_address_is_name_tells_addresses_from_bridges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stream/address.h"

#include <errno.h>
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
	refuse("tcp:[::1]", "port number is missing");
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
		cmocka_unit_test(test_address_is_name_tells_addresses_from_bridges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

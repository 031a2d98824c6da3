/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/option.h"

#include <errno.h>
#include <string.h>

#include "lib/errbuf.h"
#include "tests/unit/unit.h"

static const struct option options[] = {
	{.name = "n_rxq", .kind = OPTION_INT, .min = 1, .max = 64, .help = "Receive queues."},
	{.name = "socket", .kind = OPTION_STRING, .required = true, .help = "Where it is."},
	{.name = "csum", .kind = OPTION_BOOL, .help = "Checksums."},
	{.name = "mode", .kind = OPTION_ENUM, .choices = "fast|slow", .help = "How."},
	{.name = "hwaddr", .kind = OPTION_MAC, .help = "Address."},
	{.name = "mask", .kind = OPTION_HEX, .max = 4, .help = "Cores."},
	{.name = "memory", .kind = OPTION_LIST, .help = "Of each node."},
	{.name = "bfd_*", .kind = OPTION_STRING, .help = "A family."},
};

static int check(const char *json, struct errbuf *err)
{
	json_t *map = json_loads(json, 0, NULL);
	int error;

	errbuf_init(err);
	error = option_check(options, ARRAY_LENGTH(options), map, "port p0", err);
	json_decref(map);
	return error;
}

static void test_option_check_accepts_good_maps(void **state)
{
	struct errbuf err;

	assert_int_equal(check("{\"socket\":\"/s\"}", &err), 0);
	assert_int_equal(check("{\"socket\":\"/s\",\"memory\":\"1024\"}", &err), 0);
	assert_int_equal(check("{\"socket\":\"/s\",\"memory\":\"1024,0,2048\"}", &err), 0);
	assert_int_equal(
		check("{\"socket\":\"/s\",\"n_rxq\":\"010\",\"csum\":\"False\"}", &err), 0
	);
	assert_int_equal(
		check("{\"socket\":\"/s\",\"n_rxq\":\"0x10\",\"csum\":\"true\",\"mode\":\"slow\","
		      "\"hwaddr\":\"02:00:00:00:00:01\",\"bfd_x\":\"1\"}",
		      &err),
		0
	);
}

static void test_option_check_names_the_fault(void **state)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
		{"{\"socket\":\"/s\",\"n_rxqq\":\"1\"}", "did you mean n_rxq?"},
		{"{\"socket\":\"/s\",\"zzzzzzzz\":\"1\"}", "unknown key zzzzzzzz"},
		{"{\"socket\":\"/s\",\"n_rxq\":\"0\"}", "between 1 and 64"},
		{"{\"socket\":\"/s\",\"n_rxq\":\"65\"}", "between 1 and 64"},
		{"{\"socket\":\"/s\",\"n_rxq\":\"two\"}", "whole number"},
		{"{\"socket\":\"/s\",\"n_rxq\":\"\"}", "whole number"},
		{"{\"socket\":\"/s\",\"csum\":\"yes\"}", "true or false"},
		{"{\"socket\":\"/s\",\"mode\":\"fas\"}", "one of fast|slow"},
		{"{\"socket\":\"/s\",\"hwaddr\":\"02:00\"}", "MAC address"},
		{"{\"socket\":\"/s\",\"mask\":\"0x\"}", "up to 4 hexadecimal digits"},
		{"{\"socket\":\"/s\",\"mask\":\"\"}", "up to 4 hexadecimal digits"},
		{"{\"socket\":\"/s\",\"mask\":\"0x12345\"}", "up to 4 hexadecimal digits"},
		{"{\"socket\":\"/s\",\"mask\":\"six\"}", "up to 4 hexadecimal digits"},
		{"{\"socket\":\"/s\",\"memory\":\"1 GB\"}", "whole numbers separated by commas"},
		{"{\"socket\":\"/s\",\"memory\":\"1024,\"}", "whole numbers separated by commas"},
		{"{\"socket\":\"/s\",\"memory\":\"-1\"}", "whole numbers separated by commas"},
		{"{}", "option socket is required: Where it is."},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct errbuf err;

		assert_true(check(cases[i].json, &err) < 0);
		if (!strstr(err.text, cases[i].says))
			fail_msg("%s: said \"%s\"", cases[i].json, err.text);
		assert_non_null(strstr(err.text, "port p0"));
	}
}

static void test_option_get_falls_back(void **state)
{
	json_t *map = json_loads(
		"{\"n_rxq\":\"010\",\"csum\":\"True\",\"seq\":\"off\",\"gbp\":\"FALSE\"}", 0, NULL
	);

	assert_int_equal(option_get_int(map, "n_rxq", 1), 10);
	assert_true(option_get_bool(map, "seq", true));
	assert_false(option_get_bool(map, "seq", false));
	assert_false(option_get_bool(map, "gbp", true));
	assert_int_equal(option_get_int(map, "n_txq", 3), 3);
	assert_true(option_get_bool(map, "csum", false));
	assert_true(option_get_bool(map, "tso", true));
	assert_string_equal(option_get_string(map, "mode", "fast"), "fast");
	json_decref(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_option_check_accepts_good_maps),
		cmocka_unit_test(test_option_check_names_the_fault),
		cmocka_unit_test(test_option_get_falls_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

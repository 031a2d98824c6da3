/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/types.h"

LOG_TOPIC(test);

/* A port's number is its place here, and a table's too. */
static const char *const known[] = {"eth0", "vnet-1.2_x", "2nd", "a b", "say \"a\\b\"", ""};

static int find(const char *name)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(known); i++)
		if (!strcmp(known[i], name))
			return (int)i;
	return -1;
}

static bool port_number(void *context, const char *name, uint32_t *number)
{
	int found = find(name);

	*number = (uint32_t)found;
	return found >= 0;
}

static const char *port_name(void *context, uint32_t number)
{
	return number < ARRAY_LENGTH(known) ? known[number] : NULL;
}

static bool table_number(void *context, const char *name, uint8_t *number)
{
	int found = find(name);

	*number = (uint8_t)found;
	return found >= 0;
}

static const char *table_name(void *context, uint8_t number)
{
	return port_name(context, number);
}

static const struct names names = {
	.port_number = port_number,
	.port_name = port_name,
	.table_number = table_number,
	.table_name = table_name,
};

static void test_names_are_read_as_they_are_written(void **state)
{
	static const char *const written[] = {
		"eth0",
		"vnet-1.2_x",
		"\"2nd\"",
		"\"a b\"",
		"\"say \\\"a\\\\b\\\"\"",
		"\"\"",
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(known); i++) {
		struct strbuf port = STRBUF_INIT, table = STRBUF_INIT;
		uint32_t port_back;
		uint8_t table_back;

		names_format_port(&names, i, &port);
		names_format_table(&names, (uint8_t)i, &table);
		assert_string_equal(strbuf_text(&port), written[i]);
		assert_string_equal(strbuf_text(&table), written[i]);
		assert_true(names_parse_port(&names, strbuf_text(&port), &port_back));
		assert_true(names_parse_table(&names, strbuf_text(&table), &table_back));
		assert_int_equal(port_back, i);
		assert_int_equal(table_back, i);
		strbuf_fini(&port);
		strbuf_fini(&table);
	}
}

static void test_numbers_and_reserved_ports_need_no_names(void **state)
{
	static const struct {
		const char *text;
		uint32_t port;
	} cases[] = {
		{"5", 5},
		{"0x10", 16},
		{"local", PORT_LOCAL},
		{"65534", PORT_LOCAL},
		{"0xfffffffe", PORT_LOCAL},
		{"NONE", PORT_ANY},
	};
	struct strbuf out = STRBUF_INIT;
	uint32_t port;
	uint8_t table;

	for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
		assert_true(names_parse_port(NULL, cases[i].text, &port));
		assert_int_equal(port, cases[i].port);
	}
	assert_true(names_parse_table(NULL, "255", &table));
	assert_int_equal(table, 255);
	names_format_port(&names, PORT_LOCAL, &out);
	strbuf_add_char(&out, ' ');
	names_format_port(&names, 100, &out);
	strbuf_add_char(&out, ' ');
	names_format_table(NULL, 7, &out);
	assert_string_equal(strbuf_text(&out), "LOCAL 100 7");
	strbuf_fini(&out);
}

static void test_what_is_no_name_is_refused(void **state)
{
	static const char *const wrong[] = {
		"nobody", "\"eth0", "\"eth0\"x", "\"eth0\\", "5x", "-1", "0xffffff00ff"};
	uint32_t port;
	uint8_t table;

	for (unsigned i = 0; i < ARRAY_LENGTH(wrong); i++) {
		assert_false(names_parse_port(&names, wrong[i], &port));
		assert_false(names_parse_table(&names, wrong[i], &table));
	}
	assert_false(names_parse_port(&names, "4000000000", &port));
	assert_false(names_parse_table(&names, "256", &table));
	assert_false(names_parse_port(NULL, "eth0", &port));
	assert_false(names_parse_table(NULL, "eth0", &table));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_read_as_they_are_written),
		cmocka_unit_test(test_numbers_and_reserved_ports_need_no_names),
		cmocka_unit_test(test_what_is_no_name_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

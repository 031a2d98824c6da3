/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/value/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_uuid_text_round_trips(void **state)
{
	static const char text[] = "01234567-89ab-4def-8123-456789abcdef";
	char again[UUID_TEXT_LENGTH + 1];
	struct uuid uuid;

	assert_true(uuid_parse(text, &uuid));
	assert_int_equal(uuid.high, 0x0123456789ab4defULL);
	assert_int_equal(uuid.low, 0x8123456789abcdefULL);
	uuid_format(&uuid, again);
	assert_string_equal(again, text);
}

static void test_uuid_parse_refuses_other_texts(void **state)
{
	static const char *const cases[] = {
		"",
		"0",
		"01234567-89ab-4def-8123-456789abcde",
		"01234567-89ab-4def-8123-456789abcdef0",
		"0123456789ab4def8123456789abcdef",
		"01234567-89ab-4def-8123-456789abcdeg",
		"01234567_89ab-4def-8123-456789abcdef",
	};
	struct uuid uuid;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(uuid_parse(cases[i], &uuid));
}

static void test_uuid_new_is_random_and_version_4(void **state)
{
	struct uuid last = {0, 0};

	for (int i = 0; i < 1000; i++) {
		char text[UUID_TEXT_LENGTH + 1];
		struct uuid uuid;

		uuid_new(&uuid);
		assert_false(uuid_equal(&uuid, &last));
		uuid_format(&uuid, text);
		assert_int_equal(text[14], '4');
		assert_non_null(strchr("89ab", text[19]));
		last = uuid;
	}
}

static void test_uuid_order_is_that_of_texts(void **state)
{
	struct uuid a, b;

	assert_true(uuid_parse("f0000000-0000-4000-8000-000000000000", &a));
	assert_true(uuid_parse("0fffffff-0000-4000-8000-000000000000", &b));
	assert_true(uuid_compare(&a, &b) > 0);
	assert_true(uuid_compare(&b, &a) < 0);
	assert_int_equal(uuid_compare(&a, &a), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uuid_text_round_trips),
		cmocka_unit_test(test_uuid_parse_refuses_other_texts),
		cmocka_unit_test(test_uuid_new_is_random_and_version_4),
		cmocka_unit_test(test_uuid_order_is_that_of_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/mac.h"

#include "tests/unit/unit.h"

static void test_a_mac_is_read_as_it_was_written(void **state)
{
	struct mac mac = {{0x02, 0, 0xab, 0xff, 0x10, 0x09}}, back;
	char text[MAC_TEXT_SIZE];

	assert_string_equal(mac_format(mac, text), "02:00:ab:ff:10:09");
	assert_true(mac_parse(text, &back));
	assert_memory_equal(&mac, &back, sizeof(mac));
	assert_true(mac_parse("2:0:AB:fF:10:9", &back));
	assert_memory_equal(&mac, &back, sizeof(mac));
}

static void test_other_texts_are_no_mac(void **state)
{
	static const char *const wrong[] = {
		"",
		"02",
		"02:00:00:00:00",
		"02:00:00:00:00:01:",
		"02:00:00:00:00:01 ",
		"02:00:00:00:00:011",
		"02-00-00-00-00-01",
		"0g:00:00:00:00:01",
		":00:00:00:00:00:01",
		"02::00:00:00:01",
	};
	struct mac mac = {{7}};

	for (unsigned i = 0; i < ARRAY_LENGTH(wrong); i++)
		assert_false(mac_parse(wrong[i], &mac));
	assert_int_equal(mac.bytes[0], 7);
}

static void test_integers_hold_the_first_byte_highest(void **state)
{
	struct mac mac = mac_from_integer(0xffff0200000000a1);

	assert_int_equal(mac.bytes[0], 2);
	assert_int_equal(mac.bytes[5], 0xa1);
	assert_true(mac_to_integer(mac) == 0x0200000000a1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_mac_is_read_as_it_was_written),
		cmocka_unit_test(test_other_texts_are_no_mac),
		cmocka_unit_test(test_integers_hold_the_first_byte_highest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

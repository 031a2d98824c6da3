/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/strbuf.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

static void test_strbuf_grows_and_keeps_everything(void **state)
{
	struct strbuf buf = STRBUF_INIT;

	assert_string_equal(strbuf_text(&buf), "");
	for (int i = 0; i < 1000; i++)
		strbuf_addf(&buf, "%d,", i);
	strbuf_chomp(&buf, ',');
	assert_int_equal(buf.length, 10 + 90 * 2 + 900 * 3 + 999);
	assert_memory_equal(buf.text, "0,1,2,", 6);
	assert_string_equal(buf.text + buf.length - 8, ",998,999");
	strbuf_clear(&buf);
	strbuf_add_char(&buf, 'x');
	assert_string_equal(strbuf_text(&buf), "x");
	strbuf_fini(&buf);
}

static void test_strbuf_steal_hands_the_text_over(void **state)
{
	struct strbuf buf = STRBUF_INIT;

	strbuf_add(&buf, "abc");
	char *text = strbuf_steal(&buf);

	assert_string_equal(text, "abc");
	assert_int_equal(buf.length, 0);
	free(text);
	text = strbuf_steal(&buf);
	assert_string_equal(text, "");
	free(text);
}

static void test_strbuf_reserve_leaves_room_for_the_end(void **state)
{
	struct strbuf buf = STRBUF_INIT;

	memset(strbuf_reserve(&buf, 63), 'a', 63);
	strbuf_commit(&buf, 63);
	assert_int_equal(strlen(strbuf_text(&buf)), 63);
	memset(strbuf_reserve(&buf, 1000), 'b', 1000);
	strbuf_commit(&buf, 1000);
	assert_int_equal(strlen(strbuf_text(&buf)), 1063);
	strbuf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strbuf_grows_and_keeps_everything),
		cmocka_unit_test(test_strbuf_steal_hands_the_text_over),
		cmocka_unit_test(test_strbuf_reserve_leaves_room_for_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

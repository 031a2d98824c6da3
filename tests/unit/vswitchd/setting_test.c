/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/setting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/ovsdb/db_row.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "tests/unit/vswitchd/switch.h"
#include "vswitchd/vsctl/attr.h"

enum {
	NOT_SET = 77,
};

static const struct db_row *the_switch(void)
{
	return db_table_first(db_find_table(switch_db(), "Open_vSwitch"));
}

static unsigned other_config(void)
{
	return attr_index(db_row_table(the_switch()), "other_config");
}

static int64_t number(const char *key)
{
	return setting_get_int(the_switch(), other_config(), key, NOT_SET);
}

static bool is_set(const char *key, bool fallback)
{
	return setting_get_bool(the_switch(), other_config(), key, fallback);
}

static void test_setting_get_int_reads_what_is_allowed(void **state)
{
	switch_do("init");
	assert_int_equal(number("max-idle"), NOT_SET);
	switch_do("set Open_vSwitch . other_config:max-idle=600");
	assert_int_equal(number("max-idle"), 600);
	switch_do("set Open_vSwitch . other_config:max-idle=00600");
	assert_int_equal(number("max-idle"), 600);
	switch_do("set Open_vSwitch . other_config:max-idle=0x258");
	assert_int_equal(number("max-idle"), 600);
}

static void test_setting_get_int_takes_nothing_else(void **state)
{
	static const char *const wrong[] = {
		"other_config:max-idle=499",
		"other_config:max-idle=3600001",
		"other_config:max-idle=-1",
		"other_config:max-idle=1s",
		"other_config:max-idle=99999999999999999999",
	};

	switch_do("init");
	for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
		char *line = xasprintf("set Open_vSwitch . %s", wrong[i]);

		switch_do(line);
		free(line);
		assert_int_equal(number("max-idle"), NOT_SET);
	}
	assert_int_equal(setting_get_int(NULL, 0, "max-idle", NOT_SET), NOT_SET);
}

static void test_setting_get_bool_reads_words_in_any_case(void **state)
{
	switch_do("init");
	assert_true(is_set("pmd-rxq-isolate", true));
	switch_do("set Open_vSwitch . other_config:pmd-rxq-isolate=False");
	assert_false(is_set("pmd-rxq-isolate", true));
	switch_do("set Open_vSwitch . other_config:pmd-rxq-isolate=TRUE");
	assert_true(is_set("pmd-rxq-isolate", false));
	switch_do("set Open_vSwitch . other_config:pmd-rxq-isolate=maybe");
	assert_true(is_set("pmd-rxq-isolate", true));
	assert_false(is_set("pmd-rxq-isolate", false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_setting_get_int_reads_what_is_allowed, switch_setup, switch_teardown
		),
		cmocka_unit_test_setup_teardown(
			test_setting_get_int_takes_nothing_else, switch_setup, switch_teardown
		),
		cmocka_unit_test_setup_teardown(
			test_setting_get_bool_reads_words_in_any_case, switch_setup, switch_teardown
		),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

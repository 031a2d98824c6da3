/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/control/memory.h"

#include "tests/unit/unit.h"

static void report(json_t *usage)
{
	json_object_set_new(usage, "test-things", json_integer(42));
}
MEMORY_REPORTER(test, report);

static void test_memory_report_collects_every_reporter(void **state)
{
	json_t *usage = memory_report();

	assert_int_equal(json_integer_value(json_object_get(usage, "test-things")), 42);
	assert_non_null(json_object_get(usage, "jsonrpc-connections"));
	assert_true(json_integer_value(json_object_get(usage, "resident-kB")) > 100);
	json_decref(usage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_report_collects_every_reporter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

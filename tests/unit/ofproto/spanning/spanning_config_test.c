/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/spanning/spanning_priv.h"
#include "tests/unit/unit.h"

static void test_spanning_config_costs_are_those_of_the_standard(void **state)
{
	static const struct {
		uint32_t speed, stp, rstp;
	} rows[] = {
		{10, 100, 2000000},
		{100, 19, 200000},
		{1000, 4, 20000},
		{2500, 4, 8000},
		{10000, 2, 2000},
		{25000, 2, 800},
		{100000, 2, 200},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(spanning_cost(SPANNING_STP, rows[i].speed), rows[i].stp);
		assert_int_equal(spanning_cost(SPANNING_RSTP, rows[i].speed), rows[i].rstp);
	}
}

static void test_spanning_config_costs_are_never_out_of_bounds(void **state)
{
	/* Nobody knows the speed. */
	assert_int_equal(spanning_cost(SPANNING_STP, 0), 4);
	assert_int_equal(spanning_cost(SPANNING_RSTP, 0), 20000);
	assert_int_equal(spanning_cost(SPANNING_STP, 1), 65535);
	assert_int_equal(spanning_cost(SPANNING_RSTP, 1), 20000000);
	assert_int_equal(spanning_cost(SPANNING_STP, UINT32_MAX), 2);
	assert_int_equal(spanning_cost(SPANNING_RSTP, UINT32_MAX), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spanning_config_costs_are_those_of_the_standard),
		cmocka_unit_test(test_spanning_config_costs_are_never_out_of_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

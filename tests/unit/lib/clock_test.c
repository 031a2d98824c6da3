/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/clock.h"

#include <unistd.h>

#include "tests/unit/unit.h"

static void test_clock_stands_still_when_stopped_and_moves_when_told(void **state)
{
	clock_stop();
	int64_t then = clock_ms();

	usleep(20000);
	assert_int_equal(clock_ms(), then);
	clock_warp(5000);
	assert_int_equal(clock_ms(), then + 5000);
	clock_start();
}

static void test_clock_never_goes_back_when_started_again(void **state)
{
	clock_stop();
	clock_warp(100000);
	int64_t then = clock_ms();

	clock_start();
	assert_true(clock_ms() >= then);
	assert_true(clock_ms() < then + 50000);
	assert_false(clock_is_stopped());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock_stands_still_when_stopped_and_moves_when_told),
		cmocka_unit_test(test_clock_never_goes_back_when_started_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/control/turns.h"

#include <unistd.h>

#include <uv.h>

#include "tests/unit/unit.h"

enum {
	AWAY_MS = 60
};

static uv_timer_t first, second, third;

static void do_nothing(uv_timer_t *timer) {}

/* Each starts the next one, which has a turn of its own then, however late it is. */
static void be_away(uv_timer_t *timer)
{
	usleep(AWAY_MS * 1000);
	uv_timer_start(&third, do_nothing, 1, 0);
}

static void begin(uv_timer_t *timer)
{
	uv_timer_start(&second, be_away, 1, 0);
}

static void test_turns_keep_the_worst_and_count_the_slow(void **state)
{
	uv_loop_t *loop = uv_default_loop();
	struct turns turns;

	turns_watch(loop);
	uv_timer_init(loop, &first);
	uv_timer_init(loop, &second);
	uv_timer_init(loop, &third);
	uv_timer_start(&first, begin, 1, 0);
	uv_run(loop, UV_RUN_DEFAULT);
	turns_get(&turns);
	assert_true(turns.n >= 2);
	assert_true(turns.n_slow >= 1);
	assert_true(turns.worst_ns >= AWAY_MS * 1000000);
	/* It slept: that was not its own work. */
	assert_true(turns.worst_cpu_ns < turns.worst_ns);
	turns_clear();
	turns_get(&turns);
	assert_int_equal(turns.n, 0);
	assert_int_equal(turns.worst_ns, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns_keep_the_worst_and_count_the_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

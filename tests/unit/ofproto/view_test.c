/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/epoch.h"

static unsigned n_freed; /* the reclaim thread writes; read behind epoch_drain() */

static void count(void *unused)
{
	n_freed++;
}

/* A translator may take up a view for as long as there is no newer one. */
static void test_view_frees_what_is_retired_behind_the_next(void **state)
{
	view_publish(view_new(0));
	view_retire(&n_freed, count);
	view_retire(&n_freed, count);
	view_retire(NULL, count);
	epoch_drain();
	assert_int_equal(n_freed, 0);
	view_publish(view_new(0));
	epoch_drain();
	assert_int_equal(n_freed, 2);
	view_publish(view_new(0));
	epoch_drain();
	assert_int_equal(n_freed, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_view_frees_what_is_retired_behind_the_next),
	};

	epoch_register();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	epoch_unregister();
	return failed;
}

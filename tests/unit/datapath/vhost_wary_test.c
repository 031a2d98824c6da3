/* SPDX-License-Identifier: Apache-2.0 */

/* Messages of guests and workers that are in their rings.  */

#include "datapath/ports/vhost_wary.h"

#include "datapath/ports/vhost.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

static struct vhost_port vhost;

static void test_a_message_is_heeded_when_nobody_looks(void **state)
{
	assert_true(vhost_wary_message(&vhost, true));
	assert_false(vhost_wary_look_begin(&vhost));
	assert_true(vhost_wary_message(&vhost, false));
	assert_true(vhost_wary_look_begin(&vhost));
	vhost_wary_look_end(&vhost);
}

/* A worker that has lost its core may stay there for long. */
static void test_no_message_is_heeded_under_a_look(void **state)
{
	assert_true(vhost_wary_look_begin(&vhost));
	assert_false(vhost_wary_message(&vhost, true));
	vhost_wary_look_end(&vhost);
	assert_true(vhost_wary_message(&vhost, false));
	assert_true(vhost_wary_message(&vhost, true));
	assert_true(vhost_wary_message(&vhost, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_message_is_heeded_when_nobody_looks),
		cmocka_unit_test(test_no_message_is_heeded_under_a_look),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}

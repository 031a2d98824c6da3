/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/near.h"

#include <errno.h>

#include "lib/errbuf.h"
#include "tests/unit/unit.h"

static const char *best(const char *typed)
{
	static const char *const known[] = {"pmd-cpu-mask", "n_rxq", "dpdk-devargs", "tag"};
	struct near near;

	near_init(&near, typed);
	for (size_t i = 0; i < ARRAY_LENGTH(known); i++)
		near_add(&near, known[i]);
	return near_best(&near);
}

static void test_near_best_finds_what_was_meant(void **state)
{
	assert_string_equal(best("pmd-cpu-maskk"), "pmd-cpu-mask");
	assert_string_equal(best("pmd_cpu_mask"), "pmd-cpu-mask");
	assert_string_equal(best("n_rqx"), "n_rxq");
	assert_string_equal(best("TAG"), "tag");
}

static void test_near_best_does_not_guess_wildly(void **state)
{
	assert_null(best("completely-different"));
	assert_null(best("xyz"));
	/* Two of three letters wrong: "tag" was hardly meant. */
	assert_null(best("tox"));
	assert_null(best("pmd-cpu-maskpmd-cpu-maskpmd-cpu-maskpmd-cpu-maskpmd-cpu-maskpmd-cpu-mask")
	);
}

static void test_near_refuse_asks_only_with_a_reason(void **state)
{
	struct near near;
	struct errbuf err;

	near_init(&near, "vlam");
	assert_int_equal(near_refuse(&near, &err, -EINVAL, "%s: unknown", "vlam"), -EINVAL);
	assert_string_equal(err.text, "vlam: unknown");
	near_add(&near, "vlan");
	assert_int_equal(near_refuse(&near, &err, -ENOENT, "%s: unknown", "vlam"), -ENOENT);
	assert_string_equal(err.text, "vlam: unknown: did you mean vlan?");
	near_add(&near, "vlam");
	near_refuse(&near, &err, -ENOENT, "vlam is not in use");
	assert_string_equal(err.text, "vlam is not in use");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near_best_finds_what_was_meant),
		cmocka_unit_test(test_near_best_does_not_guess_wildly),
		cmocka_unit_test(test_near_refuse_asks_only_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

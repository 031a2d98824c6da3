/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/errbuf.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static void test_errbuf_set_stores_code_and_sentence(void **state)
{
	struct errbuf err;

	errbuf_init(&err);
	assert_int_equal(errbuf_set(&err, -EINVAL, "port %s: bad", "p0"), -EINVAL);
	assert_int_equal(err.error, -EINVAL);
	assert_string_equal(err.text, "port p0: bad");
}

static void test_errbuf_set_accepts_null(void **state)
{
	assert_int_equal(errbuf_set(NULL, -ENOENT, "nobody reads this"), -ENOENT);
}

static void test_errbuf_prefix_cuts_rather_than_overflows(void **state)
{
	struct errbuf err;
	char longest[ERRBUF_SIZE * 2];

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	errbuf_set(&err, -EINVAL, "%s", longest);
	errbuf_prefix(&err, "%s: ", "where");
	assert_int_equal(strlen(err.text), ERRBUF_SIZE - 1);
	assert_memory_equal(err.text, "where: xxx", 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errbuf_set_stores_code_and_sentence),
		cmocka_unit_test(test_errbuf_set_accepts_null),
		cmocka_unit_test(test_errbuf_prefix_cuts_rather_than_overflows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

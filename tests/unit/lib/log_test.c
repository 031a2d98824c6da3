/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "tests/unit/unit.h"

LOG_TOPIC(weather);

static char path[] = "/tmp/weir-log-test-XXXXXX";
static char text[65536];

static const char *contents(void)
{
	FILE *file = fopen(path, "r");
	size_t n = fread(text, 1, sizeof(text) - 1, file);

	text[n] = '\0';
	fclose(file);
	return text;
}

static int setup(void **state)
{
	struct errbuf err;

	close(mkstemp(path));
	log_close_console();
	return log_open_file(path, &err);
}

static int teardown(void **state)
{
	return unlink(path);
}

static void test_log_lines_carry_topic_level_and_stay_one_line(void **state)
{
	log_warn("rain\nand %s", "wind");
	assert_non_null(strstr(contents(), "weather|WARN|rain and wind\n"));
}

static void test_log_levels_are_set_by_topic_and_destination(void **state)
{
	struct errbuf err;

	log_dbg("hidden");
	assert_null(strstr(contents(), "hidden"));
	assert_int_equal(log_set("weather:file:dbg", &err), 0);
	log_dbg("shown");
	assert_non_null(strstr(contents(), "weather|DBG|shown"));
	assert_int_equal(log_set("weather:off", &err), 0);
	log_err("nobody hears");
	assert_null(strstr(contents(), "nobody"));
	assert_int_equal(log_set("any:info", &err), 0);
	assert_int_equal(log_set("wether:info", &err), -EINVAL);
	assert_non_null(strstr(err.text, "wether"));
}

static void test_log_holds_back_a_noisy_place(void **state)
{
	unsigned n = 0;

	for (int i = 0; i < 1000; i++)
		log_info("noise");
	for (const char *at = contents(); (at = strstr(at, "noise")); at++)
		n++;
	assert_in_range(n, 10, 12);
}

static void test_log_open_file_explains_what_it_cannot_open(void **state)
{
	struct errbuf err;

	assert_int_equal(log_open_file("/nonexistent/dir/log", &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent/dir/log"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_lines_carry_topic_level_and_stay_one_line),
		cmocka_unit_test(test_log_levels_are_set_by_topic_and_destination),
		cmocka_unit_test(test_log_holds_back_a_noisy_place),
		cmocka_unit_test(test_log_open_file_explains_what_it_cannot_open),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

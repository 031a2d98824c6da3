/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/metrics/metrics.h"

#include <string.h>

#include "lib/metrics/histogram.h"
#include "lib/strbuf.h"
#include "tests/unit/unit.h"

static struct histogram histogram;

static const struct metric metrics[] = {
	{"test_ports_total", METRIC_COUNTER, "Ports."},
	{"test_load_ratio", METRIC_GAUGE, "Load."},
	{"test_wait_seconds", METRIC_HISTOGRAM, "Waits."},
	{"test_nothing", METRIC_GAUGE, "Nothing is said of it."},
};

static void collect(struct metrics *out)
{
	metrics_add(out, 0, 9007199254740991.0, "port", "a\"b\\c\nd", "type", "tap", METRICS_END);
	metrics_add(out, 1, 0.25, METRICS_END);
	metrics_add(out, 0, 0, "port", "e", "type", "", METRICS_END);
	metrics_add_histogram(out, 2, &histogram);
}
METRIC_SOURCE(test, metrics, collect);

static const char *format(void)
{
	static struct strbuf out;

	strbuf_clear(&out);
	metrics_format(&out);
	return strbuf_text(&out);
}

static void assert_has(const char *text)
{
	if (!strstr(format(), text))
		fail_msg("'%s' is not in:\n%s", text, format());
}

static void test_samples_of_a_metric_stand_together(void **state)
{
	assert_has("# HELP test_ports_total Ports.\n"
		   "# TYPE test_ports_total counter\n"
		   "test_ports_total{port=\"a\\\"b\\\\c\\nd\",type=\"tap\"} 9007199254740991\n"
		   "test_ports_total{port=\"e\",type=\"\"} 0\n"
		   "# HELP test_load_ratio Load.\n"
		   "# TYPE test_load_ratio gauge\n"
		   "test_load_ratio 0.25\n");
	assert_null(strstr(format(), "test_nothing"));
}

static void test_histograms_count_up(void **state)
{
	histogram_add(&histogram, 900);
	histogram_add(&histogram, 1000);
	histogram_add(&histogram, 3000);
	histogram_add(&histogram, 2000000000);
	assert_has("# TYPE test_wait_seconds histogram\n"
		   "test_wait_seconds_bucket{le=\"1e-06\"} 2\n"
		   "test_wait_seconds_bucket{le=\"4e-06\"} 3\n");
	assert_has("test_wait_seconds_bucket{le=\"1.04858\"} 3\n"
		   "test_wait_seconds_bucket{le=\"+Inf\"} 4\n"
		   "test_wait_seconds_sum 2.0000049\n"
		   "test_wait_seconds_count 4\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples_of_a_metric_stand_together),
		cmocka_unit_test(test_histograms_count_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

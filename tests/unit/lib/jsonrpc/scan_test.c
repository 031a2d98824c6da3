/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jsonrpc/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "tests/unit/unit.h"

/* How many messages 'text' has when it arrives in pieces of 'step' bytes; negative: an error. */
static int count_messages(const char *text, size_t step)
{
	struct scan scan;
	struct errbuf err;
	size_t n = strlen(text), at = 0, used;
	int messages = 0;

	scan_init(&scan, 1000, 8);
	while (at < n) {
		size_t piece = n - at < step ? n - at : step;
		size_t blanks = scan_blanks(&scan, text + at, piece);

		at += blanks;
		piece -= blanks;
		if (!piece)
			continue;
		int result = scan_feed(&scan, text + at, piece, &used, &err);

		if (result < 0)
			return result;
		messages += result;
		at += used;
	}
	return messages;
}

static void check(const char *text, int expected)
{
	for (size_t step = 1; step <= strlen(text); step++)
		assert_int_equal(count_messages(text, step), expected);
}

static void test_scan_feed_finds_the_ends_however_bytes_arrive(void **state)
{
	check("{}", 1);
	check(" {}\n{}\r\n[] ", 3);
	check("{}{}[]", 3);
	check("{\"a\":[1,2,{\"b\":true}]}{\"c\":null}", 2);
}

static void test_scan_feed_follows_strings_and_escapes(void **state)
{
	check("{\"}\":\"]\"}", 1);
	check("{\"\\\"}\":\"\\\\\"}", 1);
	check("{\"\\\\\":1}{}", 2);
	check("{\"\xc3\xa4\":\"\xe2\x82\xac\"}", 1);
}

static void test_scan_feed_waits_for_the_rest(void **state)
{
	check("{", 0);
	check("{\"a", 0);
	check("{\"a\\", 0);
	check("[[]", 0);
	check("{}[", 1);
}

static void test_scan_feed_refuses_what_cannot_become_json(void **state)
{
	check("x", -EBADMSG);
	check("1", -EBADMSG);
	check("\"text\"", -EBADMSG);
	check("]", -EBADMSG);
	check("{]", -EBADMSG);
	check("[1}", -EBADMSG);
	check("{}\x01", -EBADMSG);
	check("[\x16\x03\x01]", -EBADMSG);
	check("GET / HTTP/1.1\r\n", -EBADMSG);
}

static void test_scan_feed_bounds_nesting(void **state)
{
	check("[[[[[[[[]]]]]]]]", 1);
	check("[[[[[[[[[", -E2BIG);
	check("{{{{{{{{{", -E2BIG);
}

static void test_scan_feed_bounds_length(void **state)
{
	struct scan scan;
	struct errbuf err;
	char text[2000];
	size_t used;

	memset(text, ' ', sizeof(text));
	text[0] = '[';
	for (size_t step = 1; step < 400; step += 7) {
		size_t at = 0;
		int result = 0;

		scan_init(&scan, 1000, 8);
		while (!result && at + step <= sizeof(text)) {
			result = scan_feed(&scan, text + at, step, &used, &err);
			at += step;
		}
		assert_int_equal(result, -E2BIG);
		assert_true(at <= 1000 + step);
	}
	/* One that just fits, and the next starts anew. */
	text[999] = ']';
	scan_init(&scan, 1000, 8);
	assert_int_equal(scan_feed(&scan, text, 1200, &used, &err), 1);
	assert_int_equal(used, 1000);
	assert_int_equal(scan_feed(&scan, text, 1000, &used, &err), 1);
	text[999] = ' ';
	text[1000] = ']';
	assert_int_equal(scan_feed(&scan, text, 1200, &used, &err), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan_feed_finds_the_ends_however_bytes_arrive),
		cmocka_unit_test(test_scan_feed_follows_strings_and_escapes),
		cmocka_unit_test(test_scan_feed_waits_for_the_rest),
		cmocka_unit_test(test_scan_feed_refuses_what_cannot_become_json),
		cmocka_unit_test(test_scan_feed_bounds_nesting),
		cmocka_unit_test(test_scan_feed_bounds_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

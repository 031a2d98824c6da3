/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/journal/db_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* As ovsdb(5) describes it; the hash is sha1sum's. */
static const char record[] = "OVSDB JSON 8 8a3d961f7fe8ef7b41d461059884a9461be85059\n{\"a\":1}\n";

static enum db_frame_result read_one(const char *file, size_t size, size_t *at)
{
	const char *why = NULL;
	json_t *json = NULL;
	enum db_frame_result result = db_frame_next(file, size, at, &json, &why);

	if (result == DB_FRAME_RECORD)
		json_decref(json);
	if (result == DB_FRAME_TORN)
		assert_non_null(why);
	return result;
}

static void test_header_is_as_documented(void **state)
{
	char header[DB_FRAME_HEADER_SIZE];
	const char *json = strchr(record, '\n') + 1;
	size_t length = db_frame_header(json, strlen(json), header);

	assert_int_equal(length, json - record);
	assert_memory_equal(header, record, length);
}

static void test_record_is_read_and_the_end_seen(void **state)
{
	size_t at = 0;

	assert_int_equal(read_one(record, strlen(record), &at), DB_FRAME_RECORD);
	assert_int_equal(at, strlen(record));
	assert_int_equal(read_one(record, strlen(record), &at), DB_FRAME_END);
}

static void test_record_cut_anywhere_is_torn(void **state)
{
	for (size_t size = 1; size < strlen(record); size++) {
		size_t at = 0;

		assert_int_equal(read_one(record, size, &at), DB_FRAME_TORN);
		assert_int_equal(at, 0);
	}
}

static void test_record_with_any_byte_changed_is_torn(void **state)
{
	char copy[sizeof(record)];

	for (size_t i = 0; i < strlen(record); i++) {
		size_t at = 0;

		memcpy(copy, record, sizeof(record));
		copy[i] ^= 0x40;
		assert_int_equal(read_one(copy, strlen(record), &at), DB_FRAME_TORN);
	}
}

static void test_lengths_beyond_the_file_are_torn(void **state)
{
	static const char *const cases[] = {
		"OVSDB JSON 18446744073709551615 8a3d961f7fe8ef7b41d461059884a9461be85059\n{}\n",
		"OVSDB JSON -1 8a3d961f7fe8ef7b41d461059884a9461be85059\n{}\n",
		"OVSDB JSON 8 5afa\n{\"a\":1}\n",
		"OVSDB JSON  8 8a3d961f7fe8ef7b41d461059884a9461be85059\n{\"a\":1}\n",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t at = 0;

		assert_int_equal(read_one(cases[i], strlen(cases[i]), &at), DB_FRAME_TORN);
	}
}

static void test_clustered_files_are_recognized(void **state)
{
	size_t at = 0;

	assert_int_equal(read_one("OVSDB CLUSTER 1 x\n", 18, &at), DB_FRAME_CLUSTERED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_is_as_documented),
		cmocka_unit_test(test_record_is_read_and_the_end_seen),
		cmocka_unit_test(test_record_cut_anywhere_is_torn),
		cmocka_unit_test(test_record_with_any_byte_changed_is_torn),
		cmocka_unit_test(test_lengths_beyond_the_file_are_torn),
		cmocka_unit_test(test_clustered_files_are_recognized),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

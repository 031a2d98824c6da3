/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/eal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

enum {
	PATH_SIZE = 128
};

static const char *const files[] = {"free_hugepages", "resv_hugepages"};
static const char *const sizes[] = {"hugepages-2048kB", "hugepages-1048576kB"};
static char top[] = "/tmp/weir-eal-XXXXXX";

static void write_number(const char *size, const char *file, unsigned number)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s/%s", top, size, file);
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fprintf(out, "%u\n", number);
	assert_int_equal(fclose(out), 0);
}

static int make_folders(void **state)
{
	char path[PATH_SIZE];

	assert_non_null(mkdtemp(top));
	for (unsigned i = 0; i < ARRAY_LENGTH(sizes); i++) {
		snprintf(path, sizeof(path), "%s/%s", top, sizes[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	return 0;
}

static int remove_folders(void **state)
{
	char path[PATH_SIZE];

	for (unsigned i = 0; i < ARRAY_LENGTH(sizes); i++) {
		for (unsigned k = 0; k < ARRAY_LENGTH(files); k++) {
			snprintf(path, sizeof(path), "%s/%s/%s", top, sizes[i], files[k]);
			unlink(path);
		}
		snprintf(path, sizeof(path), "%s/%s", top, sizes[i]);
		rmdir(path);
	}
	return rmdir(top);
}

/* What a guest has mapped is free until it is touched, and yet nobody else can have it. */
static void test_eal_counts_no_hugepages_of_others(void **state)
{
	assert_int_equal(eal_free_hugepages_mb(top), 0);
	write_number(sizes[0], files[0], 100);
	assert_int_equal(eal_free_hugepages_mb(top), 200);
	write_number(sizes[0], files[1], 60);
	assert_int_equal(eal_free_hugepages_mb(top), 80);
	write_number(sizes[1], files[0], 1);
	assert_int_equal(eal_free_hugepages_mb(top), 80 + 1024);
	write_number(sizes[1], files[1], 1);
	assert_int_equal(eal_free_hugepages_mb(top), 80);
	write_number(sizes[0], files[1], 200);
	assert_int_equal(eal_free_hugepages_mb(top), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eal_counts_no_hugepages_of_others),
	};

	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}

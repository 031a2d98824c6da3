/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost_vet.h"

#include <string.h>

#include "tests/unit/unit.h"

static bool find(const char *text, uint64_t at, struct vhost_mapping *found)
{
	FILE *maps = fmemopen((void *)text, strlen(text), "r");

	assert_non_null(maps);
	bool is_found = vhost_vet_find_mapping(maps, at, found);

	fclose(maps);
	return is_found;
}

static void test_vhost_vet_finds_mappings(void **state)
{
	static const char text[] = "7f0000000000-7f0000001000 rw-s 00000000 00:01 5  /memfd:a b\n"
				   "7f0000001000-7f0000003000 r--p 00000000 fe:2a 9\n";
	struct vhost_mapping found;

	assert_false(find(text, 0x7effffffffff, &found));
	assert_true(find(text, 0x7f0000000fff, &found));
	assert_int_equal(found.begin, 0x7f0000000000);
	assert_int_equal(found.end, 0x7f0000001000);
	assert_int_equal(found.major, 0);
	assert_int_equal(found.minor, 1);
	assert_true(find(text, 0x7f0000001000, &found));
	assert_int_equal(found.end, 0x7f0000003000);
	assert_int_equal(found.major, 0xfe);
	assert_int_equal(found.minor, 0x2a);
	assert_false(find(text, 0x7f0000003000, &found));
}

/* Guests' sides name the files of their memory, and may make the names look like mappings. */
static void test_vhost_vet_believes_no_names(void **state)
{
	static const char first[] = "7f0000000000-7f0000001000 rw-s 00000000 00:2a 5  /";
	static const char lie[] = "0-ffffffffffffffff rw-s 00000000 00:01 5\n";
	static const char second[] = "7f0000001000-7f0000002000 rw-s 00000000 00:2b 6\n";
	char text[2048], name[1024] = "";
	struct vhost_mapping found;

	for (unsigned n = 0; n + 1 < sizeof(name); n++) {
		snprintf(text, sizeof(text), "%s%s%s%s", first, name, lie, second);
		name[n] = 'a';
		assert_true(find(text, 0x7f0000001234, &found));
		assert_int_equal(found.minor, 0x2b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vhost_vet_finds_mappings),
		cmocka_unit_test(test_vhost_vet_believes_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

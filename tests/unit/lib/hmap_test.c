/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/hmap.h"

#include <stdlib.h>

#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "tests/unit/unit.h"

struct item {
	struct hmap_node node;
	unsigned value;
};

static struct item *find(struct hmap *map, unsigned value)
{
	struct item *item;

	HMAP_FOREACH_WITH_HASH(item, node, hash_u64(value, 0), map)
		if (item->value == value)
			return item;
	return NULL;
}

static void test_hmap_finds_what_was_added_and_nothing_else(void **state)
{
	struct hmap map = HMAP_INIT(&map);
	struct item *item;

	for (unsigned i = 0; i < 10000; i++) {
		item = XNEW(struct item);
		item->value = i;
		hmap_add(&map, &item->node, hash_u64(i, 0));
	}
	assert_int_equal(hmap_count(&map), 10000);
	for (unsigned i = 0; i < 10000; i++)
		assert_non_null(find(&map, i));
	assert_null(find(&map, 10000));
	HMAP_FOREACH_SAFE(item, node, &map) {
		hmap_del(&map, &item->node);
		free(item);
	}
	assert_int_equal(hmap_count(&map), 0);
	hmap_fini(&map);
}

static void test_hmap_keeps_equal_hashes_apart(void **state)
{
	struct hmap map;
	struct item a = {.value = 1}, b = {.value = 2}, *item;
	unsigned sum = 0;

	hmap_init(&map);
	hmap_add(&map, &a.node, 7);
	hmap_add(&map, &b.node, 7);
	HMAP_FOREACH_WITH_HASH(item, node, 7, &map)
		sum += item->value;
	assert_int_equal(sum, 3);
	hmap_del(&map, &a.node);
	sum = 0;
	HMAP_FOREACH(item, node, &map)
		sum += item->value;
	assert_int_equal(sum, 2);
	hmap_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hmap_finds_what_was_added_and_nothing_else),
		cmocka_unit_test(test_hmap_keeps_equal_hashes_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

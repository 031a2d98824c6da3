/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/groups/group_set.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "ofproto/groups/groups.h"
#include "tests/unit/unit.h"

enum {
	IDS = 3000,
	STEPS = 20000,
	KEPT = 8, /* older sets, which must stay as they were */
};

/* What a set should hold. */
struct model {
	struct group_set *set;
	const struct group *groups[IDS];
};

static struct group *groups[2]; /* two with each id */

static struct group *group_of(unsigned which, unsigned i)
{
	return &groups[which][i];
}

static int setup(void **state)
{
	for (unsigned which = 0; which < 2; which++) {
		groups[which] = XNEW_N(struct group, IDS);
		for (unsigned i = 0; i < IDS; i++)
			groups[which][i].id = i * 1000003;
	}
	srand(1);
	return 0;
}

static int teardown(void **state)
{
	free(groups[0]);
	free(groups[1]);
	return 0;
}

static unsigned index_of(const struct group *group)
{
	return group->id / 1000003;
}

static void check(const struct model *model)
{
	const struct group *group;
	unsigned n = 0, next = 0;

	GROUP_SET_FOREACH(group, model->set)
	{
		while (next < IDS && !model->groups[next])
			next++;
		assert_in_range(next, 0, IDS - 1);
		assert_ptr_equal(group, model->groups[next]);
		next++;
		n++;
	}
	assert_int_equal(n, group_set_count(model->set));
	while (next < IDS)
		assert_null(model->groups[next++]);
	for (unsigned i = 0; i < IDS; i++) {
		uint32_t id = groups[0][i].id;

		assert_ptr_equal(group_set_find(model->set, id), model->groups[i]);
		assert_null(group_set_find(model->set, id + 1));
	}
}

static void put(struct model *model, const struct group *group)
{
	const struct group **place = &model->groups[index_of(group)];

	assert_ptr_equal(group_set_put(model->set, group), *place);
	*place = group;
}

static void del(struct model *model, unsigned i)
{
	assert_ptr_equal(group_set_del(model->set, groups[0][i].id), model->groups[i]);
	model->groups[i] = NULL;
}

/* Mostly puts until it is nearly full, then mostly deletes. */
static void change(struct model *model, unsigned step)
{
	bool fills = step / (STEPS / 4) % 2 == 0;

	if ((rand() % 8 != 0) == fills)
		put(model, group_of((unsigned)rand() % 2, (unsigned)rand() % IDS));
	else
		del(model, (unsigned)rand() % IDS);
}

static void test_group_sets_share_what_stays(void **state)
{
	struct model model = {.set = group_set_new()};
	struct model *kept = XNEW_N(struct model, KEPT);

	for (unsigned step = 0; step < STEPS; step++) {
		struct model *oldest = &kept[step / 50 % KEPT];

		if (step % 50 == 0) {
			if (oldest->set)
				check(oldest);
			group_set_free(oldest->set);
			*oldest = model;
			model.set = group_set_copy(model.set);
		}
		change(&model, step);
	}
	check(&model);
	for (unsigned i = 0; i < KEPT; i++) {
		check(&kept[i]);
		group_set_free(kept[i].set);
	}
	group_set_free(model.set);
	free(kept);
}

static void test_group_sets_are_filled_and_emptied_in_order(void **state)
{
	struct model model = {.set = group_set_new()};

	for (unsigned i = 0; i < IDS; i++)
		put(&model, group_of(0, i));
	check(&model);
	for (unsigned i = 0; i < IDS; i++)
		if (i % 100)
			del(&model, i);
	check(&model);
	for (unsigned i = 0; i < IDS; i += 100)
		del(&model, i);
	check(&model);
	for (unsigned i = IDS; i--;)
		put(&model, group_of(1, i));
	check(&model);
	group_set_clear(model.set);
	memset(model.groups, 0, sizeof(model.groups));
	check(&model);
	assert_null(group_set_find_from(model.set, 0));
	group_set_free(model.set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_group_sets_share_what_stays),
		TEST(test_group_sets_are_filled_and_emptied_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/answers.h"

#include "datapath/miss/pending.h"
#include "datapath/program.h"
#include "datapath/program_priv.h"
#include "datapath/punt.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

enum {
	MANY = 20000, /* answers, while one worker has no core */
};

static const struct miss *place(unsigned worker, unsigned number)
{
	const struct miss *miss = &pending_table_of(worker)->entries[number + 1].miss;

	assert_int_equal(miss->worker, worker);
	assert_int_equal(miss_place(miss), number);
	return miss;
}

static struct program *to_port(uint16_t id)
{
	struct program_builder builder;

	program_begin(&builder);
	program_add_output(&builder, id);
	return program_intern(&builder);
}

static void test_others_do_not_end_it(void **state)
{
	const struct miss *late = place(0, 0), *last = place(0, MISS_PLACES - 1);
	struct program *other = to_port(3);
	unsigned before = programs_count();

	answers_keep(late, to_port(1));
	answers_keep(last, to_port(2));
	for (unsigned i = 0; i < MANY; i++)
		answers_keep(place(1, i % MISS_PLACES), program_ref(other));
	for (unsigned i = 0; i < MANY; i++)
		answers_keep_injected(program_ref(other));
	assert_int_equal(programs_count(), before + 2);
	answers_keep(late, NULL);
	assert_int_equal(programs_count(), before + 1);
	answers_end();
	assert_int_equal(programs_count(), before);
	program_unref(other);
	assert_int_equal(programs_count(), before - 1);
}

static void test_as_many_packets_as_are_injected(void **state)
{
	unsigned before = programs_count();
	struct program *other = to_port(3);

	answers_keep_injected(to_port(1));
	for (unsigned i = 1; i < PUNT_INJECTIONS; i++)
		answers_keep_injected(program_ref(other));
	assert_int_equal(programs_count(), before + 2);
	answers_keep_injected(program_ref(other));
	assert_int_equal(programs_count(), before + 1);
	answers_end();
	program_unref(other);
	assert_int_equal(programs_count(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_others_do_not_end_it),
		cmocka_unit_test(test_as_many_packets_as_are_injected),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}

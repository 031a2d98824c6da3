/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "datapath/drop.h"
#include "datapath/ops/dec_ttl.h"
#include "datapath/ops/pop_vlan.h"
#include "datapath/ops/push_vlan.h"
#include "datapath/port.h"
#include "datapath/program_priv.h"
#include "lib/strbuf.h"
#include "tests/unit/datapath/fixture.h"

DROP_REASON(test_reason, "a test wants it");

static void assert_text(const struct program *program, const char *expected)
{
	struct strbuf text = STRBUF_INIT;

	assert_non_null(program);
	program_format(program, &text);
	assert_string_equal(strbuf_text(&text), expected);
	strbuf_fini(&text);
}

static void test_program_equal_ones_are_one(void **state)
{
	struct program_builder a, b;

	program_begin(&a);
	((struct op_push_vlan *)program_add(&a, &op_push_vlan))->tci = be16_from(5);
	program_add_output(&a, 3);
	program_begin(&b);
	((struct op_push_vlan *)program_add(&b, &op_push_vlan))->tci = be16_from(5);
	program_add_output(&b, 3);
	struct program *first = program_intern(&a);
	struct program *second = program_intern(&b);

	assert_ptr_equal(first, second);
	program_begin(&b);
	((struct op_push_vlan *)program_add(&b, &op_push_vlan))->tci = be16_from(6);
	program_add_output(&b, 3);
	struct program *other = program_intern(&b);

	assert_ptr_not_equal(first, other);
	program_unref(first);
	program_unref(second);
	program_unref(other);
}

static void test_program_ends_with_its_last_effect(void **state)
{
	struct program_builder b;

	program_begin(&b);
	program_add_output(&b, 3);
	program_add(&b, &op_pop_vlan);
	program_add(&b, &op_dec_ttl);
	program_add_drop(&b, &drop_test_reason);
	struct program *program = program_intern(&b);

	assert_text(program, "3");
	assert_int_equal(program->output, 3);
	assert_false(program->needs_meta);
	program_unref(program);
}

static void test_program_without_effect_drops(void **state)
{
	struct program_builder b;

	program_begin(&b);
	program_add(&b, &op_pop_vlan);
	struct program *program = program_intern(&b);

	assert_text(program, "drop(no_action)");
	program_unref(program);
	program_begin(&b);
	program_add_drop(&b, &drop_test_reason);
	program = program_intern(&b);
	assert_text(program, "drop(test_reason)");
	program_unref(program);
}

static void test_program_formats_all_ops(void **state)
{
	struct program_builder b;

	program_begin(&b);
	program_add_output(&b, 1);
	program_add(&b, &op_dec_ttl);
	program_add_output_truncated(&b, 2, 100);
	struct program *program = program_intern(&b);

	assert_text(program, "1,dec_ttl,trunc(100),2");
	assert_int_equal(program->output, 0);
	assert_true(program->needs_meta);
	program_unref(program);
}

static void test_program_too_long_is_refused(void **state)
{
	struct program_builder b;

	program_begin(&b);
	for (unsigned i = 0; i < 2 * PROGRAM_OPS; i++)
		program_add_output_truncated(&b, 1 + i % 100, 100 + i % 1000);
	assert_true(b.overflow);
	assert_null(program_intern(&b));
}

static void test_program_floods_to_every_port(void **state)
{
	struct strbuf text = STRBUF_INIT;
	struct program_builder b;

	program_begin(&b);
	for (unsigned port = 1; port < PORT_IDS; port++) {
		program_add_output(&b, port);
		strbuf_addf(&text, port > 1 ? ",%u" : "%u", port);
	}
	struct program *program = program_intern(&b);

	assert_text(program, strbuf_text(&text));
	assert_int_equal(program->n_ops, 1);
	program_unref(program);
	strbuf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_program_equal_ones_are_one),
		cmocka_unit_test(test_program_ends_with_its_last_effect),
		cmocka_unit_test(test_program_without_effect_drops),
		cmocka_unit_test(test_program_formats_all_ops),
		cmocka_unit_test(test_program_too_long_is_refused),
		cmocka_unit_test(test_program_floods_to_every_port),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}

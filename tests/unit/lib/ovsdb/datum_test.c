/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/value/datum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ovsdb/schema/column_type.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/strbuf.h"
#include "tests/unit/lib/ovsdb/fixture.h"

static struct column_type type_of(const char *text)
{
	json_t *json = fixture_json(text);
	struct column_type type;
	struct db_error err;

	if (column_type_parse(&type, json, &err))
		fail_msg("%s", err.details);
	json_decref(json);
	return type;
}

static const char int_set[] = "{'key':'integer','min':0,'max':'unlimited'}";
static const char string_map[] = "{'key':'string','value':'string','min':0,'max':'unlimited'}";

static struct datum *parse(const char *text, const struct column_type *type, struct db_error *err)
{
	json_t *json = fixture_json(text);
	struct datum *datum = datum_parse(json, type, NULL, err);

	json_decref(json);
	return datum;
}

/* Both ways of writing a datum as JSON must agree. */
static void expect_text(const struct datum *datum, const struct column_type *type, const char *text)
{
	json_t *json = datum_json(datum, type), *expected = fixture_json(text), *printed;
	struct strbuf out = STRBUF_INIT;

	datum_print(datum, type, &out);
	printed = json_loads(strbuf_text(&out), JSON_DECODE_ANY, NULL);
	assert_true(json_equal(json, expected));
	assert_true(json_equal(printed, expected));
	strbuf_fini(&out);
	json_decref(printed);
	json_decref(expected);
	json_decref(json);
}

static void expect_round_trip(const char *type_text, const char *in, const char *out)
{
	struct column_type type = type_of(type_text);
	struct db_error err;
	struct datum *datum = parse(in, &type, &err);

	if (!datum)
		fail_msg("%s: %s", in, err.details);
	expect_text(datum, &type, out);
	datum_unref(datum);
	column_type_fini(&type);
}

static void test_datum_parse_sorts_and_round_trips(void **state)
{
	expect_round_trip("'integer'", "7", "7");
	expect_round_trip("'integer'", "['set',[7]]", "7");
	expect_round_trip("'integer'", "3.0", "3");
	expect_round_trip("'real'", "3", "3.0");
	expect_round_trip("'real'", "0.1", "0.1");
	expect_round_trip("'boolean'", "true", "true");
	expect_round_trip("'string'", "'a\\n\\u0001\\\\ä'", "'a\\n\\u0001\\\\ä'");
	expect_round_trip(int_set, "['set',[3,1,2]]", "['set',[1,2,3]]");
	expect_round_trip(int_set, "['set',[]]", "['set',[]]");
	expect_round_trip(
		string_map, "['map',[['b','2'],['a','1']]]", "['map',[['a','1'],['b','2']]]"
	);
	expect_round_trip(
		"'uuid'",
		"['uuid','11111111-2222-4333-8444-55555555555A']",
		"['uuid','11111111-2222-4333-8444-55555555555a']"
	);
}

static void test_datum_parse_refuses_what_does_not_fit(void **state)
{
	static const struct {
		const char *type;
		const char *text;
	} cases[] = {
		{"'integer'", "'x'"},
		{"'integer'", "1.5"},
		{"'integer'", "1e30"},
		{"'integer'", "null"},
		{"'boolean'", "1"},
		{"'string'", "1"},
		{"'uuid'", "'11111111-2222-4333-8444-555555555555'"},
		{"'uuid'", "['uuid','11111111-2222-4333-8444-55555555555']"},
		{"'uuid'", "['named-uuid','x']"},
		{"'uuid'", "['uuid']"},
		{"'uuid'", "[]"},
		{int_set, "['set',[1,1]]"},
		{int_set, "['set',7]"},
		{int_set, "['set',[1,'x']]"},
		{string_map, "['map',[['a','1'],['a','2']]]"},
		{string_map, "['map',[['a','1'],['b']]]"},
		{string_map, "['map',[['a','1'],['b',2]]]"},
		{string_map, "['set',[]]"},
		{string_map, "{}"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct column_type type = type_of(cases[i].type);
		struct db_error err;

		if (parse(cases[i].text, &type, &err))
			fail_msg("was accepted: %s", cases[i].text);
		assert_true(err.details[0]);
		column_type_fini(&type);
	}
	assert_int_equal(text_count(), 0);
}

static void
expect_diff(const char *type_text, const char *old_text, const char *new_text, const char *text)
{
	struct column_type type = type_of(type_text);
	struct datum *old = parse(old_text, &type, NULL), *new = parse(new_text, &type, NULL);
	struct datum *diff = datum_diff(old, new, &type);
	struct datum *applied = datum_apply_diff(old, diff, &type);

	expect_text(diff, &type, text);
	assert_true(datum_equal(applied, new, &type));
	datum_unref(applied);
	datum_unref(diff);
	datum_unref(new);
	datum_unref(old);
	column_type_fini(&type);
}

static void test_datum_diff_is_what_apply_undoes(void **state)
{
	expect_diff(int_set, "['set',[1,2,3]]", "['set',[2,3,4]]", "['set',[1,4]]");
	expect_diff(int_set, "['set',[]]", "['set',[1]]", "1");
	expect_diff(int_set, "5", "['set',[]]", "5");
	expect_diff("'integer'", "5", "6", "6");
	expect_diff("{'key':'integer','min':0}", "5", "['set',[]]", "['set',[]]");
	expect_diff(
		string_map,
		"['map',[['gone','1'],['kept','2'],['new','old']]]",
		"['map',[['added','1'],['kept','2'],['new','new']]]",
		"['map',[['added','1'],['gone','1'],['new','new']]]"
	);
}

static void test_datum_set_operations(void **state)
{
	struct column_type type = type_of(string_map);
	struct datum *a = parse("['map',[['a','1'],['b','2']]]", &type, NULL);
	struct datum *b = parse("['map',[['a','x'],['c','3']]]", &type, NULL);
	struct datum *both = datum_union(a, b, &type);
	struct datum *rest = datum_subtract(both, a, &type);

	expect_text(both, &type, "['map',[['a','1'],['b','2'],['c','3']]]");
	expect_text(rest, &type, "['map',[['c','3']]]");
	assert_true(datum_includes(both, a, &type));
	assert_false(datum_includes(both, b, &type));
	assert_true(datum_excludes(rest, a, &type));
	assert_int_equal(datum_find_string(both, "b"), 1);
	assert_int_equal(datum_find_string(both, "bb"), -1);
	datum_unref(rest);
	datum_unref(both);
	datum_unref(b);
	datum_unref(a);
	column_type_fini(&type);
}

static void test_datum_builders_make_sorted_sets(void **state)
{
	struct column_type type = type_of("{'key':'string','min':0,'max':'unlimited'}");
	json_t *json = fixture_json("['b','a','b']");
	struct datum *set = datum_new_string_set(json);

	expect_text(set, &type, "['set',['a','b']]");
	datum_unref(set);
	json_decref(json);
	column_type_fini(&type);

	type = type_of(string_map);
	json = fixture_json("{'z':'1','a':true}");
	set = datum_new_string_map(json);
	expect_text(set, &type, "['map',[['a','true'],['z','1']]]");
	datum_unref(set);
	json_decref(json);
	column_type_fini(&type);
	assert_int_equal(text_count(), 0);
}

static struct datum *set_of(const bool *has, size_t n, const struct column_type *type)
{
	json_auto_t *members = json_array();

	for (size_t i = 0; i < n; i++)
		if (has[i])
			json_array_append_new(members, json_integer((json_int_t)i));
	json_auto_t *json = json_pack("[sO]", "set", members);
	char *text = json_dumps(json, 0);
	struct datum *set = parse(text, type, NULL);

	free(text);
	return set;
}

static void expect_set(struct datum *set, const bool *has, size_t n, const struct column_type *type)
{
	struct datum *expected = set_of(has, n, type);

	assert_true(datum_equal(set, expected, type));
	datum_unref(expected);
	datum_unref(set);
}

/* Sets of every density, so that long and short runs of one fall between members of the other. */
static void test_datum_set_operations_on_many(void **state)
{
	enum {
		N = 70
	};
	struct column_type type = type_of(int_set);

	srand(1);
	for (int round = 0; round < 500; round++) {
		bool a[N], b[N], both[N], rest[N], diff[N];
		int some_a = 1 + rand() % 20, some_b = 1 + rand() % 20;

		for (int i = 0; i < N; i++) {
			a[i] = !(rand() % some_a);
			b[i] = !(rand() % some_b);
			both[i] = a[i] || b[i];
			rest[i] = a[i] && !b[i];
			diff[i] = a[i] != b[i];
		}
		struct datum *set_a = set_of(a, N, &type), *set_b = set_of(b, N, &type);

		expect_set(datum_union(set_a, set_b, &type), both, N, &type);
		expect_set(datum_subtract(set_a, set_b, &type), rest, N, &type);
		expect_set(datum_diff(set_a, set_b, &type), diff, N, &type);
		datum_unref(set_b);
		datum_unref(set_a);
	}
	column_type_fini(&type);
}

static void test_atoms_hash_and_print_by_their_value(void **state)
{
	static const union atom zero = {.real = 0.0}, minus = {.real = -0.0}, one = {.real = 1.0};
	static const union atom id = {.uuid = {.low = 1}}, no_id;
	static const union atom yes = {.boolean = true}, no = {.boolean = false};

	assert_int_not_equal(atom_hash(&id, ATOM_UUID, 1), atom_hash(&no_id, ATOM_UUID, 1));
	assert_int_equal(atom_hash(&zero, ATOM_REAL, 1), atom_hash(&minus, ATOM_REAL, 1));
	assert_int_not_equal(atom_hash(&zero, ATOM_REAL, 1), atom_hash(&one, ATOM_REAL, 1));
	assert_int_not_equal(atom_hash(&yes, ATOM_BOOLEAN, 1), atom_hash(&no, ATOM_BOOLEAN, 1));
	/* Fifteen digits are not enough for it. */
	expect_round_trip("{'key':'real'}", "0.30000000000000004", "0.30000000000000004");
	expect_round_trip("{'key':'boolean'}", "true", "true");
	expect_round_trip("{'key':'integer'}", "1e3", "1000");
}

static void test_strings_have_no_nul(void **state)
{
	json_t *json = json_stringn("a\0b", 3);
	union atom atom;
	struct db_error err;

	assert_int_not_equal(atom_parse(&atom, ATOM_STRING, json, NULL, &err), 0);
	assert_non_null(strstr(err.details, "NUL bytes"));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_datum_parse_sorts_and_round_trips),
		cmocka_unit_test(test_datum_parse_refuses_what_does_not_fit),
		cmocka_unit_test(test_datum_diff_is_what_apply_undoes),
		cmocka_unit_test(test_datum_set_operations),
		cmocka_unit_test(test_datum_set_operations_on_many),
		cmocka_unit_test(test_datum_builders_make_sorted_sets),
		cmocka_unit_test(test_atoms_hash_and_print_by_their_value),
		cmocka_unit_test(test_strings_have_no_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

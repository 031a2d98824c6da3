/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/schema/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/db_error.h"
#include "tests/unit/lib/ovsdb/fixture.h"

static void test_schema_parse_keeps_everything(void **state)
{
	static const char text[] =
		"{'name':'S','version':'1.2.3','cksum':'1 2','tables':{"
		"'b':{'columns':{'y':{'type':'integer','ephemeral':true},"
		" 'x':{'type':'string','mutable':false}},'maxRows':5,'isRoot':true,'indexes':[['x']]},"
		"'a':{'columns':{'r':{'type':{'key':{'type':'uuid','refTable':'b','refType':'weak'},"
		" 'min':0,'max':3}}}}}}";
	struct schema *schema = fixture_schema(text);
	json_t *json = fixture_json(text);
	const struct schema_table *a, *b;
	const struct schema_column *r;

	assert_string_equal(schema->version, "1.2.3");
	assert_true(json_equal(schema_json(schema), json));
	a = schema_find_table(schema, "a");
	b = schema_find_table(schema, "b");
	assert_int_equal(a->index, 0);
	assert_false(a->is_root);
	assert_true(b->is_root);
	assert_int_equal(b->max_rows, 5);
	assert_int_equal(b->n_indexes, 1);
	assert_int_equal(schema_find_column(b, "x")->index, 2);
	assert_false(schema_find_column(b, "x")->is_mutable);
	assert_true(schema_find_column(b, "y")->is_ephemeral);
	assert_int_equal(schema_find_column(b, "_version")->index, SCHEMA_COLUMN_VERSION);
	assert_null(schema_find_column(b, "z"));
	assert_null(schema_find_table(schema, "c"));
	r = schema_find_column(a, "r");
	assert_ptr_equal(r->type.key.ref, b);
	assert_true(r->type.key.is_weak);
	assert_int_equal(r->type.max, 3);
	json_decref(json);
	schema_free(schema);
}

static void test_schema_without_roots_has_only_roots(void **state)
{
	struct schema *schema = fixture_schema("{'name':'S','tables':{'a':{'columns':{}}}}");

	assert_true(schema->tables[0].is_root);
	schema_free(schema);
}

static void test_schema_equal_compares_meanings(void **state)
{
	static const struct {
		const char *text;
		bool equal;
	} cases[] = {
		{"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':{'type':'integer'}}}}}}}",
		 true},
		{"{'name':'S','tables':{'a':{'isRoot':true,'columns':{'x':{'type':'integer',"
		 "'mutable':true}}}}}",
		 true},
		{"{'name':'S','version':'1','tables':{'a':{'columns':{'x':{'type':'integer'}}}}}",
		 false},
		{"{'name':'S','tables':{'a':{'columns':{'x':{'type':'real'}}}}}", false},
		{"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':'integer','min':0}}}}}}",
		 false},
		{"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':{'type':'integer',"
		 "'enum':1}}}}}}}",
		 false},
		{"{'name':'S','tables':{'a':{'columns':{'x':{'type':'integer'}},'indexes':[['x']]}}}",
		 false},
		{"{'name':'S','tables':{'a':{'columns':{'y':{'type':'integer'}}}}}", false},
	};
	struct schema *schema =
		fixture_schema("{'name':'S','tables':{'a':{'columns':{'x':{'type':'integer'}}}}}");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct schema *other = fixture_schema(cases[i].text);

		assert_int_equal(schema_equal(schema, other), cases[i].equal);
		schema_free(other);
	}
	schema_free(schema);
}

static void test_schema_equal_looks_at_enums_and_indexes(void **state)
{
	static const char *const texts[] = {
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':{'type':'string',"
		"'enum':['set',['b','c']]}}},'y':{'type':'integer'}},'indexes':[['x']]}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':{'type':'string',"
		"'enum':['set',['b','d']]}}},'y':{'type':'integer'}},'indexes':[['x']]}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':{'type':'string',"
		"'enum':['set',['b','c']]}}},'y':{'type':'integer'}},'indexes':[['y']]}}}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct schema *first = fixture_schema(texts[0]), *other = fixture_schema(texts[i]);

		assert_int_equal(schema_equal(first, other), !i);
		schema_free(first);
		schema_free(other);
	}
}

static void test_schema_parse_refuses_nonsense(void **state)
{
	static const char *const cases[] = {
		"7",
		"{}",
		"{'name':7}",
		"{'name':'S'}",
		"{'name':'S','tables':[]}",
		"{'name':'S','version':7,'tables':{}}",
		"{'name':'S','tables':{'_a':{'columns':{}}}}",
		"{'name':'S','tables':{'a':7}}",
		"{'name':'S','tables':{'a':{}}}",
		"{'name':'S','tables':{'a':{'columns':{},'maxRows':0}}}",
		"{'name':'S','tables':{'a':{'columns':{},'isRoot':1}}}",
		"{'name':'S','tables':{'a':{'columns':{'_x':{'type':'integer'}}}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{}}}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':'int'}}}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':{}}}}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':'integer','min':2}}}}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':'integer','max':0}}}}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':{'type':'integer',"
		"'minInteger':2,'maxInteger':1}}}}}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':{'type':'string',"
		"'enum':['set',[]]}}}}}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':{'type':'string',"
		"'enum':['set',[7]]},'value':'string'}}}}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':{'type':'uuid',"
		"'refTable':'b'}}}}}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':{'key':{'type':'uuid',"
		"'refTable':'a','refType':'soft'}}}}}}}",
		"{'name':'S','tables':{'a':{'columns':{},'indexes':[[]]}}}",
		"{'name':'S','tables':{'a':{'columns':{},'indexes':[['x']]}}}",
		"{'name':'S','tables':{'a':{'columns':{'x':{'type':'integer'}},"
		"'indexes':[['x','x']]}}}",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *json = fixture_json(cases[i]);
		struct db_error err;

		if (schema_parse(json, &err))
			fail_msg("was accepted: %s", cases[i]);
		assert_true(err.details[0]);
		json_decref(json);
	}
}

static void expect_complaint(const char *type_text, const char *value, const char *complaint)
{
	json_t *json = fixture_json(type_text), *value_json = fixture_json(value);
	struct column_type type;
	struct db_error err;
	struct datum *datum;
	int error;

	assert_int_equal(column_type_parse(&type, json, &err), 0);
	datum = datum_parse(value_json, &type, NULL, &err);
	error = column_type_check(&type, datum, &err);
	assert_int_equal(!!error, !!complaint);
	if (complaint && !strstr(err.details, complaint))
		fail_msg("\"%s\" does not mention \"%s\"", err.details, complaint);
	datum_unref(datum);
	column_type_fini(&type);
	json_decref(json);
	json_decref(value_json);
}

static void test_column_type_check_explains_itself(void **state)
{
	static const char port[] =
		"{'key':{'type':'integer','minInteger':1,'maxInteger':65535},'min':0,'max':2}";
	static const char mode[] = "{'key':{'type':'string','enum':['set',['access','trunk']]}}";
	static const char word[] = "{'key':{'type':'string','minLength':2,'maxLength':3}}";

	expect_complaint(port, "65535", NULL);
	expect_complaint(port, "0", "0 is not in the range 1 to 65535");
	expect_complaint(port, "['set',[1,2,3]]", "3 elements given, 0 to 2 allowed");
	expect_complaint(mode, "'trunk'", NULL);
	expect_complaint(mode, "'tronk'", "\"tronk\" is not one of [\"access\",\"trunk\"]");
	expect_complaint(word, "'äöü'", NULL);
	expect_complaint(word, "'a'", "1 characters; 2 to 3");
	expect_complaint("{'key':{'type':'real','maxReal':1.5}}", "1.6", "range (any) to 1.5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schema_parse_keeps_everything),
		cmocka_unit_test(test_schema_without_roots_has_only_roots),
		cmocka_unit_test(test_schema_equal_compares_meanings),
		cmocka_unit_test(test_schema_equal_looks_at_enums_and_indexes),
		cmocka_unit_test(test_schema_parse_refuses_nonsense),
		cmocka_unit_test(test_column_type_check_explains_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

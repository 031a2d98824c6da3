/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/ops/db_execute.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/value/datum.h"
#include "tests/unit/lib/ovsdb/fixture.h"

static const char schema[] =
	"{'name':'T','version':'1.0.0','tables':{"
	"'t':{'columns':{"
	" 'n':{'type':'integer'},"
	" 'r':{'type':'real'},"
	" 'least':{'type':'integer'},"
	" 's':{'type':'string'},"
	" 'fixed':{'type':'string','mutable':false},"
	" 'color':{'type':{'key':{'type':'string','enum':['set',['red','blue']]},'min':0}},"
	" 'small':{'type':{'key':{'type':'integer','minInteger':0,'maxInteger':9},'min':0}},"
	" 'set':{'type':{'key':'integer','min':0,'max':'unlimited'}},"
	" 'map':{'type':{'key':'string','value':'string','min':0,'max':'unlimited'}}},"
	" 'indexes':[['s','n']]},"
	"'one':{'maxRows':1,'columns':{'x':{'type':'integer'}}}}}";

static int setup(void **state)
{
	*state = fixture_db(schema);
	return 0;
}

static int teardown(void **state)
{
	db_close(*state);
	return 0;
}

static void test_insert_and_select(void **state)
{
	fixture_expect(
		*state,
		"[{'op':'insert','table':'t','row':{'n':1,'s':'a','set':['set',[3,1]],"
		"'map':['map',[['k','v']]]}}]",
		"[{'uuid':['uuid','#']}]"
	);
	fixture_expect(
		*state,
		"[{'op':'select','table':'t','where':[['n','==',1]],'columns':['n','s','set','map',"
		"'color']}]",
		"[{'rows':[{'color':['set',[]],'map':['map',[['k','v']]],'n':1,'s':'a','set':['set'"
		",[1,3]]}]}]"
	);
}

static void test_conditions_compare_every_way(void **state)
{
	static const struct {
		const char *where;
		int count;
	} cases[] = {
		{"[['n','<',2]]", 1},
		{"[['n','<=',2]]", 2},
		{"[['n','>',2]]", 1},
		{"[['n','>=',2],['n','!=',3]]", 1},
		{"[['set','includes',['set',[1,2]]]]", 2},
		{"[['set','excludes',1]]", 1},
		{"[['small','<',5]]", 1},
		{"[['small','==',['set',[]]]]", 2},
		{"[['map','includes',['map',[['a','1']]]]]", 1},
		{"[['map','excludes',['map',[['a','1']]]]]", 2},
		{"[]", 3},
	};

	fixture_expect(
		*state,
		"[{'op':'insert','table':'t','row':{'n':1,'set':['set',[1,2]],'small':4}},"
		"{'op':'insert','table':'t','row':{'n':2,'set':['set',[1,2,3]],"
		"'map':['map',[['a','1'],['b','2']]]}},"
		"{'op':'insert','table':'t','row':{'n':3}}]",
		"[{'uuid':['uuid','#']},{'uuid':['uuid','#']},{'uuid':['uuid','#']}]"
	);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char operations[200], expected[40];

		snprintf(
			operations,
			sizeof(operations),
			"[{'op':'update','table':'t','where':%s,'row':{'r':1}}]",
			cases[i].where
		);
		snprintf(expected, sizeof(expected), "[{'count':%d}]", cases[i].count);
		fixture_expect(*state, operations, expected);
	}
}

static void test_mutations_compute_every_way(void **state)
{
	fixture_expect(
		*state,
		"[{'op':'insert','table':'t','row':{'n':10,'r':1.5,'least':-9223372036854775808,"
		"'set':['set',[1,2]],"
		"'map':['map',[['a','1'],['b','2']]]}},"
		"{'op':'mutate','table':'t','where':[],'mutations':[['n','+=',5],['n','-=',1],['n','*=',3],"
		"['n','/=',2],['n','%=',8],['r','*=',2],['r','+=',5],['r','-=',2],['r','/=',2],"
		"['least','%=',-1],['set','insert',['set',[2,9]]],['set','delete',1],"
		"['map','insert',['map',[['a','x'],['c','3']]]],"
		"['map','delete',['map',[['b','no']]]]]},"
		"{'op':'mutate','table':'t','where':[],'mutations':[['map','delete',['set',['a']]]]},"
		"{'op':'select','table':'t','where':[],'columns':['n','r','least','set','map']}]",
		"[{'uuid':['uuid','#']},{'count':1},{'count':1},"
		"{'rows':[{'least':0,'map':['map',[['b','2'],['c','3']]],'n':5,'r':3.0,"
		"'set':['set',[2,9]]}]}]"
	);
}

static void test_mutations_fail_with_their_own_errors(void **state)
{
	static const struct {
		const char *mutation;
		const char *error;
	} cases[] = {
		{"['n','/=',0]", "domain error"},
		{"['small','+=',['set',[]]]", "syntax error"},
		{"['n','*=',9223372036854775807]", "range error"},
		{"['least','/=',-1]", "range error"},
		{"['r','/=',0]", "domain error"},
		{"['r','*=',1e308]", "range error"},
		{"['r','%=',2]", "syntax error"},
		{"['small','+=',7]", "constraint violation"},
		{"['fixed','insert','x']", "constraint violation"},
		{"['s','insert','x']", "syntax error"},
		{"['nope','insert','x']", "unknown column"},
		{"['n','**',1]", "syntax error"},
		{"['color','insert','green']", "constraint violation"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char operations[300];

		snprintf(
			operations,
			sizeof(operations),
			"[{'op':'insert','table':'t','row':{'n':4,'small':4,'r':1e300,"
			"'least':-9223372036854775808}},"
			"{'op':'mutate','table':'t','where':[],'mutations':[%s]}]",
			cases[i].mutation
		);
		fixture_expect_error(*state, operations, 1, cases[i].error);
	}
}

static void test_failure_changes_nothing_and_leaves_nulls(void **state)
{
	fixture_expect(
		*state,
		"[{'op':'insert','table':'t','row':{}},{'op':'abort'},{'op':'comment','comment':'x'}]",
		"[{'uuid':['uuid','#']},{'details':'aborted by request','error':'aborted'},null]"
	);
	fixture_expect(*state, "[{'op':'select','table':'t','where':[]}]", "[{'rows':[]}]");
}

static void test_constraints_are_checked(void **state)
{
	static const struct {
		const char *operation;
		const char *error;
	} cases[] = {
		{"{'op':'insert','table':'t','row':{'color':'green'}}", "constraint violation"},
		{"{'op':'insert','table':'t','row':{'small':10}}", "constraint violation"},
		{"{'op':'insert','table':'t','row':{'n':['set',[]]}}", "constraint violation"},
		{"{'op':'insert','table':'t','row':{'n':'x'}}", "syntax error"},
		{"{'op':'update','table':'t','where':[],'row':{'fixed':'x'}}",
		 "constraint violation"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char operations[100];

		snprintf(operations, sizeof(operations), "[%s]", cases[i].operation);
		fixture_expect_error(*state, operations, 0, cases[i].error);
	}
	fixture_expect_error(
		*state,
		"[{'op':'insert','table':'one','row':{}},{'op':'insert','table':'one','row':{}}]",
		2,
		"constraint violation"
	);
}

static void test_indexes_are_checked_at_the_end_only(void **state)
{
	fixture_expect_error(
		*state,
		"[{'op':'insert','table':'t','row':{'s':'a','n':1}},"
		"{'op':'insert','table':'t','row':{'s':'a','n':1}}]",
		2,
		"constraint violation"
	);
	fixture_expect(
		*state,
		"[{'op':'insert','table':'t','row':{'s':'a','n':1}},"
		"{'op':'insert','table':'t','row':{'s':'a','n':2}}]",
		"[{'uuid':['uuid','#']},{'uuid':['uuid','#']}]"
	);
	/* Swapping two keys collides on the way, but not at the end. */
	fixture_expect(
		*state,
		"[{'op':'update','table':'t','where':[['n','==',1]],'row':{'n':9}},"
		"{'op':'update','table':'t','where':[['n','==',2]],'row':{'n':1}},"
		"{'op':'update','table':'t','where':[['n','==',9]],'row':{'n':2}}]",
		"[{'count':1},{'count':1},{'count':1}]"
	);
	/* A failed transaction must not disturb the index. */
	fixture_expect_error(
		*state,
		"[{'op':'update','table':'t','where':[['n','==',1]],'row':{'n':2}}]",
		1,
		"constraint violation"
	);
	fixture_expect_error(
		*state,
		"[{'op':'insert','table':'t','row':{'s':'a','n':1}}]",
		1,
		"constraint violation"
	);
}

static void test_insert_takes_a_given_uuid_once(void **state)
{
	const char operations[] =
		"[{'op':'insert','table':'one','row':{},'uuid':'11111111-2222-4333-8444-555555555555'},"
		"{'op':'select','table':'one','where':[['_uuid','==',"
		"['uuid','11111111-2222-4333-8444-555555555555']]],'columns':['x']}]";

	fixture_expect(*state, operations, "[{'uuid':['uuid','#']},{'rows':[{'x':0}]}]");
	fixture_expect_error(*state, operations, 0, "duplicate uuid");
}

static void test_wait_compares_rows(void **state)
{
	fixture_expect(
		*state,
		"[{'op':'insert','table':'t','row':{'n':7}},"
		"{'op':'wait','table':'t','where':[],'columns':['n'],'until':'==','rows':[{'n':7}],"
		"'timeout':0}]",
		"[{'uuid':['uuid','#']},{}]"
	);
	fixture_expect_error(
		*state,
		"[{'op':'wait','table':'t','where':[],'columns':['n'],'until':'!=','rows':[{'n':7}],"
		"'timeout':0}]",
		0,
		"timed out"
	);
}

static void test_wait_may_be_run_again(void **state)
{
	json_t *operations = fixture_json(
		"[{'op':'wait','table':'t','where':[],'columns':['n'],'until':'==','rows':[{'n':7}],"
		"'timeout':1000}]"
	);
	struct db_execute_request request = {.operations = operations, .may_wait = true};
	struct db_execute_outcome outcome;

	db_execute_run(*state, &request, &outcome);
	assert_null(outcome.results);
	assert_int_equal(outcome.timeout_ms, 1000);
	request.elapsed_ms = 1000;
	db_execute_run(*state, &request, &outcome);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(outcome.results, 0), "error")),
		"timed out"
	);
	json_decref(outcome.results);
	json_decref(operations);
}

static void test_greedy_transactions_are_refused(void **state)
{
	json_t *select = fixture_json("{'op':'select','table':'t','where':[]}");
	json_t *operations = json_array(), *results, *result = NULL;
	char text[120];
	size_t i;

	for (i = 0; i < 1000; i++) {
		snprintf(
			text,
			sizeof(text),
			"[{'op':'insert','table':'t','row':{'n':%zu,'s':'x'}}]",
			i
		);
		free(fixture_run(*state, text));
		json_array_append(operations, select);
	}
	results = db_execute(*state, operations);
	/* Somewhere on the way it was enough; the last operations did not run. */
	assert_true(json_is_null(json_array_get(results, 999)));
	json_array_foreach(results, i, result)
		if (json_object_get(result, "error"))
			break;
	assert_string_equal(
		json_string_value(json_object_get(result, "error")), "resources exhausted"
	);
	json_decref(results);
	json_decref(operations);
	json_decref(select);
}

static void test_malformed_operations_are_refused(void **state)
{
	static const char *const cases[] = {
		"[7]",
		"[{}]",
		"[{'op':'nope'}]",
		"[{'op':'insert'}]",
		"[{'op':'insert','table':7,'row':{}}]",
		"[{'op':'insert','table':'t','row':[]}]",
		"[{'op':'insert','table':'t','row':{},'wher':[]}]",
		"[{'op':'insert','table':'t','row':{'_uuid':['uuid','x']}}]",
		"[{'op':'insert','table':'t','row':{},'uuid':'x'}]",
		"[{'op':'insert','table':'t','row':{},'uuid-name':7}]",
		"[{'op':'insert','table':'t','row':{},'uuid-name':'7'}]",
		"[{'op':'select','table':'t'}]",
		"[{'op':'select','table':'t','where':[7]}]",
		"[{'op':'select','table':'t','where':[['s','<','x']]}]",
		"[{'op':'select','table':'t','where':[],'columns':7}]",
		"[{'op':'select','table':'t','where':[],'columns':[7]}]",
		"[{'op':'mutate','table':'t','where':[]}]",
		"[{'op':'mutate','table':'t','where':[],'mutations':[[1,2,3]]}]",
		"[{'op':'wait','table':'t','where':[],'columns':['n'],'until':'>','rows':[]}]",
		"[{'op':'wait','table':'t','where':[],'columns':['n'],'until':'==','rows':[7]}]",
		"[{'op':'commit'}]",
		"[{'op':'comment','comment':null}]",
		"[{'op':'assert','lock':'x'}]",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *error = fixture_error(*state, cases[i], 0);

		if (!*error)
			fail_msg("was accepted: %s", cases[i]);
		free(error);
	}
}

/* A set of 'n' integers from 'first' on, as a <value>. */
static json_t *number_set(json_int_t first, size_t n)
{
	json_t *numbers = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(numbers, json_integer(first + (json_int_t)i));
	return json_pack("[s,o]", "set", numbers);
}

/* Of the column 'set' of all rows. */
static json_t *mutate_set(const char *mutator, json_t *take_value)
{
	return json_pack(
		"{s:s, s:s, s:[], s:[[s,s,o]]}",
		"op",
		"mutate",
		"table",
		"t",
		"where",
		"mutations",
		"set",
		mutator,
		take_value
	);
}

static void test_a_value_grows_to_its_limit_and_no_further(void **state)
{
	json_t *operations = json_pack(
		"[{s:s, s:s, s:{s:o}}, o, o]",
		"op",
		"insert",
		"table",
		"t",
		"row",
		"set",
		number_set(0, DATUM_MAX),
		mutate_set("insert", number_set(DATUM_MAX, 1)),
		mutate_set("+=", json_integer(1))
	);
	json_t *results = db_execute(*state, operations);
	const json_t *kind = json_object_get(json_array_get(results, 1), "error");

	assert_string_equal(json_string_value(kind), "resources exhausted");
	json_decref(results);
	json_decref(operations);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_insert_and_select),
		TEST(test_conditions_compare_every_way),
		TEST(test_mutations_compute_every_way),
		TEST(test_mutations_fail_with_their_own_errors),
		TEST(test_failure_changes_nothing_and_leaves_nulls),
		TEST(test_constraints_are_checked),
		TEST(test_indexes_are_checked_at_the_end_only),
		TEST(test_insert_takes_a_given_uuid_once),
		TEST(test_wait_compares_rows),
		TEST(test_wait_may_be_run_again),
		TEST(test_greedy_transactions_are_refused),
		TEST(test_a_value_grows_to_its_limit_and_no_further),
		TEST(test_malformed_operations_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

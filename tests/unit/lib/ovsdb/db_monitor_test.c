/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/monitor/db_monitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "tests/unit/lib/ovsdb/fixture.h"

static const char schema[] =
	"{'name':'T','tables':{'t':{'columns':{'n':{'type':'integer'},'s':{'type':'string'},"
	"'set':{'type':{'key':'integer','min':0,'max':'unlimited'}}}},"
	"'u':{'columns':{'x':{'type':'integer'}}}}}";

struct fixture {
	struct db *db;
	struct db_monitors *monitors;
	struct strbuf heard; /* all updates, one after the other */
	size_t n_heard;
	const char *last_text;
};

static int setup(void **state)
{
	struct fixture *fixture = XNEW(struct fixture);

	fixture->db = fixture_db(schema);
	fixture->monitors = db_monitors_new(fixture->db);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	db_monitors_free(fixture->monitors);
	db_close(fixture->db);
	strbuf_fini(&fixture->heard);
	free(fixture);
	return 0;
}

static void hear(void *context, const struct uuid *txn_id, const char *updates, size_t length)
{
	struct fixture *fixture = context;

	strbuf_add_n(&fixture->heard, updates, length);
	fixture->n_heard++;
	fixture->last_text = updates;
}

static struct db_monitor *
monitor_new(struct fixture *fixture, enum db_monitor_version version, const char *requests)
{
	json_t *json = fixture_json(requests);
	struct db_error err;
	struct db_monitor *monitor =
		db_monitor_new(fixture->monitors, version, json, hear, fixture, &err);

	if (!monitor)
		fail_msg("%s", err.details);
	json_decref(json);
	return monitor;
}

/* 'text' with ' for " and # for UUIDs must be what was heard since the last time. */
static void expect_text(struct strbuf *got, const char *expected)
{
	struct uuid uuid;
	struct strbuf plain = STRBUF_INIT;
	const char *in = strbuf_text(got);

	while (*in) {
		char id[UUID_TEXT_LENGTH + 1] = "";

		strncat(id, in, UUID_TEXT_LENGTH);
		if (uuid_parse(id, &uuid)) {
			strbuf_add_char(&plain, '#');
			in += UUID_TEXT_LENGTH;
		} else {
			strbuf_add_char(&plain, *in == '"' ? '\'' : *in);
			in++;
		}
	}
	assert_string_equal(strbuf_text(&plain), expected);
	strbuf_fini(&plain);
	strbuf_clear(got);
}

static void expect_heard(struct fixture *fixture, const char *expected)
{
	expect_text(&fixture->heard, expected);
}

static void run(struct fixture *fixture, const char *operations)
{
	free(fixture_run(fixture->db, operations));
}

static void test_update_tells_old_and_new(void **state)
{
	struct fixture *fixture = *state;
	struct db_monitor *monitor =
		monitor_new(fixture, DB_MONITOR_UPDATE, "{'t':{'columns':['n','set']}}");

	run(fixture, "[{'op':'insert','table':'t','row':{'n':1}}]");
	expect_heard(fixture, "{'t':{'#':{'new':{'n':1,'set':['set',[]]}}}}");
	run(fixture, "[{'op':'update','table':'t','where':[],'row':{'n':2}}]");
	expect_heard(fixture, "{'t':{'#':{'old':{'n':1},'new':{'n':2,'set':['set',[]]}}}}");
	/* A column that is not monitored. */
	run(fixture, "[{'op':'update','table':'t','where':[],'row':{'s':'x'}}]");
	expect_heard(fixture, "");
	run(fixture, "[{'op':'delete','table':'t','where':[]}]");
	expect_heard(fixture, "{'t':{'#':{'old':{'n':2,'set':['set',[]]}}}}");
	db_monitor_free(monitor);
}

static void test_update2_tells_differences(void **state)
{
	struct fixture *fixture = *state;
	struct db_monitor *monitor = monitor_new(
		fixture, DB_MONITOR_UPDATE2, "{'t':[{'columns':['n','set']}],'u':{'columns':[]}}"
	);

	run(fixture, "[{'op':'insert','table':'t','row':{'set':['set',[1,2]]}}]");
	expect_heard(fixture, "{'t':{'#':{'insert':{'set':['set',[1,2]]}}}}");
	run(fixture, "[{'op':'update','table':'t','where':[],'row':{'set':['set',[2,3]],'n':5}}]");
	expect_heard(fixture, "{'t':{'#':{'modify':{'n':5,'set':['set',[1,3]]}}}}");
	run(fixture,
	    "[{'op':'delete','table':'t','where':[]},{'op':'insert','table':'u','row':{}}]");
	expect_heard(fixture, "{'t':{'#':{'delete':null}},'u':{'#':{'insert':{}}}}");
	db_monitor_free(monitor);
}

static void test_select_leaves_kinds_out(void **state)
{
	struct fixture *fixture = *state;
	struct db_monitor *monitor = monitor_new(
		fixture,
		DB_MONITOR_UPDATE,
		"{'t':[{'columns':['n'],'select':{'insert':false,'initial':false}},"
		"{'columns':['s'],'select':{'modify':false,'insert':false,'initial':false}}]}"
	);
	struct strbuf text = STRBUF_INIT;

	run(fixture, "[{'op':'insert','table':'t','row':{}}]");
	expect_heard(fixture, "");
	db_monitor_print_initial(monitor, &text);
	expect_text(&text, "{}");
	run(fixture, "[{'op':'update','table':'t','where':[],'row':{'s':'x'}}]");
	expect_heard(fixture, "");
	run(fixture, "[{'op':'update','table':'t','where':[],'row':{'n':1}}]");
	expect_heard(fixture, "{'t':{'#':{'old':{'n':0},'new':{'n':1}}}}");
	strbuf_fini(&text);
	db_monitor_free(monitor);
}

static void test_conditions_make_rows_come_and_go(void **state)
{
	struct fixture *fixture = *state;
	struct db_monitor *monitor = monitor_new(
		fixture,
		DB_MONITOR_UPDATE2,
		"{'t':{'columns':['n'],'where':[['n','==',1],['n','>',9]]}}"
	);
	struct strbuf text = STRBUF_INIT;
	json_t *change;

	run(fixture, "[{'op':'insert','table':'t','row':{'n':2}}]");
	expect_heard(fixture, "");
	run(fixture, "[{'op':'update','table':'t','where':[],'row':{'n':1}}]");
	expect_heard(fixture, "{'t':{'#':{'insert':{'n':1}}}}");
	run(fixture, "[{'op':'update','table':'t','where':[],'row':{'n':10}}]");
	expect_heard(fixture, "{'t':{'#':{'modify':{'n':10}}}}");
	run(fixture, "[{'op':'update','table':'t','where':[],'row':{'n':3}}]");
	expect_heard(fixture, "{'t':{'#':{'delete':null}}}");

	change = fixture_json("{'t':[{'where':[['n','==',3]]}]}");
	assert_int_equal(db_monitor_change(monitor, change, &text, NULL), 0);
	expect_text(&text, "{'t':{'#':{'insert':{'n':3}}}}");
	json_decref(change);
	change = fixture_json("{'t':[{'where':[false]}]}");
	assert_int_equal(db_monitor_change(monitor, change, &text, NULL), 0);
	expect_text(&text, "{'t':{'#':{'delete':null}}}");
	assert_int_equal(db_monitor_change(monitor, change, &text, NULL), 0);
	expect_text(&text, "");
	json_decref(change);
	strbuf_fini(&text);
	db_monitor_free(monitor);
}

static void test_history_tells_only_what_was_missed(void **state)
{
	struct fixture *fixture = *state;
	struct db_monitor *monitor =
		monitor_new(fixture, DB_MONITOR_UPDATE3, "{'t':{'columns':['n','s']}}");
	struct strbuf text = STRBUF_INIT;
	struct uuid since, unknown;

	run(fixture,
	    "[{'op':'insert','table':'t','row':{'n':1}},{'op':'insert','table':'t','row':{'n':2}}]"
	);
	since = *db_last_txn(fixture->db);
	assert_true(db_monitor_print_since(monitor, &since, &text));
	expect_text(&text, "{}");
	run(fixture, "[{'op':'update','table':'t','where':[['n','==',1]],'row':{'s':'a'}}]");
	run(fixture, "[{'op':'update','table':'t','where':[['n','==',1]],'row':{'s':'b'}}]");
	run(fixture, "[{'op':'insert','table':'t','row':{'n':3}}]");
	run(fixture, "[{'op':'delete','table':'t','where':[['n','==',3]]}]");
	assert_true(db_monitor_print_since(monitor, &since, &text));
	expect_text(&text, "{'t':{'#':{'modify':{'s':'b'}}}}");
	uuid_new(&unknown);
	assert_false(db_monitor_print_since(monitor, &unknown, &text));
	for (int i = 0; i < 200; i++)
		run(fixture, "[{'op':'mutate','table':'t','where':[],'mutations':[['n','+=',1]]}]");
	assert_false(db_monitor_print_since(monitor, &since, &text));
	strbuf_fini(&text);
	db_monitor_free(monitor);
}

static void test_monitors_of_one_shape_share_their_text(void **state)
{
	struct fixture *fixture = *state;
	struct db_monitor *monitors[100];
	const char *text = NULL;

	for (size_t i = 0; i < 100; i++)
		monitors[i] = monitor_new(fixture, DB_MONITOR_UPDATE2, "{'t':{'columns':['n']}}");
	run(fixture, "[{'op':'insert','table':'t','row':{'n':1}}]");
	assert_int_equal(fixture->n_heard, 100);
	text = fixture->last_text;
	assert_non_null(text);
	for (size_t i = 0; i < 100; i++)
		db_monitor_free(monitors[i]);
}

static void test_nonsense_is_refused(void **state)
{
	static const char *const cases[] = {
		"7",
		"{'nope':{}}",
		"{'t':7}",
		"{'t':[7]}",
		"{'t':{'columns':7}}",
		"{'t':{'columns':[7]}}",
		"{'t':{'columns':['nope']}}",
		"{'t':{'columns':['n','n']}}",
		"{'t':[{'columns':['n']},{'columns':['n']}]}",
		"{'t':{'select':7}}",
		"{'t':{'select':{'insert':7}}}",
		"{'t':{'where':7}}",
		"{'t':{'where':[7]}}",
		"{'t':{'where':[['nope','==',7]]}}",
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *json = fixture_json(cases[i]);
		struct db_error err;

		if (db_monitor_new(
			    fixture->monitors, DB_MONITOR_UPDATE2, json, hear, fixture, &err
		    ))
			fail_msg("was accepted: %s", cases[i]);
		assert_true(err.details[0]);
		json_decref(json);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_update_tells_old_and_new),
		TEST(test_update2_tells_differences),
		TEST(test_select_leaves_kinds_out),
		TEST(test_conditions_make_rows_come_and_go),
		TEST(test_history_tells_only_what_was_missed),
		TEST(test_monitors_of_one_shape_share_their_text),
		TEST(test_nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

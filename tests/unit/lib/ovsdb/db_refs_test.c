/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "tests/unit/lib/ovsdb/fixture.h"

static const char schema[] =
	"{'name':'T','tables':{"
	"'root':{'isRoot':true,'columns':{"
	" 'name':{'type':'string'},"
	" 'kids':{'type':{'key':{'type':'uuid','refTable':'leaf'},'min':0,'max':'unlimited'}},"
	" 'named':{'type':{'key':'string','value':{'type':'uuid','refTable':'leaf'},'min':0,"
	"   'max':'unlimited'}},"
	" 'friends':{'type':{'key':{'type':'uuid','refTable':'leaf','refType':'weak'},'min':0,"
	"   'max':'unlimited'}},"
	" 'best':{'type':{'key':{'type':'uuid','refTable':'leaf','refType':'weak'},'min':0}}}},"
	"'needy':{'isRoot':true,'columns':{"
	" 'must':{'type':{'key':{'type':'uuid','refTable':'leaf','refType':'weak'}}}}},"
	"'leaf':{'columns':{"
	" 'name':{'type':'string'},"
	" 'next':{'type':{'key':{'type':'uuid','refTable':'leaf'},'min':0}}},"
	" 'indexes':[['name']]}}}";

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

static void expect_count(struct db *db, const char *table, size_t n)
{
	assert_int_equal(db_table_count(db_find_table(db, table)), n);
}

static const char insert_tree[] =
	"[{'op':'insert','table':'root','row':{'name':'r','kids':['set',[['named-uuid','a'],"
	"['named-uuid','b']]],'friends':['named-uuid','c'],'best':['named-uuid','b']}},"
	"{'op':'insert','table':'leaf','row':{'name':'a','next':['named-uuid','c']},'uuid-name':'a'},"
	"{'op':'insert','table':'leaf','row':{'name':'b'},'uuid-name':'b'},"
	"{'op':'insert','table':'leaf','row':{'name':'c'},'uuid-name':'c'}]";

static void insert(struct db *db)
{
	free(fixture_run(db, insert_tree));
	expect_count(db, "root", 1);
	expect_count(db, "leaf", 3);
}

static void test_unreferenced_rows_vanish_at_once(void **state)
{
	fixture_expect(
		*state,
		"[{'op':'insert','table':'leaf','row':{'name':'alone'}}]",
		"[{'uuid':['uuid','#']}]"
	);
	expect_count(*state, "leaf", 0);
}

static void test_collection_follows_chains(void **state)
{
	insert(*state);
	free(fixture_run(
		*state, "[{'op':'update','table':'root','where':[],'row':{'kids':['set',[]]}}]"
	));
	expect_count(*state, "leaf", 0);
	/* The weak references went with them. */
	fixture_expect(
		*state,
		"[{'op':'select','table':'root','where':[],'columns':['friends','best']}]",
		"[{'rows':[{'best':['set',[]],'friends':['set',[]]}]}]"
	);
}

static void test_deleting_what_is_referred_to_is_refused(void **state)
{
	insert(*state);
	fixture_expect_error(
		*state,
		"[{'op':'delete','table':'leaf','where':[['name','==','c']]}]",
		1,
		"referential integrity violation"
	);
	expect_count(*state, "leaf", 3);
	/* The failed attempt left the counts alone. */
	free(fixture_run(*state, "[{'op':'delete','table':'root','where':[]}]"));
	expect_count(*state, "leaf", 0);
}

static void test_strong_reference_to_nothing_is_refused(void **state)
{
	fixture_expect_error(
		*state,
		"[{'op':'insert','table':'root','row':{'kids':"
		"['uuid','11111111-2222-4333-8444-555555555555']}}]",
		1,
		"referential integrity violation"
	);
	expect_count(*state, "root", 0);
}

static void test_weak_reference_to_nothing_is_dropped(void **state)
{
	fixture_expect(
		*state,
		"[{'op':'insert','table':'root','row':{'friends':"
		"['uuid','11111111-2222-4333-8444-555555555555']}},"
		"{'op':'select','table':'root','where':[],'columns':['friends']}]",
		"[{'uuid':['uuid','#']},{'rows':[{'friends':['uuid','#']}]}]"
	);
	fixture_expect(
		*state,
		"[{'op':'select','table':'root','where':[],'columns':['friends']}]",
		"[{'rows':[{'friends':['set',[]]}]}]"
	);
}

static void test_weak_reference_that_must_be_there_is_enforced(void **state)
{
	insert(*state);
	fixture_expect(
		*state,
		"[{'op':'insert','table':'root','row':{'name':'x','named':['map',[['k',"
		"['named-uuid','d']]]]}},"
		"{'op':'insert','table':'leaf','row':{'name':'d'},'uuid-name':'d'},"
		"{'op':'insert','table':'needy','row':{'must':['named-uuid','d']}}]",
		"[{'uuid':['uuid','#']},{'uuid':['uuid','#']},{'uuid':['uuid','#']}]"
	);
	fixture_expect_error(
		*state,
		"[{'op':'delete','table':'root','where':[['name','==','x']]}]",
		1,
		"constraint violation"
	);
	expect_count(*state, "root", 2);
	fixture_expect(
		*state,
		"[{'op':'delete','table':'needy','where':[]},"
		"{'op':'delete','table':'root','where':[['name','==','x']]}]",
		"[{'count':1},{'count':1}]"
	);
	expect_count(*state, "leaf", 3);
}

static void test_named_uuids_are_checked(void **state)
{
	fixture_expect_error(
		*state,
		"[{'op':'insert','table':'root','row':{'kids':['named-uuid','nobody']}}]",
		0,
		"syntax error"
	);
	fixture_expect_error(
		*state,
		"[{'op':'insert','table':'root','row':{},'uuid-name':'x'},"
		"{'op':'insert','table':'root','row':{},'uuid-name':'x'}]",
		1,
		"duplicate uuid-name"
	);
}

static void test_insert_and_delete_in_one_transaction_leave_nothing(void **state)
{
	fixture_expect(
		*state,
		"[{'op':'insert','table':'root','row':{'kids':['named-uuid','a']}},"
		"{'op':'insert','table':'leaf','row':{},'uuid-name':'a'},"
		"{'op':'delete','table':'root','where':[]}]",
		"[{'uuid':['uuid','#']},{'uuid':['uuid','#']},{'count':1}]"
	);
	expect_count(*state, "root", 0);
	expect_count(*state, "leaf", 0);
	assert_int_equal(db_n_commits(*state), 0);
}

struct seen {
	size_t n_commits, n_deltas;
	bool name_changed, by_daemon;
};

static void hook(void *context, const struct db_commit *commit)
{
	struct seen *seen = context;

	seen->n_commits++;
	seen->n_deltas = commit->n;
	seen->by_daemon = commit->by_daemon;
	seen->name_changed = db_delta_changed(&commit->deltas[0], 5);
}

static void test_c_transactions_write_only_what_changes(void **state)
{
	struct db *db = *state;
	struct seen seen = {0};
	struct db_table *root;
	struct db_txn *txn;
	struct db_row *row;
	unsigned name;

	insert(db);
	root = db_find_table(db, "root");
	name = schema_find_column(db_table_schema(root), "name")->index;
	row = db_table_first(root);
	db_add_hook(db, hook, &seen);

	txn = db_txn_new(db);
	db_txn_set_string(txn, row, name, "r");
	assert_int_equal(db_txn_commit(txn, NULL), 0);
	assert_int_equal(seen.n_commits, 0);

	txn = db_txn_new(db);
	db_txn_set_string(txn, row, name, "other");
	assert_int_equal(db_txn_commit(txn, NULL), 0);
	assert_int_equal(seen.n_commits, 1);
	assert_int_equal(seen.n_deltas, 1);
	assert_true(seen.by_daemon);
	assert_true(seen.name_changed);
	assert_string_equal(db_row_string(row, name, NULL), "other");
	assert_ptr_equal(db_table_find_string(root, name, "other"), row);

	txn = db_txn_new(db);
	db_txn_delete(txn, row);
	db_txn_abort(txn);
	assert_int_equal(seen.n_commits, 1);
	expect_count(db, "root", 1);
}

static void test_c_transactions_explain_their_failure(void **state)
{
	struct db *db = *state;
	struct db_table *leaf = db_find_table(db, "leaf");
	struct db_txn *txn;
	struct errbuf err;

	insert(db);
	txn = db_txn_new(db);
	db_txn_delete(txn, db_table_find_string(leaf, 2, "c"));
	errbuf_init(&err);
	assert_int_not_equal(db_txn_commit(txn, &err), 0);
	assert_non_null(strstr(err.text, "referential integrity violation: cannot delete leaf row")
	);
	expect_count(db, "leaf", 3);
}

static void test_references_lead_to_rows(void **state)
{
	struct db *db = *state;
	const struct schema_table *table;
	struct db_row *row;

	insert(db);
	row = db_table_first(db_find_table(db, "root"));
	table = db_table_schema(db_row_table(row));
	row = db_row_ref(row, schema_find_column(table, "best")->index);
	assert_string_equal(db_row_string(row, 2, NULL), "b");
	assert_null(db_row_ref(row, 3));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unreferenced_rows_vanish_at_once),
		TEST(test_collection_follows_chains),
		TEST(test_deleting_what_is_referred_to_is_refused),
		TEST(test_strong_reference_to_nothing_is_refused),
		TEST(test_weak_reference_to_nothing_is_dropped),
		TEST(test_weak_reference_that_must_be_there_is_enforced),
		TEST(test_named_uuids_are_checked),
		TEST(test_insert_and_delete_in_one_transaction_leave_nothing),
		TEST(test_c_transactions_write_only_what_changes),
		TEST(test_c_transactions_explain_their_failure),
		TEST(test_references_lead_to_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

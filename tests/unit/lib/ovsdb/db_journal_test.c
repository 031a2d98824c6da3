/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/journal/db_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/journal/journal_priv.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "tests/unit/lib/ovsdb/fixture.h"

static const char schema[] =
	"{'name':'T','version':'1.0.0','tables':{'t':{'isRoot':true,'columns':{"
	"'n':{'type':'integer'},'e':{'type':'integer','ephemeral':true},"
	"'old':{'type':'string'},"
	"'set':{'type':{'key':'integer','min':0,'max':'unlimited'}}}}}}";
static const char newer_schema[] =
	"{'name':'T','version':'2.0.0','tables':{'t':{'isRoot':true,'columns':{"
	"'n':{'type':{'key':'integer','min':0,'max':3}},'added':{'type':'string'},"
	"'set':{'type':{'key':'integer','min':0,'max':'unlimited'}}}}}}";

#define UUID "00000000-0000-4000-8000-000000000001"

struct fixture {
	char dir[32];
	char path[64];
	struct db *db;
};

static int setup(void **state)
{
	struct fixture *fixture = XNEW(struct fixture);

	strcpy(fixture->dir, "/tmp/journal.XXXXXX");
	assert_non_null(mkdtemp(fixture->dir));
	snprintf(fixture->path, sizeof(fixture->path), "%s/db", fixture->dir);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	char command[64];

	db_close(fixture->db);
	snprintf(command, sizeof(command), "rm -rf %s", fixture->dir);
	assert_int_equal(system(command), 0);
	free(fixture);
	return 0;
}

static struct db *
try_open(struct fixture *fixture, const char *text, uv_loop_t *loop, struct errbuf *err)
{
	const struct db_config config = {
		.schema = fixture_schema(text), .path = fixture->path, .loop = loop};

	errbuf_init(err);
	return db_open(&config, err);
}

static struct db *reopen(struct fixture *fixture)
{
	struct errbuf err;

	db_close(fixture->db);
	fixture->db = try_open(fixture, schema, NULL, &err);
	if (!fixture->db)
		fail_msg("%s", err.text);
	return fixture->db;
}

static void insert(struct db *db, int n)
{
	char operations[200];

	snprintf(
		operations,
		sizeof(operations),
		"[{'op':'insert','table':'t','row':{'n':%d,'e':5,'set':['set',[1,2]]}},"
		"{'op':'comment','comment':'a \\'note\\''}]",
		n
	);
	free(fixture_run(db, operations));
}

static size_t count(struct db *db)
{
	return db_table_count(db_find_table(db, "t"));
}

static off_t file_size(const char *path)
{
	struct stat status;

	return stat(path, &status) ? -1 : status.st_size;
}

static void write_file(const char *path, const char *bytes, off_t n)
{
	FILE *file = fopen(path, "w");

	assert_int_equal(fwrite(bytes, 1, n, file), n);
	fclose(file);
}

static char *read_file(const char *path, off_t n)
{
	FILE *file = fopen(path, "r");
	char *bytes = xmalloc(n);

	assert_int_equal(fread(bytes, 1, n, file), n);
	fclose(file);
	return bytes;
}

static void test_transactions_survive_reopening(void **state)
{
	struct fixture *fixture = *state;
	struct db *db = reopen(fixture);

	insert(db, 1);
	insert(db, 2);
	insert(db, 3);
	free(fixture_run(
		db,
		"[{'op':'mutate','table':'t','where':[['n','==',1]],"
		"'mutations':[['set','insert',7],['set','delete',1]]},"
		"{'op':'update','table':'t','where':[['n','==',2]],'row':{'set':['set',[]]}},"
		"{'op':'delete','table':'t','where':[['n','==',3]]}]"
	));
	db = reopen(fixture);
	assert_int_equal(count(db), 2);
	fixture_expect(
		db,
		"[{'op':'select','table':'t','where':[['n','==',1]],'columns':['set','e']},"
		"{'op':'select','table':'t','where':[['n','==',2]],'columns':['set']}]",
		"[{'rows':[{'e':0,'set':['set',[2,7]]}]},{'rows':[{'set':['set',[]]}]}]"
	);
}

static void test_ephemeral_changes_write_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct db *db = reopen(fixture);
	off_t size;

	insert(db, 1);
	size = file_size(fixture->path);
	free(fixture_run(db, "[{'op':'update','table':'t','where':[],'row':{'e':9}}]"));
	assert_int_equal(file_size(fixture->path), size);
}

static void test_torn_tail_is_cut_off_at_every_byte(void **state)
{
	struct fixture *fixture = *state;
	struct db *db = reopen(fixture);
	char *content;
	off_t two, three;

	insert(db, 1);
	insert(db, 2);
	two = file_size(fixture->path);
	insert(db, 3);
	three = file_size(fixture->path);
	content = read_file(fixture->path, three);
	for (off_t size = three - 1; size > two; size -= 7) {
		db_close(fixture->db);
		fixture->db = NULL;
		write_file(fixture->path, content, size);
		db = reopen(fixture);
		assert_int_equal(count(db), 2);
		assert_int_equal(file_size(fixture->path), two);
	}
	free(content);
	insert(db, 4);
	assert_int_equal(count(reopen(fixture)), 3);
}

static void test_damage_in_the_middle_keeps_the_file_aside(void **state)
{
	struct fixture *fixture = *state;
	struct db *db = reopen(fixture);
	char name[80];
	off_t one;
	int fd;

	insert(db, 1);
	one = file_size(fixture->path);
	insert(db, 2);
	insert(db, 3);
	fd = open(fixture->path, O_RDWR);
	assert_int_equal(pwrite(fd, "x", 1, one + 80), 1);
	close(fd);
	assert_int_equal(count(reopen(fixture)), 1);
	snprintf(name, sizeof(name), "%s.damaged", fixture->path);
	assert_true(file_size(name) > one);
}

static void test_compaction_keeps_the_rows(void **state)
{
	struct fixture *fixture = *state;
	struct db *db = reopen(fixture);
	off_t size;

	for (int i = 0; i < 50; i++)
		insert(db, i);
	free(fixture_run(db, "[{'op':'delete','table':'t','where':[['n','>',1]]}]"));
	size = file_size(fixture->path);
	assert_int_equal(db_compact(db, NULL), 0);
	assert_true(file_size(fixture->path) < size / 4);
	insert(db, 7);
	assert_int_equal(count(reopen(fixture)), 3);
}

static void test_background_compaction_loses_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct errbuf err;
	uv_loop_t loop;
	struct db *db;
	off_t size;

	uv_loop_init(&loop);
	db = try_open(fixture, schema, &loop, &err);
	assert_non_null(db);
	for (int i = 0; i < 50; i++)
		insert(db, i);
	free(fixture_run(db, "[{'op':'delete','table':'t','where':[['n','>',9]]}]"));
	size = file_size(fixture->path);
	assert_int_equal(db_compact(db, NULL), 0);
	/* One record arrives in each step of the work. */
	for (int i = 100; uv_run(&loop, UV_RUN_ONCE) && i < 120; i++)
		insert(db, i);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(file_size(fixture->path) < size);
	size = (off_t)count(db);
	db_close(db);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_int_equal(count(reopen(fixture)), size);
}

static void test_closing_during_compaction_is_safe(void **state)
{
	struct fixture *fixture = *state;
	struct errbuf err;
	uv_loop_t loop;
	struct db *db;

	uv_loop_init(&loop);
	db = try_open(fixture, schema, &loop, &err);
	insert(db, 1);
	assert_int_equal(db_compact(db, NULL), 0);
	insert(db, 2);
	db_close(db);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_int_equal(count(reopen(fixture)), 2);
}

/* As after a daemon that was killed, again and again, before a compaction came to its end. */
static void test_a_bloated_file_is_compacted_when_opened(void **state)
{
	enum {
		TEXT = 200000,
		N = 30
	};
	struct fixture *fixture = *state;
	char *text = xmalloc(TEXT + 1);
	struct errbuf err;
	uv_loop_t loop;
	struct db *db;

	memset(text, 'x', TEXT);
	text[TEXT] = '\0';
	uv_loop_init(&loop);
	db = try_open(fixture, schema, &loop, &err);
	insert(db, 1);
	for (int i = 0; i < N; i++) {
		char *operation = xasprintf(
			"[{'op':'update','table':'t','where':[],'row':{'old':'%d%s'}}]", i, text
		);

		free(fixture_run(db, operation));
		free(operation);
	}
	db_close(db);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	free(text);
	fixture->db = NULL;
	assert_true(file_size(fixture->path) > N * TEXT);
	assert_int_equal(count(reopen(fixture)), 1);
	assert_true(file_size(fixture->path) < 2 * TEXT);
}

static void limit_file_size(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_full_disk_fails_the_transaction_only(void **state)
{
	struct fixture *fixture = *state;
	struct db *db = reopen(fixture);
	off_t size;

	signal(SIGXFSZ, SIG_IGN);
	insert(db, 1);
	size = file_size(fixture->path);
	/* The record's beginning still fits. */
	limit_file_size(size + 100);
	fixture_expect_error(
		db, "[{'op':'insert','table':'t','row':{'n':2,'old':'to be lost'}}]", 1, "I/O error"
	);
	limit_file_size(RLIM_INFINITY);
	assert_int_equal(file_size(fixture->path), size);
	assert_int_equal(count(db), 1);
	insert(db, 3);
	db = reopen(fixture);
	fixture_expect(
		db,
		"[{'op':'select','table':'t','where':[['n','!=',1]],'columns':['n']}]",
		"[{'rows':[{'n':3}]}]"
	);
}

static void test_second_opener_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct errbuf err;

	reopen(fixture);
	assert_null(try_open(fixture, schema, NULL, &err));
	assert_non_null(strstr(err.text, "already open"));
}

static void test_foreign_files_are_refused_with_a_sentence(void **state)
{
	struct fixture *fixture = *state;
	struct errbuf err;

	write_file(fixture->path, "hello\n", 6);
	assert_null(try_open(fixture, schema, NULL, &err));
	assert_non_null(strstr(err.text, "is not an OVSDB database"));
	write_file(fixture->path, "OVSDB CLUSTER 100 abc\n", 22);
	assert_null(try_open(fixture, schema, NULL, &err));
	assert_non_null(strstr(err.text, "cluster-to-standalone"));
	assert_int_equal(file_size(fixture->path), 22);
	snprintf(fixture->path, sizeof(fixture->path), "%s/none/db", fixture->dir);
	assert_null(try_open(fixture, schema, NULL, &err));
	assert_non_null(strstr(err.text, "does the directory exist"));
}

/* Every user may write to the folder, and is this process from now on. */
static void give_to_nobody(const char *dir)
{
	enum {
		NOBODY = 65534
	};

	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(seteuid(NOBODY), 0);
}

static void expect_refusal(struct fixture *fixture, int error, const char *sentence)
{
	struct errbuf err;

	assert_null(try_open(fixture, schema, NULL, &err));
	assert_int_equal(err.error, error);
	if (!strstr(err.text, sentence))
		fail_msg("%s", err.text);
}

static void test_what_cannot_be_opened_is_refused_with_what_to_do(void **state)
{
	struct fixture *fixture = *state;
	uid_t user = geteuid();
	char lock[64];

	assert_int_equal(mkdir(fixture->path, 0700), 0);
	expect_refusal(fixture, -EISDIR, "check the path");
	assert_int_equal(rmdir(fixture->path), 0);
	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	expect_refusal(fixture, -EINVAL, "is no regular file");
	assert_int_equal(unlink(fixture->path), 0);
	assert_int_equal(symlink("/dev/null/db", fixture->path), 0);
	expect_refusal(fixture, -ENOTDIR, "create the directory");
	assert_int_equal(unlink(fixture->path), 0);
	/* Root may open anything. */
	write_file(fixture->path, "", 0);
	assert_int_equal(chmod(fixture->path, 0), 0);
	snprintf(lock, sizeof(lock), "%s/.db.~lock~", fixture->dir);
	assert_int_equal(unlink(lock), 0);
	if (!user)
		give_to_nobody(fixture->dir);
	expect_refusal(fixture, -EACCES, "give this user read and write permission");
	assert_int_equal(seteuid(user), 0);
}

static void test_wrong_records_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *record, *why;
	} wrong[] = {
		{"{'x':{}}", "no table x"},
		{"{'t':[]}", "table t is no object"},
		{"{'t':{'5':{}}}", "is no UUID"},
		{"{'t':{'" UUID "':null}}", "to delete"},
		{"{'t':{'" UUID "':5}}", "is no object"},
		{"{'t':{'" UUID "':{'x':5}}}", "no column x"},
		{"{'t':{'" UUID "':{'n':'x'}}}", "column n"},
		{"{'_is_diff':true,'t':{'" UUID "':{'n':[]}}}", "column n"},
	};
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < ARRAY_LENGTH(wrong); i++) {
		int fd;
		uint64_t size = 0;
		json_t *record = fixture_json(wrong[i].record);
		char *text = json_dumps(record, JSON_COMPACT);

		reopen(fixture);
		db_close(fixture->db);
		fixture->db = NULL;
		fd = open(fixture->path, O_WRONLY | O_APPEND);
		assert_int_equal(journal_write_record(fd, text, strlen(text), &size), 0);
		close(fd);
		expect_refusal(fixture, -EINVAL, wrong[i].why);
		assert_int_equal(unlink(fixture->path), 0);
		json_decref(record);
		free(text);
	}
}

static void test_writing_says_why_it_failed(void **state)
{
	int fd = open("/dev/full", O_WRONLY);
	uint64_t size = 0;

	assert_int_equal(journal_write_all(fd, "text", 4), -ENOSPC);
	assert_int_equal(journal_write_record(fd, "{}", 2, &size), -ENOSPC);
	assert_int_equal(size, 0);
	close(fd);
}

static void test_empty_file_becomes_a_database(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture->path, "", 0);
	insert(reopen(fixture), 1);
	assert_int_equal(count(reopen(fixture)), 1);
}

static void test_other_versions_are_converted(void **state)
{
	struct fixture *fixture = *state;
	struct errbuf err;
	char name[80];

	insert(reopen(fixture), 41);
	free(fixture_run(fixture->db, "[{'op':'update','table':'t','where':[],'row':{'old':'x'}}]")
	);
	db_close(fixture->db);
	fixture->db = try_open(fixture, newer_schema, NULL, &err);
	if (!fixture->db)
		fail_msg("%s", err.text);
	fixture_expect(
		fixture->db,
		"[{'op':'select','table':'t','where':[],'columns':['n','added','set']}]",
		"[{'rows':[{'added':'','n':41,'set':['set',[1,2]]}]}]"
	);
	snprintf(name, sizeof(name), "%s.backup-1.0.0", fixture->path);
	assert_true(file_size(name) > 0);
	db_close(fixture->db);
	fixture->db = try_open(fixture, newer_schema, NULL, &err);
	assert_int_equal(count(fixture->db), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_transactions_survive_reopening),
		TEST(test_ephemeral_changes_write_nothing),
		TEST(test_torn_tail_is_cut_off_at_every_byte),
		TEST(test_damage_in_the_middle_keeps_the_file_aside),
		TEST(test_compaction_keeps_the_rows),
		TEST(test_background_compaction_loses_nothing),
		TEST(test_a_bloated_file_is_compacted_when_opened),
		TEST(test_closing_during_compaction_is_safe),
		TEST(test_full_disk_fails_the_transaction_only),
		TEST(test_second_opener_is_refused),
		TEST(test_foreign_files_are_refused_with_a_sentence),
		TEST(test_what_cannot_be_opened_is_refused_with_what_to_do),
		TEST(test_wrong_records_are_refused_with_their_place),
		TEST(test_writing_says_why_it_failed),
		TEST(test_empty_file_becomes_a_database),
		TEST(test_other_versions_are_converted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

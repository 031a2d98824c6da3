/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vswitchd/switch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <uv.h>

#include "lib/command.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "vswitchd/complaints.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/vsctl.h"

enum {
	N_CALLS = 64,
	N_WORDS = 128,
};

/* A call keeps its words until it is answered. */
struct kept {
	struct command_call call;
	char *line;
	const char *words[N_WORDS];
};

static struct {
	struct db *db;
	uv_loop_t loop;
	struct kept kept[N_CALLS];
	int n_kept;
	struct outcome outcome;
	bool answered;
} sw;

int switch_setup(void **state)
{
	struct errbuf err;
	struct db_config config = {0};

	errbuf_init(&err);
	config.schema = schema_load(getenv("SCHEMA"), &err);
	assert_non_null(config.schema);
	sw.db = db_open(&config, &err);
	assert_non_null(sw.db);
	uv_loop_init(&sw.loop);
	vsctl_start(sw.db, &sw.loop);
	return 0;
}

int switch_teardown(void **state)
{
	vsctl_stop();
	uv_run(&sw.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&sw.loop), 0);
	db_close(sw.db);
	for (int i = 0; i < sw.n_kept; i++)
		free(sw.kept[i].line);
	memset(&sw, 0, sizeof(sw));
	return 0;
}

static void take_answer(json_t *take_json)
{
	const char *out = json_string_value(json_object_get(take_json, "stdout"));
	const char *err = json_string_value(json_object_get(take_json, "stderr"));

	snprintf(sw.outcome.out, sizeof(sw.outcome.out), "%s", out);
	snprintf(sw.outcome.err, sizeof(sw.outcome.err), "%s", err);
	sw.outcome.exit = (int)json_integer_value(json_object_get(take_json, "exit"));
	sw.outcome.waits = false;
	sw.answered = true;
	json_decref(take_json);
}

static void handle_done(struct command_call *call, json_t *take_json, const struct errbuf *err)
{
	take_answer(take_json);
}

const struct outcome *switch_run(const char *line)
{
	struct kept *kept = &sw.kept[sw.n_kept++];
	const char *separators = strchr(line, '\t') ? "\t" : " ";
	char *state = NULL;
	struct errbuf err;
	json_t *json;
	int n = 0;

	assert_true(sw.n_kept <= N_CALLS);
	kept->line = strdup(line);
	for (char *word = strtok_r(kept->line, separators, &state); word;
	     word = strtok_r(NULL, separators, &state))
		kept->words[n++] = word;
	kept->call.argc = n;
	kept->call.argv = kept->words;
	kept->call.done = handle_done;
	errbuf_init(&err);
	memset(&sw.outcome, 0, sizeof(sw.outcome));
	json = command_run("vsctl", &kept->call, &err);
	if (json)
		take_answer(json);
	else
		sw.outcome.waits = true;
	sw.answered = false;
	return &sw.outcome;
}

static const struct outcome *run_at_once(const char *line)
{
	char *with_option;
	const struct outcome *outcome;

	assert_true(
		asprintf(&with_option, "--no-wait%c%s", strchr(line, '\t') ? '\t' : ' ', line) > 0
	);
	outcome = switch_run(with_option);
	free(with_option);
	assert_false(outcome->waits);
	return outcome;
}

const char *switch_do(const char *line)
{
	const struct outcome *outcome = run_at_once(line);

	if (outcome->exit)
		fail_msg("%s: %s", line, outcome->err);
	return outcome->out;
}

const char *switch_fail(const char *line)
{
	const struct outcome *outcome = run_at_once(line);

	if (!outcome->exit)
		fail_msg("%s: should have failed", line);
	assert_string_equal(outcome->out, "");
	return outcome->err;
}

const struct outcome *switch_turn(void)
{
	for (int i = 0; i < 3 && !sw.answered; i++)
		uv_run(&sw.loop, UV_RUN_NOWAIT);
	if (!sw.answered)
		return NULL;
	sw.answered = false;
	return &sw.outcome;
}

struct db *switch_db(void)
{
	return sw.db;
}

/* As of a port that works. */
static void set_advice(struct db_txn *txn, struct db_row *row, const char *text)
{
	json_t *status = json_pack("{ss}", "config_error", text);

	db_txn_set(txn, row, attr_index(db_row_table(row), "status"), datum_new_string_map(status));
	json_decref(status);
}

/* Names that begin with "bad" are refused, or because of their options; of "odd" ones some setting is. */
static void apply_interface(struct db_txn *txn, struct db_row *row, int64_t ofport)
{
	const char *name = attr_string(row, "name");
	char what[80];

	snprintf(what, sizeof(what), "port %s", name);
	bool bad = !strncmp(name, "bad", 3), odd = !strncmp(name, "odd", 3);
	char *complaints = complaints_find(row, "Interface", what);
	const struct db_table *table = db_row_table(row);
	char error[200];

	snprintf(
		error,
		sizeof(error),
		"%s%s%s",
		complaints ? complaints : "",
		complaints && odd ? "; " : "",
		odd ? "it is odd" : ""
	);
	free(complaints);
	db_txn_set_integer(txn, row, attr_index(table, "ofport"), bad ? -1 : ofport);
	if (bad)
		db_txn_set_string(
			txn,
			row,
			attr_index(table, "error"),
			attr_count(row, "options") ? "port: unknown key x" : "no such device"
		);
	else if (*error)
		set_advice(txn, row, error);
}

void switch_apply(void)
{
	struct db_txn *txn = db_txn_new(sw.db);
	struct db_row *root = db_table_first(db_find_table(sw.db, "Open_vSwitch"));
	int64_t ofport = 1;

	DB_ROW_FOREACH(row, db_find_table(sw.db, "Interface"))
		apply_interface(txn, row, ofport++);
	db_txn_set_integer(
		txn, root, attr_index(db_row_table(root), "cur_cfg"), attr_integer(root, "next_cfg")
	);
	assert_int_equal(db_txn_commit(txn, NULL), 0);
}

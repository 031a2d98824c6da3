/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <jansson.h>
#include <uv.h>

#include "datapath/port.h"
#include "lib/command.h"
#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/db_error.h"
#include "tests/fuzz/fuzz.h"
#include "vswitchd/rows.h"
#include "vswitchd/vsctl/vsctl.h"

LOG_TOPIC(fuzz);

static const struct option options[] = {
	{.name = "path", .kind = OPTION_STRING, .required = true, .help = "Where it is."},
};

static const struct port_type port_type_fuzz = {
	.name = "fuzz",
	.help = "nothing",
	.options = options,
	.n_options = 1,
};
REGISTRY_ADD(port_type, port_type_fuzz);

enum {
	MAX_LINES = 8,
	MAX_WORDS = 64,
};

static struct db *open_db(void)
{
	static json_t *json;
	struct db_config config = {NULL};
	struct db_error error;
	struct errbuf err;
	struct db *db;

	if (!json)
		json = json_loads(rows_schema_text, 0, NULL);
	db_error_init(&error);
	errbuf_init(&err);
	config.schema = schema_parse(json, &error);
	db = config.schema ? db_open(&config, &err) : NULL;
	if (!db)
		abort();
	return db;
}

static void handle_done(struct command_call *call, json_t *take_answer, const struct errbuf *err)
{
	json_decref(take_answer);
}

/* A call keeps its words until it is answered, which stopping does at the latest. */
struct line {
	struct command_call call;
	const char *words[MAX_WORDS + 1];
};

static void run(struct line *line, char *text)
{
	struct errbuf err;
	char *state = NULL;
	int n = 0;
	json_t *answer;

	line->words[n++] = "--no-wait";
	for (char *word = strtok_r(text, " ", &state); word && n < MAX_WORDS;
	     word = strtok_r(NULL, " ", &state))
		line->words[n++] = word;
	line->call = (struct command_call){.argc = n, .argv = line->words, .done = handle_done};
	errbuf_init(&err);
	answer = command_run("vsctl", &line->call, &err);
	/* There must be an answer, now or later. */
	if (!answer && !line->call.deferred)
		abort();
	json_decref(answer);
}

/* Invocations of vsctl, one a line, on an empty database. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct line lines[MAX_LINES];
	char *text = fuzz_text(data, size), *state = NULL;
	struct db *db = open_db();
	uv_loop_t loop;
	int n = 0;

	uv_loop_init(&loop);
	vsctl_start(db, &loop);
	for (char *line = strtok_r(text, "\n", &state); line && n < MAX_LINES;
	     line = strtok_r(NULL, "\n", &state)) {
		run(&lines[n++], line);
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	vsctl_stop();
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	db_close(db);
	free(text);
	return 0;
}

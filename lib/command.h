/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Management commands: what appctl (and ovs-appctl) can ask the daemon.
 *
 * A command lives in the file that owns the data it reports. It returns JSON; the control server
 * renders it: an array of objects as a table, a string as it is, or as JSON when the client asks
 * for that. A command whose text people's scripts parse brings its own 'format'. Commands run on
 * the main thread and return at once; one that must wait keeps its call and finishes it later.  */

#include <stdbool.h>

#include <jansson.h>

#include "lib/errbuf.h"
#include "lib/registry.h"

struct command_call;
struct strbuf;

typedef void
command_done_fn(struct command_call *call, json_t *take_answer, const struct errbuf *err);
typedef void command_part_fn(struct command_call *call, const json_t *rows);

/* One invocation, owned by whoever runs it. argv[0] is the first argument, not the name. */
struct command_call {
	const struct command *command;
	int argc;
	const char *const *argv;
	bool deferred; /* set by command_defer() */
	bool cancelled; /* the client left; finish soon, the answer goes nowhere */
	command_done_fn *done; /* who answers a deferred call */
	/* Who takes an answer in parts, of a command with a 'format'; 'done' then gets none. NULL: it
	 * gets the whole. */
	command_part_fn *part;
	void *owner; /* the runner's, for 'done' */
};

/* Arguments that came as JSON, and what they point into. */
struct command_args {
	json_t *params;
	const char **argv;
};

/* Returns the answer (new reference) or NULL with 'err' filled; NULL without an error after
 * command_defer(). */
typedef json_t *command_run_fn(struct command_call *call, struct errbuf *err);
typedef void command_format_fn(const json_t *answer, struct strbuf *out);

struct command {
	const char *name;
	const char *usage; /* arguments, as shown by list-commands */
	int min_args, max_args;
	command_run_fn *run;
	const char *help; /* one sentence */
	command_format_fn *format; /* NULL: rendered generically */
	const char *head; /* what precedes the rows as text, or NULL */
};

REGISTRY_DECLARE(command, const struct command);

#define MGMT_COMMAND_TABLE(                                                                        \
	id, cmd_name, cmd_usage, min, max, run_fn, cmd_help, head_text, format_fn                  \
)                                                                                                  \
	static const struct command command_##id = {                                               \
		.name = cmd_name,                                                                  \
		.usage = cmd_usage,                                                                \
		.min_args = min,                                                                   \
		.max_args = max,                                                                   \
		.run = run_fn,                                                                     \
		.help = cmd_help,                                                                  \
		.format = format_fn,                                                               \
		.head = head_text,                                                                 \
	};                                                                                         \
	REGISTRY_ADD(command, command_##id)

#define MGMT_COMMAND_TEXT(id, cmd_name, cmd_usage, min, max, run_fn, cmd_help, format_fn)          \
	MGMT_COMMAND_TABLE(id, cmd_name, cmd_usage, min, max, run_fn, cmd_help, NULL, format_fn)

/* MGMT_COMMAND(cache_show, "cache/show", "[WORKER]", 0, 1, cmd_cache_show, "Hit and miss …."); */
#define MGMT_COMMAND(id, cmd_name, cmd_usage, min, max, run_fn, cmd_help)                          \
	MGMT_COMMAND_TEXT(id, cmd_name, cmd_usage, min, max, run_fn, cmd_help, NULL)

/* Commands that people know from elsewhere, and why they are not here. */
struct command_absent {
	const char *prefix; /* what their names begin with */
	const char *why;
};

/* Main thread. */

/* 'list' is kept. */
void command_set_absent(const struct command_absent *list, size_t n);

const struct command *command_find(const char *name);

/* Reads 'params' for the call, which must not outlive 'args'; false with 'err' filled if they are too many
 * or no strings. */
bool command_args_init(
	struct command_args *args,
	struct command_call *call,
	const json_t *params,
	struct errbuf *err
);
/* Also of those that were never read, all zero. */
void command_args_fini(struct command_args *args);

/* Checks the arguments' number and runs the command. As command_run_fn; 'err' says what is wrong
 * with the name or the arguments, with the nearest known name. 'call' is filled by the caller but
 * for its command. */
json_t *command_run(const char *name, struct command_call *call, struct errbuf *err);

/* For a command that answers later: the call then lives until command_finish(), which consumes
 * 'take_answer' (NULL: 'err' explains). */
void command_defer(struct command_call *call);
void command_finish(struct command_call *call, json_t *take_answer, const struct errbuf *err);

/* Adds the next rows to the array, as many as take a millisecond or two. False: there are no more. */
typedef bool command_more_fn(void *context, json_t *rows);

/* Defers the call and answers it with an array of rows, some in each turn of the loop: for what may be
 * too long to be made in one. Whoever gives the rows must expect that what they are about changes
 * meanwhile. 'end' is called when there are no more, or the client has left. */
void command_answer_in_parts(
	struct command_call *call, command_more_fn *more, void (*end)(void *context), void *context
);

/* Renders an answer as text: through the command's format, else generically. */
void command_render(const struct command *command, const json_t *answer, struct strbuf *out);

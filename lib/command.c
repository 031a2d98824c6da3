/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "lib/near.h"
#include "lib/render.h"
#include "lib/strbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	PARTS_NS = 5000000, /* of a turn, for an answer in parts */
	MAX_ARGS = 10000,
};

static int compare_names(const void *a, const void *b)
{
	const struct command *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* All of them, by name. */
static const struct command *const *sorted(void)
{
	static const struct command **commands;
	size_t n = 0;

	if (commands)
		return commands;
	commands = XNEW_N(const struct command *, REGISTRY_COUNT(command));
	REGISTRY_FOREACH(command, command)
		commands[n++] = command;
	qsort(commands, n, sizeof(commands[0]), compare_names);
	return commands;
}

const struct command *command_find(const char *name)
{
	const struct command like = {.name = name}, *wanted = &like;
	const struct command *const *found =
		bsearch(&wanted, sorted(), REGISTRY_COUNT(command), sizeof(wanted), compare_names);

	return found ? *found : NULL;
}

static struct {
	const struct command_absent *list;
	size_t n;
} absent;

void command_set_absent(const struct command_absent *list, size_t n)
{
	absent.list = list;
	absent.n = n;
}

/* The first sentence is what scripts written for Open vSwitch look for. */
#define NO_COMMAND                                                                                 \
	"\"%.80s\" is not a valid command (use \"list-commands\" to see a list of valid commands)"

static int unknown(const char *name, struct errbuf *err)
{
	struct near near;

	for (size_t i = 0; i < absent.n; i++)
		if (!strncmp(name, absent.list[i].prefix, strlen(absent.list[i].prefix)))
			return errbuf_set(
				err, -ENOENT, NO_COMMAND ": %s", name, absent.list[i].why
			);
	near_init(&near, name);
	REGISTRY_FOREACH(command, command)
		near_add(&near, command->name);
	return near_refuse(&near, err, -ENOENT, NO_COMMAND, name);
}

static int check_arguments(const struct command *command, int n, struct errbuf *err)
{
	if (n < command->min_args)
		return errbuf_set(
			err,
			-EINVAL,
			"\"%s\" command requires at least %d arguments: %s %s",
			command->name,
			command->min_args,
			command->name,
			command->usage
		);
	if (n > command->max_args)
		return errbuf_set(
			err,
			-EINVAL,
			"\"%s\" command takes at most %d arguments: %s %s",
			command->name,
			command->max_args,
			command->name,
			command->usage
		);
	return 0;
}

static const char **read_args(const json_t *params, int *argc, struct errbuf *err)
{
	const char **argv = NULL;
	const json_t *param;
	size_t i;

	if (json_array_size(params) > MAX_ARGS) {
		errbuf_set(err, -E2BIG, "there are more than %d arguments", MAX_ARGS);
		return NULL;
	}
	argv = XNEW_N(const char *, json_array_size(params) + 1);
	json_array_foreach(params, i, param) {
		if (!json_is_string(param)) {
			errbuf_set(err, -EINVAL, "argument %zu is not a string", i + 1);
			free(argv);
			return NULL;
		}
		argv[i] = json_string_value(param);
	}
	*argc = (int)json_array_size(params);
	return argv;
}

bool command_args_init(
	struct command_args *args,
	struct command_call *call,
	const json_t *params,
	struct errbuf *err
)
{
	args->params = json_incref((json_t *)params);
	args->argv = read_args(params, &call->argc, err);
	call->argv = args->argv;
	return args->argv;
}

void command_args_fini(struct command_args *args)
{
	json_decref(args->params);
	free(args->argv);
}

json_t *command_run(const char *name, struct command_call *call, struct errbuf *err)
{
	call->command = command_find(name);
	if (!call->command) {
		unknown(name, err);
		return NULL;
	}
	if (check_arguments(call->command, call->argc, err))
		return NULL;
	return call->command->run(call, err);
}

void command_defer(struct command_call *call)
{
	call->deferred = true;
}

void command_finish(struct command_call *call, json_t *take_answer, const struct errbuf *err)
{
	call->done(call, take_answer, err);
}

/* An answer under way. */
struct parts {
	uv_timer_t timer;
	struct command_call *call;
	command_more_fn *more;
	void (*end)(void *context);
	void *context;
	json_t *rows; /* all of them, for a call that takes no parts */
};

static void parts_free(uv_handle_t *timer)
{
	free(container_of((uv_timer_t *)timer, struct parts, timer));
}

static bool add_part(struct parts *parts)
{
	json_t *rows = json_array();
	bool more = parts->more(parts->context, rows);

	if (parts->rows)
		json_array_extend(parts->rows, rows);
	else
		parts->call->part(parts->call, rows);
	json_decref(rows);
	return more;
}

static void add_parts(uv_timer_t *timer)
{
	struct parts *parts = container_of(timer, struct parts, timer);
	uint64_t end = uv_hrtime() + PARTS_NS;
	bool more = true;

	while (more && !parts->call->cancelled && uv_hrtime() < end)
		more = add_part(parts);
	if (more && !parts->call->cancelled) {
		/* Not 0: the loop would call it again in this turn. */
		uv_timer_start(timer, add_parts, 1, 0);
		return;
	}
	parts->end(parts->context);
	command_finish(parts->call, parts->rows, NULL);
	uv_close((uv_handle_t *)timer, parts_free);
}

void command_answer_in_parts(
	struct command_call *call, command_more_fn *more, void (*end)(void *context), void *context
)
{
	struct parts *parts = XNEW(struct parts);

	parts->call = call;
	parts->more = more;
	parts->end = end;
	parts->context = context;
	parts->rows = call->part && call->command->format ? NULL : json_array();
	uv_timer_init(uv_default_loop(), &parts->timer);
	command_defer(call);
	uv_timer_start(&parts->timer, add_parts, 0, 0);
}

void command_render(const struct command *command, const json_t *answer, struct strbuf *out)
{
	if (command && command->head)
		strbuf_add(out, command->head);
	if (command && command->format)
		command->format(answer, out);
	else
		render_json(answer, out);
}

static json_t *cmd_list_commands(struct command_call *call, struct errbuf *err)
{
	const struct command *const *commands = sorted();
	json_t *list = json_array();

	for (size_t i = 0; i < REGISTRY_COUNT(command); i++)
		json_array_append_new(
			list,
			json_pack(
				"{s:s, s:s, s:s}",
				"name",
				commands[i]->name,
				"arguments",
				commands[i]->usage,
				"help",
				commands[i]->help
			)
		);
	return list;
}

/* The layout that completion scripts for Open vSwitch read: a line for the heading, then two blanks
 * before each name. */
static void format_list_commands(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *entry;

	strbuf_add(out, "The available commands are:\n");
	json_array_foreach(answer, i, entry) {
		const char *name = json_string_value(json_object_get(entry, "name"));
		const char *usage = json_string_value(json_object_get(entry, "arguments"));

		strbuf_addf(out, "  %-23s %s", name, usage);
		strbuf_chomp(out, ' ');
		strbuf_add_char(out, '\n');
	}
}

MGMT_COMMAND_TEXT(
	list_commands,
	"list-commands",
	"",
	0,
	0,
	cmd_list_commands,
	"The commands of this daemon, with their arguments.",
	format_list_commands
);

static json_t *cmd_help(struct command_call *call, struct errbuf *err)
{
	const struct command *command = command_find(call->argv[0]);

	if (!command) {
		unknown(call->argv[0], err);
		return NULL;
	}
	return json_pack(
		"{s:o, s:s}",
		"usage",
		json_sprintf("%s %s", command->name, command->usage),
		"help",
		command->help
	);
}

MGMT_COMMAND(help, "help", "COMMAND", 1, 1, cmd_help, "What a command does and takes.");

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/near.h"
#include "lib/render.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"

const struct command *command_find(const char *name)
{
	REGISTRY_FOREACH(command, command)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

/* The first sentence is what scripts written for Open vSwitch look for. */
static int unknown(const char *name, struct errbuf *err)
{
	struct near near;

	near_init(&near, name);
	REGISTRY_FOREACH(command, command)
		near_add(&near, command->name);
	const char *best = near_best(&near);

	return errbuf_set(
		err,
		-ENOENT,
		"\"%.80s\" is not a valid command (use \"list-commands\" to see a list of valid "
		"commands)%s%s%s",
		name,
		best ? ": did you mean " : "",
		best ? best : "",
		best ? "?" : ""
	);
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

void command_render(const struct command *command, const json_t *answer, struct strbuf *out)
{
	if (command && command->format)
		command->format(answer, out);
	else
		render_json(answer, out);
}

static int compare_names(const void *a, const void *b)
{
	const struct command *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static json_t *cmd_list_commands(struct command_call *call, struct errbuf *err)
{
	size_t n = REGISTRY_COUNT(command);
	const struct command **commands = XNEW_N(const struct command *, n);
	json_t *list = json_array();

	n = 0;
	REGISTRY_FOREACH(command, command)
		commands[n++] = command;
	qsort(commands, n, sizeof(commands[0]), compare_names);
	for (size_t i = 0; i < n; i++)
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
	free(commands);
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

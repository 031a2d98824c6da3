/* SPDX-License-Identifier: Apache-2.0 */

/* Commands that need no switch: they say what messages and texts mean, and what there is.  */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/messages.h"
#include "utilities/openflow/load.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

enum {
	FILE_MAX = 1 << 30
};

static uint8_t version(void)
{
	return options.versions ? (uint8_t)(31 - __builtin_clz(options.versions)) : (uint8_t)OF10;
}

/* Messages, one behind the other. */
static int print_messages(const uint8_t *bytes, size_t n)
{
	int status = EXIT_FINE;

	for (size_t at = 0, size; at < n; at += size) {
		size = n - at < MESSAGE_HEAD_SIZE ? n - at : message_length(bytes + at);
		if (size < MESSAGE_HEAD_SIZE || size > n - at)
			size = n - at;
		if (!talk_print(bytes + at, size))
			status = EXIT_ERROR;
	}
	return status;
}

static size_t add_hex(uint8_t *bytes, size_t n, const char *text, struct errbuf *err)
{
	for (; *text; text++) {
		if (isspace((unsigned char)*text))
			continue;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1])) {
			errbuf_set(err, -EINVAL, "'%.8s' is not a pair of hex digits", text);
			return n;
		}
		bytes[n++] = (uint8_t)strtoul((const char[]){text[0], text[1], '\0'}, NULL, 16);
		text++;
	}
	return n;
}

static int run_print(const struct ofctl_command *command, char **args, int n)
{
	struct errbuf err = {0};
	size_t size = 1, length = 0;
	uint8_t *bytes;
	int status;

	for (int i = 0; i < n; i++)
		size += strlen(args[i]);
	bytes = xmalloc(size);
	for (int i = 0; i < n && !err.error; i++)
		length = add_hex(bytes, length, args[i], &err);
	status = err.error ? fail(&err) : print_messages(bytes, length);
	free(bytes);
	return status;
}

static int run_parse(const struct ofctl_command *command, char **args, int n)
{
	bool has_name = strcmp(args[0], "-");
	FILE *file = has_name ? fopen(args[0], "r") : stdin;
	struct strbuf bytes = STRBUF_INIT;
	struct errbuf err;
	size_t got;
	int status;

	if (!file) {
		errbuf_set(&err, -errno, "%s: %s", args[0], strerror(errno));
		return fail(&err);
	}
	do {
		got = fread(strbuf_reserve(&bytes, BUFSIZ), 1, BUFSIZ, file);
		strbuf_commit(&bytes, got);
	} while (got && bytes.length < FILE_MAX);
	if (has_name)
		fclose(file);
	status = print_messages((const uint8_t *)strbuf_text(&bytes), bytes.length);
	strbuf_fini(&bytes);
	return status;
}

static int print_flow(const char *text, struct errbuf *err)
{
	struct of_flow_mod *mod = XNEW(struct of_flow_mod);
	int error = flow_parse(mod, FLOW_ADD, text, talk_no_names(), err);
	struct wire_out out;

	wire_out_init(&out, version());
	if (!error)
		error = flow_encode(&out, mod, 1, err);
	if (!error)
		talk_print(out.data, out.n);
	wire_out_fini(&out);
	of_flow_mod_fini(mod);
	free(mod);
	return error;
}

static int run_parse_flow(const struct ofctl_command *command, char **args, int n)
{
	struct errbuf err = {0};

	return print_flow(args[0], &err) ? fail_in_text(NULL, args[0], &err) : EXIT_FINE;
}

static int print_line(void *name, char *line, unsigned number)
{
	struct errbuf err = {0};
	char where[512];

	if (!print_flow(line, &err))
		return EXIT_FINE;
	snprintf(where, sizeof(where), "%s:%u", (const char *)name, number);
	return fail_in_text(where, line, &err);
}

static int run_parse_flows(const struct ofctl_command *command, char **args, int n)
{
	return load_lines(args[0], print_line, strcmp(args[0], "-") ? args[0] : (char[]){"stdin"});
}

const struct names *talk_no_names(void)
{
	static const struct names none;

	return &none;
}

/* Lists. */

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int run_list_actions(const struct ofctl_command *command, char **args, int n)
{
	size_t count = REGISTRY_COUNT(action_type), i = 0;
	const char **lines = xcalloc(count, sizeof(lines[0]));

	REGISTRY_FOREACH(action_type, type)
		lines[i++] = type->help ? type->help : type->name;
	qsort(lines, count, sizeof(lines[0]), compare_names);
	for (i = 0; i < count; i++)
		puts(lines[i]);
	free(lines);
	return EXIT_FINE;
}

static int run_list_fields(const struct ofctl_command *command, char **args, int n)
{
	FIELDS_FOREACH(field)
		printf("%s%s%s\t%u bit%s%s%s\t%s\n",
		       field->name,
		       *field->other_name ? "," : "",
		       field->other_name,
		       field->bits,
		       field->bits == 1 ? "" : "s",
		       field->flags & FIELD_MASK ? ",mask" : "",
		       field->flags & (FIELD_WRITE | FIELD_SET) ? ",writable" : "",
		       field->help);
	return EXIT_FINE;
}

OFCTL_COMMAND(
	ofp_print,
	.name = "ofp-print",
	.arguments = "HEX…",
	.min_args = 1,
	.max_args = -1,
	.help = "Says what the messages mean whose bytes these are.",
	.run = run_print
);
OFCTL_COMMAND(
	ofp_parse,
	.name = "ofp-parse",
	.arguments = "FILE",
	.min_args = 1,
	.max_args = 1,
	.help = "Says what the messages mean that are in a file, as bytes.",
	.run = run_parse
);
OFCTL_COMMAND(
	parse_flow,
	.name = "parse-flow",
	.arguments = "FLOW",
	.min_args = 1,
	.max_args = 1,
	.help = "Shows the message that would add a flow.",
	.run = run_parse_flow
);
OFCTL_COMMAND(
	parse_flows,
	.name = "parse-flows",
	.arguments = "FILE",
	.min_args = 1,
	.max_args = 1,
	.help = "Shows the messages that would add the flows in a file.",
	.run = run_parse_flows
);
OFCTL_COMMAND(
	list_actions,
	.name = "list-actions",
	.arguments = "",
	.max_args = 0,
	.help = "Lists all actions and how they are written.",
	.run = run_list_actions
);
OFCTL_COMMAND(
	list_fields,
	.name = "list-fields",
	.arguments = "",
	.max_args = 0,
	.help = "Lists all fields that can be matched or set.",
	.run = run_list_fields
);

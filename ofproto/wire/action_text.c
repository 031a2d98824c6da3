/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of actions as text: cut into names and arguments here, understood in actions/.  */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "lib/errbuf.h"
#include "lib/flow/names.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"

enum {
	TEXT_MAX_DEPTH = ACTION_MAX_DEPTH
};

/* The end of a run up to a ',' or blank outside of parentheses and quotes. */
static char *end_of_word(char *p, const char *stops)
{
	int depth = 0;
	bool quoted = false;

	for (; *p; p++) {
		quoted ^= *p == '"';
		if (quoted)
			continue;
		if (!depth && strchr(stops, *p))
			return p;
		depth += *p == '(';
		depth -= *p == ')' && depth;
	}
	return p;
}

/* Cuts "name:args", "name(args)" or "name" off '*rest'. */
static int cut(char **rest, char **name, char **args, struct errbuf *err)
{
	char *p = *rest + strspn(*rest, ", \t\n"), *end;

	*name = NULL;
	if (!*p)
		return 0;
	*name = p;
	*args = NULL;
	if (*p == '"')
		p = end_of_word(p, ", \t\n");
	p += strcspn(p, ",:=( \t\n");
	if (*p == '(') {
		*p++ = '\0';
		*args = p;
		end = end_of_word(p, ")");
		if (!*end)
			return errbuf_set(
				err, -EINVAL, "%s: the closing parenthesis is missing", *name
			);
		if (end[1] == '-' && end[2] == '>') {
			/* check_pkt_larger(BYTES)->FIELD: the argument goes on. */
			p = end_of_word(end, ", \t\n");
			if (*p)
				*p++ = '\0';
		} else {
			*end++ = '\0';
			p = end;
		}
	} else if (*p == ':' || *p == '=') {
		*p++ = '\0';
		*args = p;
		p = end_of_word(p, ", \t\n");
		if (*p)
			*p++ = '\0';
	} else if (*p) {
		*p++ = '\0';
	}
	*rest = p;
	return 0;
}

static int unknown(const char *name, const struct names *names, struct errbuf *err)
{
	struct near near;

	near_init(&near, name);
	action_near(&near);
	if (names && names->port_near)
		names->port_near(names->context, &near);
	return near_refuse(&near, err, -EINVAL, "%s: unknown action", name);
}

static int parse_one(
	const char *name,
	const char *args,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
)
{
	const struct action_type *type = action_find(name);
	uint32_t port;
	int error;

	if (!type && !args && names_parse_port(names, name, &port))
		return action_find("output")->parse(action_find("output"), name, names, list, err);
	if (!type)
		return unknown(name, names, err);
	error = type->parse(type, args ? args : "", names, list, err);
	if (error && strncmp(err ? err->text : name, name, strlen(name)) != 0)
		errbuf_prefix(err, "%s: ", name);
	return error;
}

/* Instructions have an order, and stand behind the actions. */
static int check_order(const struct action_list *list, struct errbuf *err)
{
	unsigned last = 0;
	const char *before = "";

	ACTION_FOREACH(action, list) {
		unsigned step = action->type->step ? action->type->step : ACTION_STEP_APPLY;

		if (step < last)
			return errbuf_set(
				err, -EINVAL, "%s: must stand before %s", action->type->name, before
			);
		if (step == last && step != ACTION_STEP_APPLY)
			return errbuf_set(
				err, -EINVAL, "%s: only once in a flow", action->type->name
			);
		last = step;
		before = action->type->name;
	}
	return 0;
}

int actions_parse(
	struct action_list *list, const char *text, const struct names *names, struct errbuf *err
)
{
	static thread_local unsigned depth;
	char *copy, *rest, *name, *args;
	struct action_list own = {0};
	bool drop = false;
	int error = 0;

	if (depth >= TEXT_MAX_DEPTH)
		return errbuf_set(err, -EINVAL, "actions are nested too deeply");
	depth++;
	copy = rest = xstrdup(text);
	while (!error && !(error = cut(&rest, &name, &args, err)) && name) {
		if (drop || (!strcasecmp(name, "drop") && own.n))
			error = errbuf_set(err, -EINVAL, "drop: must not stand with other actions");
		else if (!strcasecmp(name, "drop"))
			drop = true;
		else
			error = parse_one(name, args, names, &own, err);
	}
	depth--;
	free(copy);
	if (!error)
		error = check_order(&own, err);
	/* Appended, because lists are parsed inside of actions too. */
	if (!error)
		action_list_append(list, &own);
	action_list_fini(&own);
	return error;
}

void actions_format(const struct action_list *list, const struct names *names, struct strbuf *out)
{
	bool first = true;

	if (!list->n)
		strbuf_add(out, "drop");
	ACTION_FOREACH(action, list) {
		if (!first)
			strbuf_add_char(out, ',');
		first = false;
		action->type->format(action, names, out);
	}
}

char *action_take_command(char *text, const struct command_word *words, size_t n, uint16_t *command)
{
	size_t length;

	text += strspn(text, " \t");
	length = strcspn(text, " \t");
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i].name) == length && !strncmp(text, words[i].name, length)) {
			*command = words[i].command;
			return text + length;
		}
	return text;
}

bool action_next_argument(char **rest, char **key, char **value)
{
	char *p = *rest + strspn(*rest, ", \t\n"), *end, *separator;

	if (!*p)
		return false;
	end = end_of_word(p, ", \t\n");
	*rest = *end ? end + 1 : end;
	*end = '\0';
	*key = p;
	*value = NULL;
	separator = p + strcspn(p, "=:(");
	if (*separator) {
		if (*separator == '(' && end > separator && end[-1] == ')')
			end[-1] = '\0';
		*separator = '\0';
		*value = separator + 1;
	}
	return true;
}

int action_number(
	const char *what, const char *text, uint64_t max, uint64_t *number, struct errbuf *err
)
{
	char *end = NULL;

	errno = 0;
	*number = text && isdigit((unsigned char)*text) ? strtoull(text, &end, 0) : 0;
	if (!text || !isdigit((unsigned char)*text) || !end || *end || errno)
		return errbuf_set(err, -EINVAL, "%s: '%s' is not a number", what, text ? text : "");
	if (*number > max)
		return errbuf_set(
			err,
			-EINVAL,
			"%s: %s is more than %llu",
			what,
			text,
			(unsigned long long)max
		);
	return 0;
}

bool action_parse_hex(const char *text, uint8_t *bytes, size_t size, size_t *n)
{
	for (*n = 0; *text; text += 2) {
		text += *text == '.';
		if (!*text)
			break;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
		    *n >= size)
			return false;
		bytes[(*n)++] = (uint8_t)strtoul((const char[]){text[0], text[1], '\0'}, NULL, 16);
	}
	return true;
}

void action_format_hex(const uint8_t *bytes, size_t n, struct strbuf *out)
{
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out, i ? ".%02x" : "%02x", bytes[i]);
}

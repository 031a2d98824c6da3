/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"

enum {
	TAKES_NOTHING,
	TAKES_VALUE, /* "--x=V", "--x V", "-xV" or "-x V" */
	MAY_TAKE_VALUE, /* "--x=V" or "-xV" only */
};

typedef int global_fn(struct request *request, const char *value, struct errbuf *err);

struct global {
	const char *name;
	char letter; /* 0: none */
	int takes;
	global_fn *apply; /* NULL: the client's business */
};

static int apply_format(struct request *request, const char *value, struct errbuf *err)
{
	return grid_parse_format(value, &request->style.format, err);
}

static int apply_data(struct request *request, const char *value, struct errbuf *err)
{
	return grid_parse_data(value, &request->style.data, err);
}

static int apply_no_headings(struct request *request, const char *value, struct errbuf *err)
{
	request->style.headings = false;
	return 0;
}

static int apply_pretty(struct request *request, const char *value, struct errbuf *err)
{
	request->style.pretty = true;
	return 0;
}

static int apply_bare(struct request *request, const char *value, struct errbuf *err)
{
	request->style.format = GRID_LIST;
	request->style.data = GRID_BARE;
	request->style.headings = false;
	return 0;
}

static int apply_max_width(struct request *request, const char *value, struct errbuf *err)
{
	char *end;
	unsigned long width = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end)
		return errbuf_set(err, -EINVAL, "--max-column-width=%s: a number is wanted", value);
	request->style.max_width = width;
	return 0;
}

static int apply_no_wait(struct request *request, const char *value, struct errbuf *err)
{
	request->no_wait = true;
	return 0;
}

static int apply_dry_run(struct request *request, const char *value, struct errbuf *err)
{
	request->dry_run = true;
	return 0;
}

static int apply_oneline(struct request *request, const char *value, struct errbuf *err)
{
	request->oneline = true;
	return 0;
}

static int apply_help(struct request *request, const char *value, struct errbuf *err)
{
	request->wants_help = true;
	return 0;
}

static const struct global globals[] = {
	{.name = "--format", .letter = 'f', .takes = TAKES_VALUE, .apply = apply_format},
	{.name = "--data", .letter = 'd', .takes = TAKES_VALUE, .apply = apply_data},
	{.name = "--no-headings", .apply = apply_no_headings},
	{.name = "--pretty", .apply = apply_pretty},
	{.name = "--bare", .apply = apply_bare},
	{.name = "--max-column-width", .takes = TAKES_VALUE, .apply = apply_max_width},
	{.name = "--no-wait", .apply = apply_no_wait},
	{.name = "--dry-run", .apply = apply_dry_run},
	{.name = "--oneline", .apply = apply_oneline},
	{.name = "--help", .letter = 'h', .apply = apply_help},
	{.name = "--version", .letter = 'V'},
	{.name = "--timeout", .letter = 't', .takes = TAKES_VALUE},
	{.name = "--db", .takes = TAKES_VALUE},
	{.name = "--rundir", .takes = TAKES_VALUE},
	{.name = "--retry"},
	{.name = "--no-syslog"},
	{.name = "--verbose", .letter = 'v', .takes = MAY_TAKE_VALUE},
	{.name = "--log-file", .takes = MAY_TAKE_VALUE},
	{.name = "--syslog-target", .takes = TAKES_VALUE},
	{.name = "--syslog-method", .takes = TAKES_VALUE},
	{.name = "--private-key", .letter = 'p', .takes = TAKES_VALUE},
	{.name = "--certificate", .letter = 'c', .takes = TAKES_VALUE},
	{.name = "--ca-cert", .letter = 'C', .takes = TAKES_VALUE},
	{.name = "--bootstrap-ca-cert", .takes = TAKES_VALUE},
	{.name = "--peer-ca-cert", .takes = TAKES_VALUE},
};

#define N_GLOBALS (sizeof(globals) / sizeof(globals[0]))

/* Words being read. */
struct reader {
	const char *const *words;
	int n, at;
};

static size_t name_length(const char *word)
{
	return strcspn(word, "=");
}

static const struct global *find_global(const char *word)
{
	size_t n = name_length(word);

	for (size_t i = 0; i < N_GLOBALS; i++) {
		if (word[1] == '-' && strlen(globals[i].name) == n &&
		    !strncmp(globals[i].name, word, n))
			return &globals[i];
		if (word[1] != '-' && word[1] == globals[i].letter)
			return &globals[i];
	}
	return NULL;
}

static int read_global(
	struct request *request,
	const struct global *global,
	struct reader *reader,
	struct errbuf *err
)
{
	const char *word = reader->words[reader->at++];
	const char *value = NULL;

	if (word[1] == '-' && word[name_length(word)])
		value = word + name_length(word) + 1;
	else if (word[1] != '-' && word[2])
		value = word + 2;
	if (value && global->takes == TAKES_NOTHING)
		return errbuf_set(err, -EINVAL, "option '%s' takes no value", global->name);
	if (!value && global->takes == TAKES_VALUE) {
		if (reader->at == reader->n)
			return errbuf_set(
				err, -EINVAL, "option '%s' requires a value", global->name
			);
		value = reader->words[reader->at++];
	}
	return global->apply ? global->apply(request, value, err) : 0;
}

/* True if some verb has the option, and whether it wants a value. */
static bool is_verb_option(const char *word, bool *wants_value)
{
	REGISTRY_FOREACH(verb, verb)
		if (verb_has_option(verb, word, name_length(word), wants_value))
			return true;
	return false;
}

static int unknown_option(const char *word, struct errbuf *err)
{
	struct strbuf all = STRBUF_INIT;
	char *typed = xstrdup(word), *state = NULL;
	struct near near;

	typed[name_length(word)] = '\0';
	near_init(&near, typed);
	for (size_t i = 0; i < N_GLOBALS; i++)
		near_add(&near, globals[i].name);
	REGISTRY_FOREACH(verb, verb)
		if (verb->options)
			strbuf_addf(&all, "%s ", verb->options);
	for (char *name = strtok_r(all.text, " ", &state); name; name = strtok_r(NULL, " ", &state))
		near_add(&near, name);
	near_refuse(&near, err, -EINVAL, "unrecognized option '%s'", word);
	free(typed);
	strbuf_fini(&all);
	return err->error;
}

static int add_option(
	struct call *call, const char *name, size_t length, const char *value, struct errbuf *err
)
{
	for (int i = 0; i < call->n_options; i++)
		if (call->options[i].length == length &&
		    !strncmp(call->options[i].name, name, length))
			return errbuf_set(
				err,
				-EINVAL,
				"'%.*s' option specified multiple times",
				(int)length,
				name
			);
	if (call->n_options == VERB_OPTIONS)
		return errbuf_set(err, -E2BIG, "too many options before '%.*s'", (int)length, name);
	call->options[call->n_options].name = name;
	call->options[call->n_options].length = length;
	call->options[call->n_options++].value = value;
	return 0;
}

/* Up to the first word that is no option, or "--". Options of verbs go to 'first'. */
static int
read_globals(struct request *request, struct reader *reader, struct call *first, struct errbuf *err)
{
	while (reader->at < reader->n) {
		const char *word = reader->words[reader->at];
		const struct global *global;
		bool wants_value;
		int error;

		if (word[0] != '-' || !word[1] || !strcmp(word, "--"))
			return 0;
		global = find_global(word);
		if (global) {
			error = read_global(request, global, reader, err);
		} else if (is_verb_option(word, &wants_value)) {
			size_t length = name_length(word);
			const char *value = word[length] ? word + length + 1 : NULL;

			reader->at++;
			if (!value && wants_value && reader->at < reader->n)
				value = reader->words[reader->at++];
			error = add_option(first, word, length, value, err);
		} else {
			error = unknown_option(word, err);
		}
		if (error)
			return error;
	}
	return 0;
}

static int unknown_verb(const char *name, struct errbuf *err)
{
	struct near near;

	near_init(&near, name);
	REGISTRY_FOREACH(verb, verb)
		near_add(&near, verb->name);
	return near_refuse(&near, err, -EINVAL, "unknown command '%s'; use --help for help", name);
}

static int check_options(const struct call *call, struct errbuf *err)
{
	const char *verb = call->verb->name;

	for (int i = 0; i < call->n_options; i++) {
		const char *name = call->options[i].name;
		int length = (int)call->options[i].length;
		bool wants_value;

		if (!verb_has_option(call->verb, name, (size_t)length, &wants_value))
			return errbuf_set(
				err,
				-EINVAL,
				"'%s' command has no '%.*s' option",
				verb,
				length,
				name
			);
		if (wants_value && !call->options[i].value)
			return errbuf_set(
				err,
				-EINVAL,
				"missing argument to '%.*s' option on '%s' command",
				length,
				name,
				verb
			);
		if (!wants_value && call->options[i].value)
			return errbuf_set(
				err,
				-EINVAL,
				"'%.*s' option on '%s' does not accept an argument",
				length,
				name,
				verb
			);
	}
	return 0;
}

static int check_count(const struct call *call, struct errbuf *err)
{
	const struct verb *verb = call->verb;

	if (call->n_args < verb->min_args)
		return errbuf_set(
			err,
			-EINVAL,
			"'%s' command requires at least %d arguments: %s %s",
			verb->name,
			verb->min_args,
			verb->name,
			verb->usage
		);
	if (call->n_args > verb->max_args)
		return errbuf_set(
			err,
			-EINVAL,
			"'%s' command takes at most %d arguments",
			verb->name,
			verb->max_args
		);
	return 0;
}

static bool asks_for_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

/* An option behind the verb would be the name of something: of a bridge, say. */
static int check_misplaced(const struct call *call, struct errbuf *err)
{
	const struct verb *verb = call->verb;
	bool wants_value;

	if (verb->takes && !strcmp(verb->takes, "text"))
		return 0;
	for (int i = 0; i < call->n_args; i++) {
		const char *word = call->args[i];

		if (asks_for_help(word)) {
			call->request->wants_help = true;
			return 0;
		}
		if (!strncmp(word, "--", 2) &&
		    (find_global(word) || is_verb_option(word, &wants_value)))
			return errbuf_set(
				err,
				-EINVAL,
				"option '%s' goes before the command: %s %s",
				word,
				word,
				verb->name
			);
	}
	return 0;
}

/* One verb: 'words' has no "--". 'call' may have options already. */
static int read_call(struct call *call, const char *const *words, int n_words, struct errbuf *err)
{
	int at = 0, error;

	call->words = words;
	call->n_words = n_words;
	for (; at < n_words && words[at][0] == '-' && words[at][1]; at++) {
		size_t length = name_length(words[at]);
		const char *value = words[at][length] ? words[at] + length + 1 : NULL;

		error = add_option(call, words[at], length, value, err);
		if (error)
			return error;
	}
	if (at == n_words)
		return errbuf_set(err, -EINVAL, "missing command name (use --help for help)");
	call->verb = verb_find(words[at]);
	if (!call->verb)
		return unknown_verb(words[at], err);
	call->args = words + at + 1;
	call->n_args = n_words - at - 1;
	error = check_options(call, err);
	if (!error)
		error = check_misplaced(call, err);
	return error || call->request->wants_help ? error : check_count(call, err);
}

static struct call *add_call(struct request *request)
{
	struct call *call;

	request->calls =
		xrealloc(request->calls, (size_t)(request->n_calls + 1) * sizeof(*request->calls));
	call = &request->calls[request->n_calls++];
	*call = (struct call){.request = request};
	return call;
}

int words_parse(struct request *request, const char *const *words, int n_words, struct errbuf *err)
{
	struct reader reader = {.words = words, .n = n_words};
	struct call first = {.request = request};
	int error = read_globals(request, &reader, &first, err);

	request->words = words;
	request->n_words = n_words;
	if (error)
		return error;
	for (int start = reader.at; start <= n_words; start++) {
		int end = start;

		while (end < n_words && strcmp(words[end], "--"))
			end++;
		if (end > start) {
			struct call *call = add_call(request);

			*call = first;
			first = (struct call){.request = request};
			error = read_call(call, words + start, end - start, err);
			if (error)
				return error;
		}
		start = end;
	}
	if (!request->n_calls && !request->wants_help)
		return errbuf_set(err, -EINVAL, "missing command name (use --help for help)");
	return 0;
}

void words_list_options(void (*add)(void *context, const char *word), void *context)
{
	for (size_t i = 0; i < N_GLOBALS; i++)
		add(context, globals[i].name);
}

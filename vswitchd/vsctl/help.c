/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/help.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/drop.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/strbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "vswitchd/config/config.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/lookup.h"
#include "vswitchd/vsctl/verb.h"
#include "vswitchd/vsctl/words.h"

enum {
	USAGE_WIDTH = 40, /* of a verb with its arguments; what is longer gets a line of its own */
};

/* The order of the headings; verbs of a group go by name. */
static const char *const groups[] = {
	"Switch",
	"Bridges",
	"Ports",
	"Bonds and interfaces",
	"Controllers",
	"Managers and TLS",
	"Connection tracking",
	"Auto attach",
	"Rows of the database",
};

static int compare_verbs(const void *a, const void *b)
{
	const struct verb *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void add_verb(const struct verb *verb, struct strbuf *out)
{
	struct strbuf usage = STRBUF_INIT;

	strbuf_addf(&usage, "%s %s", verb->name, verb->usage);
	if (strlen(strbuf_text(&usage)) > USAGE_WIDTH)
		strbuf_addf(
			out, "  %s\n  %-*s %s\n", strbuf_text(&usage), USAGE_WIDTH, "", verb->help
		);
	else
		strbuf_addf(out, "  %-*s %s\n", USAGE_WIDTH, strbuf_text(&usage), verb->help);
	if (verb->options)
		strbuf_addf(out, "  %-*s   options: %s\n", USAGE_WIDTH, "", verb->options);
	strbuf_fini(&usage);
}

static void add_group(const char *group, struct strbuf *out)
{
	const struct verb *verbs[64];
	size_t n = 0;

	REGISTRY_FOREACH(verb, verb)
		if (!strcmp(verb->group, group) && n < sizeof(verbs) / sizeof(verbs[0]))
			verbs[n++] = verb;
	if (!n)
		return;
	qsort(verbs, n, sizeof(verbs[0]), compare_verbs);
	strbuf_addf(out, "\n%s:\n", group);
	for (size_t i = 0; i < n; i++)
		add_verb(verbs[i], out);
}

static void add_all(struct strbuf *out)
{
	strbuf_add(
		out,
		"usage: vsctl [OPTION]... COMMAND [ARG]... [-- [OPTION]... COMMAND [ARG]...]...\n"
		"Configures the switch. Commands joined by -- happen together or not at all.\n"
	);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		add_group(groups[i], out);
	strbuf_add(
		out,
		"\n"
		"On this host:\n"
		"  doctor                                   what stands in the switch's way\n"
		"    --fix [--dry-run] [--cores=LIST]         sets the host up: says what it does, "
		"does it\n"
		"  trace BRIDGE FLOW [PACKET|next]          what would happen to a packet, and why\n"
		"  drops [PORT|any [REASON]]                the last packets dropped, and why\n"
		"  capture [PORT|any] [OPTION]...           shows packets as they come and go, or die\n"
		"                                             options: --direction=rx|tx|both "
		"--dropped[=REASON]\n"
		"                                             --filter=FLOW --count=N --snaplen=BYTES "
		"-w FILE|-\n"
		"\n"
		"Options:\n"
		"  --rundir=DIR             where the daemon's sockets are\n"
		"  --db=ADDRESS             or where it serves the database: unix:PATH, "
		"tcp:HOST[:PORT],\n"
		"                           ssl:HOST[:PORT] with -p KEY -c CERTIFICATE -C CA\n"
		"  --no-wait                do not wait until the switch has acted on the change\n"
		"  -t, --timeout=SECONDS    give up after so long\n"
		"  --retry                  wait until the daemon is there\n"
		"  --dry-run                change nothing\n"
		"  --oneline                one line of output per command\n"
		"  -f, --format=FORMAT      of list and find: list, table, csv, html or json\n"
		"  -d, --data=FORMAT        of their cells: string, bare or json\n"
		"  --no-headings            leave the names of columns out\n"
		"  --bare                   --format=list --data=bare --no-headings\n"
		"  --max-column-width=N     of a table: cut what is longer\n"
		"  --pretty                 of JSON: on several lines\n"
		"  -h, --help               this text\n"
		"  -V, --version            the version\n"
		"\n"
		"Tables, columns and keys are explained by: describe [TABLE [COLUMN[:KEY]]]\n"
	);
}

json_t *help_answer(const struct call *calls, int n_calls)
{
	struct strbuf out = STRBUF_INIT;
	json_t *json;

	for (int i = 0; i < n_calls; i++)
		add_verb(calls[i].verb, &out);
	if (!n_calls)
		add_all(&out);
	json = json_pack("{ss,ss,si}", "stdout", strbuf_text(&out), "stderr", "", "exit", 0);
	strbuf_fini(&out);
	return json;
}

/* Candidates that begin as the last word does. */
struct candidates {
	json_t *list;
	const char *prefix;
	struct db *db;
	/* What the words before have settled. */
	struct db_table *table;
};

static void add(void *context, const char *word)
{
	struct candidates *candidates = context;

	if (!strncasecmp(word, candidates->prefix, strlen(candidates->prefix)))
		json_array_append_new(candidates->list, json_string(word));
}

static void add_verbs(struct candidates *candidates)
{
	REGISTRY_FOREACH(verb, verb)
		add(candidates, verb->name);
	add(candidates, "doctor");
	add(candidates, "trace");
	add(candidates, "capture");
	add(candidates, "drops");
}

static void add_verb_options(struct candidates *candidates)
{
	words_list_options(add, candidates);
	REGISTRY_FOREACH(verb, verb) {
		char *copy = verb->options ? strdup(verb->options) : NULL;
		char *state = NULL;

		for (char *word = copy ? strtok_r(copy, " ", &state) : NULL; word;
		     word = strtok_r(NULL, " ", &state))
			add(candidates, word);
		free(copy);
	}
}

static void add_names(struct candidates *candidates, const char *table)
{
	lookup_names(candidates->db, db_find_table(candidates->db, table), add, candidates);
}

static void add_tables(struct candidates *candidates)
{
	const struct schema *schema = db_schema(candidates->db);

	for (size_t i = 0; i < schema->n_tables; i++)
		add(candidates, schema->tables[i].name);
}

static void add_keys(struct candidates *candidates, const char *table, const char *column)
{
	const struct config_table *known = config_find_table(table);
	const struct config_column *found = known ? config_find_column(known, column) : NULL;

	for (int i = 0; found && i < found->n_keys; i++) {
		struct strbuf word = STRBUF_INIT;

		strbuf_addf(&word, "%s:%s=", column, found->keys[i].name);
		add(candidates, strbuf_text(&word));
		strbuf_fini(&word);
	}
}

static void add_columns(struct candidates *candidates, const struct schema_table *schema)
{
	for (size_t i = SCHEMA_FIRST_COLUMN; schema && i < schema->n_columns; i++) {
		add(candidates, schema->columns[i].name);
		if (schema->columns[i].type.is_map)
			add_keys(candidates, schema->name, schema->columns[i].name);
	}
}

static void add_rows(struct candidates *candidates)
{
	if (candidates->table)
		lookup_names(candidates->db, candidates->table, add, candidates);
}

/* Drop reasons, behind what else the word has to begin with. */
static void add_reasons(struct candidates *candidates, const char *head)
{
	REGISTRY_FOREACH(drop_reason, reason) {
		struct strbuf word = STRBUF_INIT;

		strbuf_addf(&word, "%s%s", head, reason->name);
		add(candidates, strbuf_text(&word));
		strbuf_fini(&word);
	}
}

/* 'kind' is a word of verb->takes. */
static void add_kind(struct candidates *candidates, const char *kind)
{
	const struct schema_table *schema =
		candidates->table ? db_table_schema(candidates->table) : NULL;

	if (!strcmp(kind, "bridge"))
		add_names(candidates, "Bridge");
	else if (!strcmp(kind, "port"))
		add_names(candidates, "Port");
	else if (!strcmp(kind, "interface"))
		add_names(candidates, "Interface");
	else if (!strcmp(kind, "table"))
		add_tables(candidates);
	else if (!strcmp(kind, "row"))
		add_rows(candidates);
	else if (!strcmp(kind, "column"))
		add_columns(candidates, schema);
	else if (!strcmp(kind, "port-column"))
		add_columns(candidates, schema_find_table(db_schema(candidates->db), "Port"));
	else if (!strcmp(kind, "reason"))
		add_reasons(candidates, "");
	else if (!strcmp(kind, "packet"))
		add(candidates, "next");
	else if (!strcmp(kind, "interface-or-any")) {
		add_names(candidates, "Interface");
		add(candidates, "any");
	} else if (!strcmp(kind, "fail-mode")) {
		add(candidates, "standalone");
		add(candidates, "secure");
	}
}

/* The i-th word of 'takes'; the last one stands for all that follow. */
static void pick_kind(const char *takes, int i, char *kind, size_t size)
{
	size_t n = strcspn(takes, " ");

	while (i-- && takes[n]) {
		takes += n + 1;
		n = strcspn(takes, " ");
	}
	if (n >= size)
		n = size - 1;
	memcpy(kind, takes, n);
	kind[n] = '\0';
}

/* Verbs that the client knows itself: what their words are. */
static const struct {
	const char *verb, *takes, *options;
} others[] = {
	{"trace", "bridge - packet -", ""},
	{"drops", "interface-or-any reason -", ""},
	{"capture",
	 "interface-or-any -",
	 "--direction= --direction=rx --direction=tx --direction=both --dropped --dropped= "
	 "--filter= --count= --snaplen= -w"},
	{"doctor", "-", "--fix --dry-run --cores="},
};

static void complete_other(struct candidates *candidates, const char *verb, int i)
{
	for (size_t other = 0; other < ARRAY_LENGTH(others); other++) {
		char *copy, *state = NULL;
		char kind[32];

		if (strcmp(others[other].verb, verb))
			continue;
		if (candidates->prefix[0] != '-') {
			pick_kind(others[other].takes, i, kind, sizeof(kind));
			add_kind(candidates, kind);
			return;
		}
		if (strstr(others[other].options, "--dropped="))
			add_reasons(candidates, "--dropped=");
		copy = xstrdup(others[other].options);
		for (char *word = strtok_r(copy, " ", &state); word;
		     word = strtok_r(NULL, " ", &state))
			add(candidates, word);
		free(copy);
	}
}

json_t *help_complete(struct db *db, const char *const *words, int n_words)
{
	struct candidates candidates = {.list = json_array(), .prefix = "", .db = db};
	const struct verb *verb = NULL;
	int start = 0, at;
	char kind[32];

	if (!n_words)
		return candidates.list;
	candidates.prefix = words[n_words - 1];
	for (int i = 0; i < n_words - 1; i++)
		if (!strcmp(words[i], "--"))
			start = i + 1;
	for (at = start; at < n_words - 1 && words[at][0] == '-'; at++)
		;
	if (at < n_words - 1)
		verb = verb_find(words[at]);
	if (at == n_words - 1) {
		if (candidates.prefix[0] == '-')
			add_verb_options(&candidates);
		else
			add_verbs(&candidates);
	} else if (verb && verb->takes) {
		if (!strncmp(verb->takes, "table", 5) && at + 1 < n_words - 1)
			candidates.table = lookup_table(db, words[at + 1], NULL);
		pick_kind(verb->takes, n_words - at - 2, kind, sizeof(kind));
		add_kind(&candidates, kind);
	} else if (!verb) {
		complete_other(&candidates, words[at], n_words - at - 2);
	}
	return candidates.list;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/refusal.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/near.h"
#include "lib/xmalloc.h"

static const struct option *find(const struct option *table, const char *name, size_t n)
{
	for (; table->name; table++)
		if (strlen(table->name) == n && !strncmp(table->name, name, n))
			return table;
	return NULL;
}

/* Whether 'word' is, maybe in short, an option that getopt_long() has just refused the value of. */
static bool takes_none(const struct option *table, const char *word)
{
	size_t n = strcspn(word + 2, "=");

	for (; table->name && word[2 + n]; table++)
		if (table->has_arg == no_argument && table->val == optopt &&
		    !strncmp(table->name, word + 2, n))
			return true;
	return false;
}

static void refuse_long(const char *program, const struct option *table, const char *word, int c)
{
	size_t n = strcspn(word + 2, "=");
	struct near near;
	char *name;

	if (c == ':') {
		fprintf(stderr, "%s: option '%s' needs a value\n", program, word);
		return;
	}
	if (optopt || find(table, word + 2, n)) {
		fprintf(stderr, "%s: option '%.*s' takes no value\n", program, (int)n + 2, word);
		return;
	}
	name = xstrdup(word + 2);
	name[n] = '\0';
	near_init(&near, name);
	for (; table->name; table++)
		near_add(&near, table->name);
	fprintf(stderr, "%s: unrecognized option '%s'", program, word);
	if (near_best(&near))
		fprintf(stderr, ": did you mean --%s?", near_best(&near));
	fputs("\n", stderr);
	free(name);
}

void refuse_option(const char *program, const struct option *table, char *const *argv, int c)
{
	const char *word = argv[optind - 1];
	bool is_long = !strncmp(word, "--", 2);

	/* A letter within a word is refused before that word is left behind: then 'word' is the one before. */
	if (is_long && (c == ':' || !optopt || takes_none(table, word)))
		refuse_long(program, table, word, c);
	else if (c == ':')
		fprintf(stderr, "%s: option '-%c' needs a value\n", program, optopt);
	else
		fprintf(stderr, "%s: unrecognized option '-%c'\n", program, optopt);
}

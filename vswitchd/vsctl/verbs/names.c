/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/verbs/names.h"

#include <stdlib.h>
#include <string.h>

#include "lib/strbuf.h"
#include "lib/xmalloc.h"

void names_add(struct names *names, const char *word)
{
	if (names->n == names->size) {
		names->size = names->size ? 2 * names->size : 32;
		names->words = xrealloc(names->words, names->size * sizeof(*names->words));
	}
	names->words[names->n++] = word;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void names_print(struct names *names, struct strbuf *out)
{
	if (names->n)
		qsort(names->words, names->n, sizeof(*names->words), compare);
	for (size_t i = 0; i < names->n; i++)
		strbuf_addf(out, "%s\n", names->words[i]);
	free(names->words);
	*names = (struct names){0};
}

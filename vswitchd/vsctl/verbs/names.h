/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Names: a list of words that is printed sorted, one per line.  */

#include <stddef.h>

struct strbuf;

struct names {
	const char **words; /* borrowed from rows */
	size_t n, size;
};

/* Main thread. */

void names_add(struct names *names, const char *word);
/* Appends each as a line and frees the list. */
void names_print(struct names *names, struct strbuf *out);

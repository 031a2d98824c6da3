/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/near.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/errbuf.h"

enum {
	NEAR_LENGTH = 64
};

static char fold(char c)
{
	return c == '-' ? '_' : (char)tolower((unsigned char)c);
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edit distance with neighbours swapped counted once; longer names are cut. */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][NEAR_LENGTH + 1];
	size_t la = strnlen(a, NEAR_LENGTH), lb = strnlen(b, NEAR_LENGTH);

	for (unsigned j = 0; j <= lb; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= la; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= lb; j++) {
			char x = fold(a[i - 1]), y = fold(b[j - 1]);

			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == fold(b[j - 2]) && fold(a[i - 2]) == y &&
			    two[j - 2] + 1 < row[j])
				row[j] = two[j - 2] + 1;
		}
	}
	return rows[la % 3][lb];
}

void near_init(struct near *near, const char *typed)
{
	*near = (struct near){.typed = typed, .distance = UINT_MAX};
}

void near_add(struct near *near, const char *candidate)
{
	unsigned d = distance(near->typed, candidate);

	if (d < near->distance) {
		near->distance = d;
		near->best = candidate;
	}
}

const char *near_best(const struct near *near)
{
	if (!near->best)
		return NULL;
	size_t n = strlen(near->typed);

	/* Of what is long only the beginning was compared; of what is short half must be right. */
	if (n > NEAR_LENGTH || near->distance * 2 > n)
		return NULL;
	return near->distance <= n / 3 + 1 ? near->best : NULL;
}

int near_refuse(const struct near *near, struct errbuf *err, int error, const char *format, ...)
{
	const char *best = near_best(near);
	char sentence[ERRBUF_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	if (best && strcmp(best, near->typed) != 0)
		return errbuf_set(err, error, "%s: did you mean %s?", sentence, best);
	return errbuf_set(err, error, "%s", sentence);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/xmalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lib/log.h"

LOG_TOPIC(memory);

static void *check(void *p)
{
	if (!p) {
		/* Not just to the console, which a daemon has left. The log itself needs none. */
		log_err("out of memory");
		abort();
	}
	return p;
}

void *xmalloc(size_t size)
{
	return check(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return check(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
	return check(realloc(p, size ? size : 1));
}

void *xalloc_aligned(size_t align, size_t size)
{
	size_t rounded = (size + align - 1) / align * align;
	void *p = check(aligned_alloc(align, rounded ? rounded : align));

	memset(p, 0, rounded);
	return p;
}

char *xstrdup(const char *s)
{
	return check(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return check(strndup(s, n));
}

char *xvasprintf(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		check(NULL);
	return text;
}

char *xasprintf(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = xvasprintf(format, args);
	va_end(args);
	return text;
}

void xmalloc_init_jansson(void)
{
	json_set_alloc_funcs(xmalloc, free);
}

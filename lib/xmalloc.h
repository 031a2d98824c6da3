/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Memory for the main thread: allocation that succeeds or ends the process.
 *
 * In exchange every size that comes from the network or from a user is bounded before it gets
 * here. Workers allocate nothing.  */

#include <stdarg.h>
#include <stddef.h>

/* Any thread but workers. */

void *xmalloc(size_t size) __attribute__((malloc));
void *xcalloc(size_t n, size_t size) __attribute__((malloc));
void *xrealloc(void *p, size_t size);
/* For cache-line aligned objects; free with free(). 'size' is rounded up to 'align'. Zeroed. */
void *xalloc_aligned(size_t align, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list args);

/* Makes jansson allocate with these functions. Called once at start. */
void xmalloc_init_jansson(void);

#define XNEW(type)	((type *)xcalloc(1, sizeof(type)))
#define XNEW_N(type, n) ((type *)xcalloc((n), sizeof(type)))

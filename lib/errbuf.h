/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Error texts: why something the user asked for could not be done.
 *
 * The caller owns the buffer (on its stack, usually) and hands it down; whoever finds the fault
 * writes one sentence that says what was wrong and what to do. Only configuration and management
 * paths carry an errbuf.  */

#include <stdarg.h>

enum {
	ERRBUF_SIZE = 256
};

struct errbuf {
	int error; /* negative errno, 0 when nothing went wrong */
	char text[ERRBUF_SIZE];
};

/* Any thread. */

void errbuf_init(struct errbuf *err);

/* Stores 'error' (negative errno) with a formatted sentence, returns 'error'. 'err' may be NULL. */
int errbuf_set(struct errbuf *err, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int errbuf_setv(struct errbuf *err, int error, const char *format, va_list args);

/* Puts "where: " in front of the text, for callers that know the larger thing that failed. */
void errbuf_prefix(struct errbuf *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

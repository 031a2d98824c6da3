/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A string that grows. Always NUL-terminated once something was added.  */

#include <stdarg.h>
#include <stddef.h>

struct strbuf {
	char *text;
	size_t length;
	size_t size;
};

#define STRBUF_INIT                                                                                \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/* Any thread but workers. */

void strbuf_init(struct strbuf *buf);
void strbuf_fini(struct strbuf *buf);
/* Forgets the text, keeps the memory. */
void strbuf_clear(struct strbuf *buf);
void strbuf_add(struct strbuf *buf, const char *text);
void strbuf_add_n(struct strbuf *buf, const char *text, size_t n);
void strbuf_add_char(struct strbuf *buf, char c);
void strbuf_addf(struct strbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_addv(struct strbuf *buf, const char *format, va_list args);
/* Removes trailing 'c', if there. */
void strbuf_chomp(struct strbuf *buf, char c);
/* Makes room for 'n' more bytes and returns where they go; strbuf_commit() counts them in. */
char *strbuf_reserve(struct strbuf *buf, size_t n);
void strbuf_commit(struct strbuf *buf, size_t n);
/* The text ("" when empty), still owned by the buffer. */
const char *strbuf_text(struct strbuf *buf);
/* Hands the text over and leaves the buffer empty. */
char *strbuf_steal(struct strbuf *buf);

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"

void strbuf_init(struct strbuf *buf)
{
	*buf = (struct strbuf)STRBUF_INIT;
}

void strbuf_fini(struct strbuf *buf)
{
	free(buf->text);
	strbuf_init(buf);
}

void strbuf_clear(struct strbuf *buf)
{
	buf->length = 0;
	if (buf->text)
		buf->text[0] = '\0';
}

char *strbuf_reserve(struct strbuf *buf, size_t n)
{
	if (buf->length + n + 1 > buf->size) {
		size_t size = buf->size ? buf->size : 64;

		while (size < buf->length + n + 1)
			size *= 2;
		buf->text = xrealloc(buf->text, size);
		buf->size = size;
	}
	return buf->text + buf->length;
}

void strbuf_commit(struct strbuf *buf, size_t n)
{
	buf->length += n;
	buf->text[buf->length] = '\0';
}

void strbuf_add_n(struct strbuf *buf, const char *text, size_t n)
{
	memcpy(strbuf_reserve(buf, n), text, n);
	strbuf_commit(buf, n);
}

void strbuf_add(struct strbuf *buf, const char *text)
{
	strbuf_add_n(buf, text, strlen(text));
}

void strbuf_add_char(struct strbuf *buf, char c)
{
	strbuf_add_n(buf, &c, 1);
}

void strbuf_addv(struct strbuf *buf, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);

	if (n >= 0) {
		vsnprintf(strbuf_reserve(buf, n), (size_t)n + 1, format, again);
		strbuf_commit(buf, n);
	}
	va_end(again);
}

void strbuf_addf(struct strbuf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_addv(buf, format, args);
	va_end(args);
}

void strbuf_chomp(struct strbuf *buf, char c)
{
	if (buf->length && buf->text[buf->length - 1] == c)
		buf->text[--buf->length] = '\0';
}

const char *strbuf_text(struct strbuf *buf)
{
	return buf->text ? buf->text : "";
}

char *strbuf_steal(struct strbuf *buf)
{
	char *text = buf->text ? buf->text : xstrdup("");

	strbuf_init(buf);
	return text;
}

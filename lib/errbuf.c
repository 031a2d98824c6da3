/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/errbuf.h"

#include <stdio.h>
#include <string.h>

void errbuf_init(struct errbuf *err)
{
	err->error = 0;
	err->text[0] = '\0';
}

int errbuf_setv(struct errbuf *err, int error, const char *format, va_list args)
{
	if (err) {
		err->error = error;
		vsnprintf(err->text, sizeof(err->text), format, args);
	}
	return error;
}

int errbuf_set(struct errbuf *err, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	errbuf_setv(err, error, format, args);
	va_end(args);
	return error;
}

void errbuf_prefix(struct errbuf *err, const char *format, ...)
{
	char tail[ERRBUF_SIZE];
	va_list args;

	if (!err)
		return;
	memcpy(tail, err->text, sizeof(tail));
	va_start(args, format);
	int n = vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	if (n >= 0 && n < ERRBUF_SIZE)
		snprintf(err->text + n, sizeof(err->text) - n, "%s", tail);
}

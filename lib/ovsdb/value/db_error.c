/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/value/db_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char db_syntax_error[] = "syntax error";
const char db_constraint_violation[] = "constraint violation";
const char db_integrity_violation[] = "referential integrity violation";

int db_error_set(struct db_error *err, const char *kind, const char *format, ...)
{
	va_list args;

	if (!err)
		return -EINVAL;
	err->kind = kind;
	va_start(args, format);
	vsnprintf(err->details, sizeof(err->details), format, args);
	va_end(args);
	return -EINVAL;
}

void db_error_prefix(struct db_error *err, const char *format, ...)
{
	char whole[sizeof(err->details)];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(whole, sizeof(whole), format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(whole))
		snprintf(whole + n, sizeof(whole) - (size_t)n, "%s", err->details);
	memcpy(err->details, whole, sizeof(whole));
}

json_t *db_error_json(const struct db_error *err)
{
	size_t length = strlen(err->details);
	json_t *details = NULL;

	/* A text cut at the buffer's end may end within a character: give up its last bytes. */
	for (int i = 0; i < 4 && !details && length >= (size_t)i; i++)
		details = json_stringn(err->details, length - i);
	return json_pack(
		"{s:s, s:o}",
		"error",
		err->kind,
		"details",
		details ? details : json_string("(not printable)")
	);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* UUIDs as two numbers, so that comparing them orders them as their texts do.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uuid {
	uint64_t high, low;
};

enum {
	UUID_TEXT_LENGTH = 36
};

/* Main thread. */

/* A random (version 4) UUID. */
void uuid_new(struct uuid *uuid);

/* Any thread. */

/* Accepts exactly the 36-character form. */
bool uuid_parse(const char *text, struct uuid *uuid);
/* Writes 36 characters and a NUL. */
void uuid_format(const struct uuid *uuid, char text[UUID_TEXT_LENGTH + 1]);
uint32_t uuid_hash(const struct uuid *uuid);

static inline bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return a->high == b->high && a->low == b->low;
}

static inline int uuid_compare(const struct uuid *a, const struct uuid *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return a->low == b->low ? 0 : a->low < b->low ? -1 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Interned strings: each distinct string of all databases exists once, counted.
 *
 * Keys such as "rx_bytes" occur once per port, names once per row that refers to them; interning
 * keeps them small and makes equality a comparison of pointers. The bytes never change, so other
 * threads may read a text that the main thread holds for them.  */

#include <stddef.h>
#include <stdint.h>

#include "lib/hmap.h"

struct text {
	struct hmap_node node;
	uint32_t refs;
	uint32_t length;
	char bytes[]; /* NUL-terminated; no NUL inside */
};

/* Main thread. */

/* The text with these bytes, with one reference for the caller. */
struct text *text_new(const char *bytes, size_t length);
void text_unref(struct text *text);

static inline struct text *text_ref(struct text *text)
{
	text->refs++;
	return text;
}

/* Number of distinct texts, for memory/show. */
size_t text_count(void);

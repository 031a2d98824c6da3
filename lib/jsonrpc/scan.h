/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Finds where JSON messages end, in bytes that arrive in pieces of any size.
 *
 * Each byte is looked at once: strings, escapes and nesting are followed, sizes are bounded, and
 * what can never become JSON is refused early. What passes here is cut right, not necessarily
 * valid: the whole message then goes to the JSON parser.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;

enum {
	SCAN_MAX_DEPTH = 1024
};

struct scan {
	size_t max_length, max_depth; /* bounds; 'max_depth' at most SCAN_MAX_DEPTH */
	size_t length; /* of the message so far; 0 between messages */
	size_t depth;
	bool in_string, escaped;
	uint64_t is_array[SCAN_MAX_DEPTH / 64]; /* what each open bracket is */
};

/* Any thread. */

void scan_init(struct scan *scan, size_t max_length, size_t max_depth);

/* The blanks at the start of 'bytes' that stand between messages; they are nobody's. */
size_t scan_blanks(const struct scan *scan, const char *bytes, size_t n);

/* Takes 'n' bytes and says in 'used' how many belong to the current message. Returns 1 when the
 * message ends there, 0 when it goes on, or an error. A message is an object or an array. */
int scan_feed(struct scan *scan, const char *bytes, size_t n, size_t *used, struct errbuf *err);

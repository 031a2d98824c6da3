/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jsonrpc/scan.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "lib/errbuf.h"

enum kind {
	BAD,
	PLAIN, /* of numbers, true, false, null, and what stands between values */
	QUOTE,
	OPEN,
	CLOSE
};

static const uint8_t kinds[256] = {
	[' '] = PLAIN,
	['\t'] = PLAIN,
	['\n'] = PLAIN,
	['\r'] = PLAIN,
	[','] = PLAIN,
	[':'] = PLAIN,
	['+'] = PLAIN,
	['-'] = PLAIN,
	['.'] = PLAIN,
	['E'] = PLAIN,
	['0' ... '9'] = PLAIN,
	['a' ... 'z'] = PLAIN,
	['"'] = QUOTE,
	['['] = OPEN,
	['{'] = OPEN,
	[']'] = CLOSE,
	['}'] = CLOSE,
};

void scan_init(struct scan *scan, size_t max_length, size_t max_depth)
{
	assert(max_depth <= SCAN_MAX_DEPTH);
	*scan = (struct scan){.max_length = max_length, .max_depth = max_depth};
}

size_t scan_blanks(const struct scan *scan, const char *bytes, size_t n)
{
	size_t i = 0;

	if (scan->length)
		return 0;
	while (i < n &&
	       (bytes[i] == ' ' || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t'))
		i++;
	return i;
}

/* Returns how many bytes are inside the string, its closing quote included. */
static size_t feed_string(struct scan *scan, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (scan->escaped) {
			scan->escaped = false;
		} else if (bytes[i] == '\\') {
			scan->escaped = true;
		} else if (bytes[i] == '"') {
			scan->in_string = false;
			return i + 1;
		}
	}
	return n;
}

static int open_bracket(struct scan *scan, char c, struct errbuf *err)
{
	uint64_t bit = 1ULL << (scan->depth % 64), *word = &scan->is_array[scan->depth / 64];

	if (scan->depth == scan->max_depth)
		return errbuf_set(
			err,
			-E2BIG,
			"the message is nested more than %zu levels deep",
			scan->max_depth
		);
	*word = c == '[' ? *word | bit : *word & ~bit;
	scan->depth++;
	return 0;
}

static int close_bracket(struct scan *scan, char c, struct errbuf *err)
{
	size_t top = scan->depth - 1;
	bool is_array = scan->is_array[top / 64] >> (top % 64) & 1;

	if (is_array != (c == ']'))
		return errbuf_set(err, -EBADMSG, "malformed JSON: '%c' closes no bracket", c);
	scan->depth--;
	return 0;
}

static int feed_one(struct scan *scan, char c, struct errbuf *err)
{
	enum kind kind = kinds[(uint8_t)c];

	if (kind == BAD || (!scan->depth && kind != OPEN))
		return errbuf_set(
			err,
			-EBADMSG,
			"malformed JSON: byte 0x%02x where %s",
			(uint8_t)c,
			scan->depth ? "a value should stand" : "a message should begin"
		);
	switch (kind) {
	case OPEN:
		return open_bracket(scan, c, err);
	case CLOSE:
		return close_bracket(scan, c, err);
	case QUOTE:
		scan->in_string = true;
		return 0;
	default:
		return 0;
	}
}

static int feed(struct scan *scan, const char *bytes, size_t n, size_t *used, struct errbuf *err)
{
	size_t i = 0;

	while (i < n) {
		if (scan->in_string) {
			i += feed_string(scan, bytes + i, n - i);
			continue;
		}
		int error = feed_one(scan, bytes[i++], err);

		if (error)
			return error;
		if (!scan->depth) {
			*used = i;
			return 1;
		}
	}
	*used = n;
	return 0;
}

int scan_feed(struct scan *scan, const char *bytes, size_t n, size_t *used, struct errbuf *err)
{
	int result = feed(scan, bytes, n, used, err);

	if (result < 0)
		return result;
	if (*used > scan->max_length - scan->length)
		return errbuf_set(
			err, -E2BIG, "the message is longer than %zu bytes", scan->max_length
		);
	scan->length = result ? 0 : scan->length + *used;
	return result;
}

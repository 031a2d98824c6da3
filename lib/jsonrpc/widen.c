/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jsonrpc/widen.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/strbuf.h"

/* Of the string that begins at 'text', with both its quotes. */
static size_t string_length(const char *text, size_t n)
{
	size_t i = 1;

	while (i < n && text[i] != '"')
		i += text[i] == '\\' ? 2 : 1;
	return i < n ? i + 1 : n;
}

static bool is_of_number(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* JSON has no zeros in front of other digits. */
static bool is_too_large(const char *number, size_t n)
{
	bool negative = *number == '-';
	const char *most = negative ? "9223372036854775808" : "9223372036854775807";
	const char *digits = number + negative;
	size_t n_digits = n - negative;

	for (size_t i = 0; i < n_digits; i++)
		if (digits[i] < '0' || digits[i] > '9')
			return false;
	return n_digits > strlen(most) ||
		(n_digits == strlen(most) && memcmp(digits, most, n_digits) > 0);
}

/* What follows is no part of a number. */
static bool is_beyond(const char *number)
{
	return isinf(strtod(number, NULL));
}

bool widen_numbers(const char *text, size_t n, struct strbuf *out)
{
	bool any_beyond = false;
	size_t i = 0;

	while (i < n) {
		size_t begin = i;
		bool beyond = false;

		if (text[i] == '"') {
			i += string_length(text + i, n - i);
		} else if (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) {
			while (i < n && is_of_number(text[i]))
				i++;
			beyond = is_beyond(text + begin);
		} else {
			i++;
		}
		any_beyond |= beyond;
		if (beyond)
			strbuf_add(out, "null");
		else
			strbuf_add_n(out, text + begin, i - begin);
		if (!beyond && text[begin] != '"' && is_too_large(text + begin, i - begin))
			strbuf_add(out, "e0");
	}
	return any_beyond;
}

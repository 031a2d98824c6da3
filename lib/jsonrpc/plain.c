/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jsonrpc/plain.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"

enum {
	DIGITS = 15, /* of an id: no need to look for what does not fit */
};

enum member {
	MEMBER_ID = 1,
	MEMBER_METHOD = 2,
	MEMBER_PARAMS = 4,
	MEMBERS = 7,
};

static char *skip_blanks(char *at)
{
	while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')
		at++;
	return at;
}

/* The functions below take what stands at 'at' and return what stands behind it and blanks; or NULL, if it
 * is something else. The text ends in a NUL, which is nothing of all this. */

static char *take(char *at, char c)
{
	return *at == c ? skip_blanks(at + 1) : NULL;
}

static char *take_string(char *at, const char **string)
{
	if (*at++ != '"')
		return NULL;
	*string = at;
	while (*at != '"') {
		if (*at < ' ' || *at > '~' || *at == '\\')
			return NULL;
		at++;
	}
	*at = '\0';
	return skip_blanks(at + 1);
}

static char *take_number(char *at, json_int_t *number)
{
	const char *first = at;

	*number = 0;
	while (*at >= '0' && *at <= '9' && at - first < DIGITS)
		*number = *number * 10 + (*at++ - '0');
	if (at == first || (*first == '0' && at > first + 1))
		return NULL;
	/* A sign of a fraction, or one digit more, is refused by who comes next. */
	return skip_blanks(at);
}

static char *take_params(char *at, struct plain_request *request)
{
	char *end;

	at = take(at, '[');
	if (at && (end = take(at, ']')))
		return end;
	while (at && request->argc < PLAIN_ARGS) {
		at = take_string(at, &request->argv[request->argc]);
		if (!at)
			return NULL;
		request->argc++;
		end = take(at, ']');
		if (end)
			return end;
		at = take(at, ',');
	}
	return NULL;
}

static char *take_member(char *at, struct plain_request *request, unsigned *seen)
{
	const char *name;
	unsigned member;

	at = take_string(at, &name);
	if (!at || !(at = take(at, ':')))
		return NULL;
	if (!strcmp(name, "id")) {
		member = MEMBER_ID;
		at = take_number(at, &request->id);
	} else if (!strcmp(name, "method")) {
		member = MEMBER_METHOD;
		at = take_string(at, &request->method);
	} else if (!strcmp(name, "params")) {
		member = MEMBER_PARAMS;
		at = take_params(at, request);
	} else {
		return NULL;
	}
	if (*seen & member)
		return NULL;
	*seen |= member;
	return at;
}

static bool parse(struct plain_request *request, size_t n)
{
	char *at = take(skip_blanks(request->text), '{'), *next;
	unsigned seen = 0;

	while (at && (at = take_member(at, request, &seen))) {
		next = take(at, '}');
		if (next)
			return seen == MEMBERS && next == request->text + n;
		at = take(at, ',');
	}
	return false;
}

struct plain_request *plain_request_new(const char *text, size_t n)
{
	struct plain_request *request;

	if (n > PLAIN_SIZE)
		return NULL;
	request = xmalloc(sizeof(*request) + n + 1);
	request->argc = 0;
	memcpy(request->text, text, n);
	request->text[n] = '\0';
	if (parse(request, n))
		return request;
	free(request);
	return NULL;
}

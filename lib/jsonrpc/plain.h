/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Plain requests: those that consist of a number, a method and some words, as commands do.
 *
 *	{"id": 7, "method": "fdb/add", "params": ["br0", "p1", "0", "02:00:00:00:00:0a"]}
 *
 * They are read without making JSON values of them, which takes a tenth of the time. What is not as plain
 * as that (escapes, other than ASCII, other members, other kinds of values, very long) is the JSON
 * parser's.  */

#include <jansson.h>

enum {
	PLAIN_ARGS = 16,
	PLAIN_SIZE = 1024, /* of the text of one, at most */
};

struct plain_request {
	json_int_t id;
	const char *method;
	int argc;
	const char *argv[PLAIN_ARGS];
	char text[]; /* what these point into */
};

/* Any thread. */

/* NULL if the text, a message as a whole, is not a plain request. To be freed by free(). */
struct plain_request *plain_request_new(const char *text, size_t n);

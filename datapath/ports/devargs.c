/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/devargs.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ether.h>

#include "lib/errbuf.h"

enum {
	MAC_TEXT = 17, /* 02:00:00:00:00:01 */
	LIST_MAX = 1 << 16, /* different numbers a list can have */
};

static const char class_key[] = "class=";
static const char representor_key[] = "representor=";

static bool begins_with(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* The length of "KEY=VALUE" at 'text'; commas in brackets belong to the value. */
static size_t argument_length(const char *text)
{
	unsigned depth = 0;
	size_t n;

	for (n = 0; text[n] && (text[n] != ',' || depth); n++) {
		if (text[n] == '[')
			depth++;
		else if (text[n] == ']' && depth)
			depth--;
	}
	return n;
}

static const char *next_argument(const char *text)
{
	text += argument_length(text);
	return *text ? text + 1 : NULL;
}

static const char *find_argument(const char *text, const char *key)
{
	while (text && !begins_with(text, key))
		text = next_argument(text);
	return text;
}

/* Reads a number of 16 bits. */
static bool read_number(const char **at, unsigned *number)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	*number = (unsigned)strtoul(*at, &end, 10);
	if (end - *at > 5 || *number > UINT16_MAX)
		return false;
	*at = end;
	return true;
}

/* Reads "1" or "1-3" and adds to 'n' how many numbers that are. */
static bool read_range(const char **at, uint64_t *n)
{
	unsigned first, last;

	if (!read_number(at, &first))
		return false;
	last = first;
	if (**at == '-') {
		++*at;
		if (!read_number(at, &last) || last < first)
			return false;
	}
	*n += last - first + 1;
	return true;
}

/* Reads "1", "1-3" or "[1,3-5]" and multiplies 'n' by how many numbers that are. */
static bool read_list(const char **at, uint64_t *n)
{
	bool in_brackets = **at == '[';
	uint64_t count = 0;

	*at += in_brackets;
	if (!read_range(at, &count))
		return false;
	while (in_brackets && **at == ',') {
		++*at;
		if (!read_range(at, &count))
			return false;
	}
	if (in_brackets && *(*at)++ != ']')
		return false;
	*n *= count < LIST_MAX ? count : LIST_MAX;
	return true;
}

/* Reads 'word' and the list behind it, if it is there. */
static bool read_part(const char **at, const char *word, uint64_t *n, bool *found)
{
	*found = begins_with(*at, word);
	if (!*found)
		return true;
	*at += strlen(word);
	return read_list(at, n);
}

/* How many representors [[cLIST]pfLIST][{vf|sf}]LIST names; 0: it is nothing of the kind. */
static uint64_t count_representors(const char *value, size_t length)
{
	const char *at = value;
	uint64_t n = 1;
	bool controller, function, kind;

	if (!read_part(&at, "c", &n, &controller) || !read_part(&at, "pf", &n, &function) ||
	    (controller && !function))
		return 0;
	if (!function || at < value + length) {
		if (!read_part(&at, "vf", &n, &kind) ||
		    (!kind && !read_part(&at, "sf", &n, &kind)) ||
		    (!kind && (function || !read_list(&at, &n))))
			return 0;
	}
	return at == value + length ? n : 0;
}

static int check_representor(const char *argument, struct errbuf *err)
{
	const char *value = argument + strlen(representor_key);
	int length = (int)argument_length(argument);
	uint64_t n = count_representors(value, length - strlen(representor_key));
	const char *next = next_argument(argument);

	if (!n)
		return errbuf_set(
			err,
			-EINVAL,
			"%.*s names no representor: expected one like representor=[1], vf1, "
			"pf0vf1 or c1pf0sf1",
			length,
			argument
		);
	if (n > 1 || (next && find_argument(next, representor_key)))
		return errbuf_set(
			err,
			-EINVAL,
			"%.*s names several representors, and a port is one of them: name that "
			"one, and make a port for each of the others",
			length,
			argument
		);
	return 0;
}

static int check_class(const char *text, struct errbuf *err)
{
	const char *mac = find_argument(text, "mac=");
	struct rte_ether_addr address;
	char copy[MAC_TEXT + 1] = "";

	if (!begins_with(text, "class=eth") || argument_length(text) != strlen("class=eth"))
		return errbuf_set(
			err,
			-EINVAL,
			"%.*s: devices are of class eth, as in class=eth,mac=02:00:00:00:00:01",
			(int)argument_length(text),
			text
		);
	if (!mac && !find_argument(text, representor_key))
		return errbuf_set(
			err,
			-EINVAL,
			"class=eth is every device: say which, as in "
			"class=eth,mac=02:00:00:00:00:01"
		);
	if (mac && argument_length(mac) - strlen("mac=") == MAC_TEXT)
		memcpy(copy, mac + strlen("mac="), MAC_TEXT);
	if (mac && rte_ether_unformat_addr(copy, &address))
		return errbuf_set(
			err,
			-EINVAL,
			"%.*s is no MAC address: expected one like mac=02:00:00:00:00:01",
			(int)argument_length(mac),
			mac
		);
	return 0;
}

int devargs_parse(const char *text, struct devargs *devargs, struct errbuf *err)
{
	const char *representor = find_argument(text, representor_key);

	*devargs = (struct devargs){
		.text = text,
		.by_class = begins_with(text, class_key),
		.is_representor = representor != NULL,
	};
	if (!*text)
		return errbuf_set(err, -EINVAL, "options:dpdk-devargs is empty");

	int error = representor ? check_representor(representor, err) : 0;

	if (!error && devargs->by_class)
		error = check_class(text, err);
	return error;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/option.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/errbuf.h"
#include "lib/ipaddr.h"
#include "lib/mac.h"
#include "lib/near.h"

static bool name_matches(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return !strncmp(pattern, name, n - 1);
	return !strcmp(pattern, name);
}

static const struct option *find(const struct option *options, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (name_matches(options[i].name, name))
			return &options[i];
	return NULL;
}

static bool parse_int(const char *text, int64_t *value)
{
	char *end;

	/* A leading 0 does not mean octal: people write it to fill a column. */
	errno = 0;
	*value = strtoll(text, &end, strncasecmp(text, "0x", 2) ? 10 : 16);
	return end != text && !*end && !errno;
}

static bool is_within(const struct option *option, int64_t value)
{
	return (!option->min && !option->max) || (value >= option->min && value <= option->max);
}

static bool is_choice(const char *choices, const char *text)
{
	size_t n = strlen(text);

	for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (!strncmp(at, text, n) && (at[n] == '|' || !at[n]) && n)
			return true;
	return false;
}

static int
check_int(const struct option *option, const char *text, const char *what, struct errbuf *err)
{
	int64_t value;

	if (!parse_int(text, &value))
		return errbuf_set(
			err,
			-EINVAL,
			"%s: %s=%s: a whole number is wanted",
			what,
			option->name,
			text
		);
	if (!is_within(option, value))
		return errbuf_set(
			err,
			-ERANGE,
			"%s: %s=%s: must be between %" PRId64 " and %" PRId64,
			what,
			option->name,
			text,
			option->min,
			option->max
		);
	return 0;
}

bool option_is_hex(const char *text, size_t most)
{
	const char *digits = strncasecmp(text, "0x", 2) ? text : text + 2;
	size_t n = strspn(digits, "0123456789abcdefABCDEF");

	return n && n <= most && !digits[n];
}

static bool is_list(const char *text)
{
	size_t n;

	while ((n = strspn(text, "0123456789"))) {
		text += n;
		if (*text++ != ',')
			return !text[-1];
	}
	return false;
}

static int
check_value(const struct option *option, const char *text, const char *what, struct errbuf *err)
{
	struct ipaddr ip;
	struct mac mac;

	switch (option->kind) {
	case OPTION_STRING:
		return 0;
	case OPTION_INT:
		return check_int(option, text, what, err);
	case OPTION_BOOL:
		if (option_parse_bool(text, true) == option_parse_bool(text, false))
			return 0;
		return errbuf_set(
			err, -EINVAL, "%s: %s=%s: must be true or false", what, option->name, text
		);
	case OPTION_MAC:
		if (mac_parse(text, &mac))
			return 0;
		return errbuf_set(
			err,
			-EINVAL,
			"%s: %s=%s: a MAC address like 02:00:00:00:00:01 is wanted",
			what,
			option->name,
			text
		);
	case OPTION_IPV4:
		if (ipaddr_parse(&ip, text) && ipaddr_is_v4(&ip))
			return 0;
		return errbuf_set(
			err,
			-EINVAL,
			"%s: %s=%s: an IPv4 address like 192.0.2.1 is wanted",
			what,
			option->name,
			text
		);
	case OPTION_HEX:
		if (option_is_hex(text, (size_t)option->max))
			return 0;
		return errbuf_set(
			err,
			-EINVAL,
			"%s: %s=%s: up to %" PRId64 " hexadecimal digits are wanted, such as 0x6",
			what,
			option->name,
			text,
			option->max
		);
	case OPTION_LIST:
		if (is_list(text))
			return 0;
		return errbuf_set(
			err,
			-EINVAL,
			"%s: %s=%s: whole numbers separated by commas are wanted",
			what,
			option->name,
			text
		);
	case OPTION_ENUM:
		if (is_choice(option->choices, text))
			return 0;
		return errbuf_set(
			err,
			-EINVAL,
			"%s: %s=%s: must be one of %s",
			what,
			option->name,
			text,
			option->choices
		);
	}
	return 0;
}

static int
unknown(const struct option *options, int n, const char *key, const char *what, struct errbuf *err)
{
	struct near near;

	near_init(&near, key);
	for (int i = 0; i < n; i++)
		near_add(&near, options[i].name);
	return near_refuse(&near, err, -EINVAL, "%s: unknown key %s", what, key);
}

int option_check(
	const struct option *options, int n, const json_t *map, const char *what, struct errbuf *err
)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)map, key, value) {
		const struct option *option = find(options, n, key);
		int error = option ? check_value(option, json_string_value(value), what, err)
				   : unknown(options, n, key, what, err);

		if (error)
			return error;
	}
	for (int i = 0; i < n; i++)
		if (options[i].required && !json_object_get(map, options[i].name))
			return errbuf_set(
				err,
				-EINVAL,
				"%s: option %s is required: %s",
				what,
				options[i].name,
				options[i].help
			);
	return 0;
}

const char *option_get_string(const json_t *map, const char *name, const char *fallback)
{
	const char *text = json_string_value(json_object_get(map, name));

	return text ? text : fallback;
}

/* Clients that are written in Python say True. */
bool option_parse_bool(const char *text, bool fallback)
{
	if (text && !strcasecmp(text, "true"))
		return true;
	return text && !strcasecmp(text, "false") ? false : fallback;
}

bool option_get_bool(const json_t *map, const char *name, bool fallback)
{
	return option_parse_bool(option_get_string(map, name, NULL), fallback);
}

bool option_parse_int(const struct option *option, const char *text, int64_t *value)
{
	return parse_int(text, value) && is_within(option, *value);
}

int64_t option_get_int(const json_t *map, const char *name, int64_t fallback)
{
	const char *text = option_get_string(map, name, NULL);
	int64_t value;

	return text && parse_int(text, &value) ? value : fallback;
}

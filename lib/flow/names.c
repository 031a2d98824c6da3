/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "lib/types.h"

static const struct {
	const char *name;
	uint32_t number;
} reserved[] = {
	{"IN_PORT", PORT_IN_PORT},
	{"TABLE", PORT_TABLE},
	{"NORMAL", PORT_NORMAL},
	{"FLOOD", PORT_FLOOD},
	{"ALL", PORT_ALL},
	{"CONTROLLER", PORT_CONTROLLER},
	{"LOCAL", PORT_LOCAL},
	{"ANY", PORT_ANY},
	{"NONE", PORT_ANY},
	{"UNSET", PORT_UNSET},
};

/* A plain number up to 'max', all of 'text'. */
static bool parse_number(const char *text, uint64_t max, uint64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	*number = strtoull(text, &end, 0);
	return !*end && *number <= max;
}

/* "name with \" and \\" without its quotes; false if it does not end. */
static bool unquote(const char *text, char *out, size_t size)
{
	size_t n = 0;

	for (text++; *text && *text != '"'; text++) {
		if (*text == '\\' && text[1])
			text++;
		if (n + 1 < size)
			out[n++] = *text;
	}
	out[n] = '\0';
	return *text == '"' && !text[1];
}

bool names_parse_port(const struct names *names, const char *text, uint32_t *port)
{
	char name[64];
	uint64_t number;

	if (parse_number(text, UINT32_MAX, &number)) {
		/* 65280…65535 are the reserved ports of OpenFlow 1.0, which has no name for those
		 * from there up to the reserved ports of later versions. */
		*port = number >> 16 ? (uint32_t)number : field_port_from16((uint16_t)number);
		return *port < 0xff00 || *port >= 0xffffff00U;
	}
	for (unsigned i = 0; i < ARRAY_LENGTH(reserved); i++)
		if (!strcasecmp(text, reserved[i].name)) {
			*port = reserved[i].number;
			return true;
		}
	if (!names || !names->port_number)
		return false;
	if (*text == '"') {
		if (!unquote(text, name, sizeof(name)))
			return false;
		text = name;
	}
	return names->port_number(names->context, text, port);
}

/* Whether a name can stand in a flow without quotes. */
static bool is_plain(const char *name)
{
	if (!isalpha((unsigned char)*name))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("_-.", *name))
			return false;
	return true;
}

static void add_name(const char *name, struct strbuf *out)
{
	if (is_plain(name)) {
		strbuf_add(out, name);
		return;
	}
	strbuf_add_char(out, '"');
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			strbuf_add_char(out, '\\');
		strbuf_add_char(out, *name);
	}
	strbuf_add_char(out, '"');
}

void names_format_port(const struct names *names, uint32_t port, struct strbuf *out)
{
	const char *name = NULL;

	for (unsigned i = 0; i < ARRAY_LENGTH(reserved); i++)
		if (port == reserved[i].number) {
			strbuf_add(out, reserved[i].name);
			return;
		}
	if (names && names->port_name)
		name = names->port_name(names->context, port);
	if (name)
		add_name(name, out);
	else
		strbuf_addf(out, "%u", port);
}

bool names_parse_table(const struct names *names, const char *text, uint8_t *table)
{
	char name[64];
	uint64_t number;

	if (parse_number(text, 255, &number)) {
		*table = (uint8_t)number;
		return true;
	}
	if (!names || !names->table_number)
		return false;
	if (*text == '"') {
		if (!unquote(text, name, sizeof(name)))
			return false;
		text = name;
	}
	return names->table_number(names->context, text, table);
}

void names_format_table(const struct names *names, uint8_t table, struct strbuf *out)
{
	const char *name = NULL;

	if (names && names->table_name)
		name = names->table_name(names->context, table);
	if (name)
		add_name(name, out);
	else
		strbuf_addf(out, "%u", table);
}

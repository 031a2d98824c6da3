/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/show/show.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "lib/xmalloc.h"
#include "ofproto/wire/show/show_priv.h"

enum {
	HEX_LINE = 16
};

static const struct message_show *shows[MESSAGES];
static once_flag shows_once = ONCE_FLAG_INIT;

static void shows_fill(void)
{
	REGISTRY_FOREACH(message_show, show)
		shows[show->id] = show;
}

void show_bits(const struct show_bit *bits, uint32_t value, char separator, struct strbuf *out)
{
	bool first = true;

	if (!value)
		strbuf_add_char(out, '0');
	for (; bits->name; bits++) {
		if (!(value & bits->bit))
			continue;
		value &= ~bits->bit;
		if (!first)
			strbuf_add_char(out, separator);
		first = false;
		strbuf_add(out, bits->name);
	}
	if (value) {
		if (!first)
			strbuf_add_char(out, separator);
		strbuf_addf(out, "0x%x", value);
	}
}

void show_duration(uint32_t sec, uint32_t nsec, struct strbuf *out)
{
	strbuf_addf(out, "%u", sec);
	if (!nsec)
		return;
	if (nsec % 1000000 == 0)
		strbuf_addf(out, ".%03u", nsec / 1000000);
	else if (nsec % 1000 == 0)
		strbuf_addf(out, ".%06u", nsec / 1000);
	else
		strbuf_addf(out, ".%09u", nsec);
}

void show_hex(const uint8_t *data, size_t n, struct strbuf *out)
{
	for (size_t at = 0; at < n; at += HEX_LINE) {
		size_t line = n - at < HEX_LINE ? n - at : HEX_LINE;

		strbuf_addf(out, "%08zx ", at);
		for (size_t i = 0; i < HEX_LINE; i++)
			if (i < line)
				strbuf_addf(out, "%c%02x", i == 8 ? '-' : ' ', data[at + i]);
			else
				strbuf_add(out, "   ");
		strbuf_add(out, " |");
		for (size_t i = 0; i < HEX_LINE; i++) {
			bool plain = i < line && isprint(data[at + i]);

			strbuf_add_char(out, plain ? (char)data[at + i] : i < line ? '.' : ' ');
		}
		strbuf_add(out, "|\n");
	}
}

/* Titles: most can be made of the name in desc/messages.of. */

static const struct {
	unsigned id;
	const char *title;
} titles[] = {
	{MESSAGE_ERROR_MESSAGE, "OFPT_ERROR"},
	{MESSAGE_NX_SET_ASYNC, "NXT_SET_ASYNC_CONFIG"},
	{MESSAGE_FLOW_COUNTS_REQUEST, "OFPST_FLOW_STATS request"},
	{MESSAGE_FLOW_COUNTS_REPLY, "OFPST_FLOW_STATS reply"},
};

static enum message_kind kind_of(const struct message_head *head)
{
	const struct message_type *type = head->type;

	for (unsigned i = 0; i < type->n_wires; i++)
		if (type->wires[i].first <= head->version && head->version <= type->wires[i].last)
			return type->wires[i].kind;
	return MESSAGE_KIND_TYPE;
}

static void add_upper(const char *text, struct strbuf *out)
{
	for (; *text; text++)
		strbuf_add_char(out, (char)toupper((unsigned char)*text));
}

static const char *special_title(unsigned id)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(titles); i++)
		if (titles[i].id == id)
			return titles[i].title;
	return NULL;
}

/* Cuts 'end' off a name. */
static bool cut(char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	if (n < m || strcmp(name + n - m, end) != 0)
		return false;
	name[n - m] = '\0';
	return true;
}

void show_title(const struct message_head *head, struct strbuf *out)
{
	static const char *const prefixes[] = {
		[MESSAGE_KIND_TYPE] = "OFPT_",
		[MESSAGE_KIND_REQUEST] = "OFPST_",
		[MESSAGE_KIND_REPLY] = "OFPST_",
		[MESSAGE_KIND_NX] = "NXT_",
		[MESSAGE_KIND_ONF] = "ONFT_",
		[MESSAGE_KIND_NXREQUEST] = "NXST_",
		[MESSAGE_KIND_NXREPLY] = "NXST_",
		[MESSAGE_KIND_ONFREQUEST] = "ONFST_",
		[MESSAGE_KIND_ONFREPLY] = "ONFST_",
	};
	enum message_kind kind = kind_of(head);
	bool stats =
		kind != MESSAGE_KIND_TYPE && kind != MESSAGE_KIND_NX && kind != MESSAGE_KIND_ONF;
	const char *suffix = "", *name = head->type->name;
	char text[64];

	const char *special = special_title(head->type->id);

	if (special) {
		strbuf_add(out, special);
		return;
	}
	if (!strncmp(name, "nx_", 3))
		name += 3;
	strncpy(text, name, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	if (stats) {
		suffix = cut(text, "_request") ? " request" : cut(text, "_reply") ? " reply" : "";
		cut(text, "_stats");
	}
	strbuf_add(out, prefixes[kind]);
	add_upper(text, out);
	if (head->type->id == MESSAGE_BUNDLE_ADD)
		strbuf_add(out, "_MESSAGE");
	strbuf_add(out, suffix);
}

static void add_head(const struct message_head *head, struct strbuf *out)
{
	show_title(head, out);
	if (head->version != OF10)
		strbuf_addf(out, " (%s)", message_version_name(head->version));
	strbuf_addf(out, " (xid=0x%x):", head->xid);
	if (head->more)
		strbuf_add(out, " ***more***");
}

static void add_body(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	call_once(&shows_once, shows_fill);
	add_head(head, out);
	if (shows[head->type->id]) {
		shows[head->type->id]->show(show, head, body, out);
	} else {
		struct strbuf text = STRBUF_INIT;
		const char *members;

		message_format(head, body, show->names, &text);
		members = strstr(strbuf_text(&text), "):");
		strbuf_add(out, members ? members + 2 : "");
		strbuf_fini(&text);
	}
	if (!out->length || out->text[out->length - 1] != '\n')
		strbuf_add_char(out, '\n');
}

/* Only the first bytes of a message, as errors carry them. */
static void add_part(const uint8_t *data, size_t n, size_t length, struct strbuf *out)
{
	union message_body *body = XNEW(union message_body);
	uint8_t *whole = xcalloc(1, length);
	struct message_head head;

	/* The rest may be anything: only the title is of interest. */
	memcpy(whole, data, n);
	message_decode(whole, length, NULL, &head, body);
	if (head.type) {
		add_head(&head, out);
		strbuf_add_char(out, '\n');
	}
	message_fini(&head, body);
	free(whole);
	free(body);
	strbuf_addf(out, "(***truncated to %zu bytes from %zu***)\n", n, length);
}

void show_message(const struct show *show, const uint8_t *data, size_t n, struct strbuf *out)
{
	union message_body *body;
	struct message_head head;
	enum of_error error;

	if (!n) {
		strbuf_add(out, "OpenFlow message is empty\n");
		return;
	}
	if (n < MESSAGE_HEAD_SIZE) {
		strbuf_addf(out, "OpenFlow packet too short (only %zu bytes):\n", n);
	} else if (message_length(data) > n) {
		add_part(data, n, message_length(data), out);
	} else if (message_length(data) < n) {
		strbuf_addf(
			out, "(***only uses %zu bytes out of %zu***)\n", message_length(data), n
		);
	} else {
		body = XNEW(union message_body);
		error = message_decode(data, n, NULL, &head, body);
		if (!error)
			add_body(show, &head, body, out);
		else if (head.type)
			add_head(&head, out);
		if (error && head.type)
			strbuf_add_char(out, ' ');
		if (error)
			strbuf_addf(out, "***decode error: %s***\n", error_name(error));
		message_fini(&head, body);
		free(body);
		if (!error)
			return;
	}
	show_hex(data, n, out);
}

void show_numbers(
	const struct show_number *names, uint32_t set, const char *none, struct strbuf *out
)
{
	bool any = false;

	for (; names->name; names++) {
		if (!(set >> names->number & 1))
			continue;
		strbuf_addf(out, any ? " %s" : "%s", names->name);
		any = true;
	}
	strbuf_addf(out, "%s\n", any ? "" : none);
}

void show_actions(uint32_t set, const char *none, struct strbuf *out)
{
	static const struct show_number names[] = {
		{0, "output"},	      {22, "group"},	    {29, "meter"},	 {25, "set_field"},
		{18, "strip_vlan"},   {17, "push_vlan"},    {23, "mod_nw_ttl"},	 {24, "dec_ttl"},
		{15, "set_mpls_ttl"}, {16, "dec_mpls_ttl"}, {19, "push_mpls"},	 {20, "pop_mpls"},
		{21, "set_queue"},    {11, "copy_ttl_out"}, {12, "copy_ttl_in"}, {26, "push_pbb"},
		{27, "pop_pbb"},      {28, "move"},	    {0, NULL},
	};

	show_numbers(names, set, none, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Messages for people and for programs: one walk over a message's members makes JSON, another makes
 * text of it.  */

#include <stdlib.h>
#include <string.h>

#include "lib/flow/match.h"
#include "lib/flow/names.h"
#include "lib/flow/value.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/messages.h"

enum {
	LIST_MAX = 100000 /* elements shown */
};

const char *message_version_name(uint8_t version)
{
	static const char *const versions[] = {
		"OF?",
		"OF1.0",
		"OF1.1",
		"OF1.2",
		"OF1.3",
		"OF1.4",
		"OF1.5",
	};

	return version < ARRAY_LENGTH(versions) ? versions[version] : versions[0];
}

static uint64_t number_at(const struct message_field *field, const void *at)
{
	switch (field->kind) {
	case MESSAGE_U8:
		return *(const uint8_t *)at;
	case MESSAGE_U16:
		return *(const uint16_t *)at;
	case MESSAGE_U64:
		return *(const uint64_t *)at;
	default:
		return *(const uint32_t *)at;
	}
}

static json_t *take_text(struct strbuf *text)
{
	json_t *json = json_stringn(strbuf_text(text), text->length);

	strbuf_fini(text);
	/* What a peer calls itself need not be UTF-8. */
	return json ? json : json_string("?");
}

static json_t *struct_json(
	const struct message_type *type,
	const void *body,
	uint8_t version,
	const struct names *names
);

static json_t *list_json(
	const struct message_type *type, const struct wire_bytes *bytes, const struct names *names
)
{
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	void *element = xcalloc(1, type->size);
	json_t *array = json_array();

	while (!list.error && wire_left(&list) && json_array_size(array) < LIST_MAX) {
		type->decode(&list, element);
		if (!list.error)
			json_array_append_new(
				array, struct_json(type, element, bytes->version, names)
			);
	}
	if (list.error)
		json_array_append_new(array, json_string(error_name(list.error)));
	type->fini(element);
	free(element);
	return array;
}

static json_t *bytes_json(const struct wire_bytes *bytes)
{
	struct strbuf text = STRBUF_INIT;

	for (uint32_t i = 0; i < bytes->n; i++)
		strbuf_addf(&text, "%02x", bytes->data[i]);
	return take_text(&text);
}

static json_t *field_json(
	const struct message_field *field,
	const void *at,
	uint8_t version,
	const struct names *names
)
{
	struct strbuf text = STRBUF_INIT;

	switch (field->kind) {
	case MESSAGE_PORT:
		names_format_port(names, *(const uint32_t *)at, &text);
		return take_text(&text);
	case MESSAGE_MAC:
		value_format_mac(at, &text);
		return take_text(&text);
	case MESSAGE_STRING:
		strbuf_add(&text, at);
		return take_text(&text);
	case MESSAGE_MATCH:
		match_format(at, names, &text);
		return take_text(&text);
	case MESSAGE_ACTIONS:
		actions_format(at, names, &text);
		return take_text(&text);
	case MESSAGE_BYTES:
		return bytes_json(at);
	case MESSAGE_LIST:
		return list_json(field->of, at, names);
	case MESSAGE_STRUCT:
		return struct_json(field->of, at, version, names);
	default:
		return json_integer((json_int_t)number_at(field, at));
	}
}

static json_t *struct_json(
	const struct message_type *type,
	const void *body,
	uint8_t version,
	const struct names *names
)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < type->n_fields; i++) {
		const struct message_field *field = &type->fields[i];

		json_object_set_new(
			object,
			field->name,
			field_json(field, (const uint8_t *)body + field->offset, version, names)
		);
	}
	return object;
}

json_t *message_json(
	const struct message_head *head, const union message_body *body, const struct names *names
)
{
	json_t *object = json_object();

	json_object_set_new(
		object, "message", json_string(head->type ? head->type->name : "unknown")
	);
	json_object_set_new(object, "version", json_string(message_version_name(head->version)));
	json_object_set_new(object, "xid", json_integer(head->xid));
	if (head->type)
		json_object_update_missing_new(
			object, struct_json(head->type, body, head->version, names)
		);
	return object;
}

/* Text is JSON without its punctuation: numbers that are zero and empty things are left out. */
static bool is_empty(const json_t *json)
{
	return (json_is_integer(json) && !json_integer_value(json)) ||
		(json_is_string(json) && !json_string_length(json)) ||
		(json_is_array(json) && !json_array_size(json));
}

static void format_value(json_t *json, unsigned indent, struct strbuf *out);

static void format_members(json_t *object, unsigned indent, struct strbuf *out)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		if (is_empty(value))
			continue;
		strbuf_addf(out, " %s=", key);
		format_value(value, indent, out);
	}
}

static void format_value(json_t *json, unsigned indent, struct strbuf *out)
{
	size_t i;
	json_t *element;

	if (json_is_integer(json)) {
		strbuf_addf(out, "%lld", (long long)json_integer_value(json));
	} else if (json_is_string(json)) {
		strbuf_add(out, json_string_value(json));
	} else if (json_is_array(json)) {
		json_array_foreach(json, i, element) {
			strbuf_addf(out, "\n%*s", (int)indent, "");
			format_value(element, indent + 1, out);
		}
	} else {
		format_members(json, indent + 1, out);
	}
}

void message_format(
	const struct message_head *head,
	const union message_body *body,
	const struct names *names,
	struct strbuf *out
)
{
	strbuf_addf(
		out,
		"%s (%s) (xid=0x%x):",
		head->type ? head->type->name : "unknown message",
		message_version_name(head->version),
		head->xid
	);
	if (head->type) {
		json_t *members = struct_json(head->type, body, head->version, names);

		format_members(members, 1, out);
		json_decref(members);
	}
	strbuf_add_char(out, '\n');
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/group_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "lib/flow/names.h"
#include "lib/flow/value.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/oxm.h"

enum {
	TYPE_ALL,
	TYPE_SELECT,
	TYPE_INDIRECT,
	TYPE_FF,
	ID_MAX = 0xffffff00U,
	ID_ALL = 0xfffffffcU,
	BUCKET_ID_MAX = 0xffffff00U,
	BUCKET_FIRST = 0xfffffffdU,
	BUCKET_LAST = 0xfffffffeU,
	BUCKET_ALL = 0xffffffffU,
	PROPERTY_WEIGHT = 0,
	PROPERTY_WATCH_PORT = 1,
	PROPERTY_WATCH_GROUP = 2,
	PROPERTY_EXPERIMENTER = 0xffff,
	VENDOR_NETRONOME = 0x154d,
	SELECTION_METHOD = 1,
	METHOD_SIZE = 16,
};

static const char *const types[] = {"all", "select", "indirect", "ff"};

static const struct command_word commands[] = {
	{"add", GROUP_COMMAND_ADD},
	{"modify", GROUP_COMMAND_MODIFY},
	{"add_or_mod", GROUP_COMMAND_ADD_OR_MODIFY},
	{"delete", GROUP_COMMAND_DELETE},
	{"insert_bucket", GROUP_COMMAND_INSERT_BUCKET},
	{"remove_bucket", GROUP_COMMAND_REMOVE_BUCKET},
};

struct parser {
	struct of_group_mod *mod;
	const struct names *names;
	struct errbuf *err;
	struct wire_out buckets, properties;
	struct match fields; /* that a hash is over */
	char method[METHOD_SIZE];
	uint64_t method_param;
	bool has_id, has_type, has_command_bucket, has_fields;
	unsigned n_buckets;
};

const char *group_type_name(uint8_t type)
{
	return type < ARRAY_LENGTH(types) ? types[type] : NULL;
}

static bool has_buckets(uint16_t command)
{
	return command != GROUP_COMMAND_DELETE && command != GROUP_COMMAND_REMOVE_BUCKET;
}

/* Parsing. */

static int parse_id(struct parser *p, const char *value)
{
	uint64_t number = 0;
	int error;

	p->has_id = true;
	if (value && !strcasecmp(value, "all") && p->mod->command == GROUP_COMMAND_DELETE) {
		p->mod->group_id = ID_ALL;
		return 0;
	}
	error = action_number("group_id", value, ID_MAX, &number, p->err);
	p->mod->group_id = (uint32_t)number;
	return error;
}

static int parse_type(struct parser *p, const char *value)
{
	struct near near;

	p->has_type = true;
	near_init(&near, value ? value : "");
	for (unsigned i = 0; i < ARRAY_LENGTH(types); i++) {
		near_add(&near, types[i]);
		if (value && !strcasecmp(value, types[i])) {
			p->mod->type = (uint8_t)i;
			return 0;
		}
	}
	if (value && !strcasecmp(value, "fast_failover")) {
		p->mod->type = TYPE_FF;
		return 0;
	}
	return near_refuse(
		&near,
		p->err,
		-EINVAL,
		"type: '%s' is not all, select, indirect or ff",
		value ? value : ""
	);
}

static int parse_command_bucket(struct parser *p, const char *value)
{
	uint64_t number = 0;
	int error = 0;

	p->has_command_bucket = true;
	if (value && !strcasecmp(value, "first"))
		number = BUCKET_FIRST;
	else if (value && !strcasecmp(value, "last"))
		number = BUCKET_LAST;
	else if (value && !strcasecmp(value, "all"))
		number = BUCKET_ALL;
	else
		error = action_number("command_bucket_id", value, BUCKET_ID_MAX, &number, p->err);
	p->mod->command_bucket_id = (uint32_t)number;
	return error;
}

/* "ip_src,nw_dst=255.255.0.0": fields with the mask of the bits that count. */
static int parse_fields(struct parser *p, char *value)
{
	uint8_t mask[FIELD_MAX_SIZE];
	char *key, *bits;

	p->has_fields = true;
	while (value && action_next_argument(&value, &key, &bits)) {
		const struct field *field = field_find_numbered(key, p->err);
		uint8_t all[FIELD_MAX_SIZE] = {0};
		struct match one;
		int error = 0;

		if (!field)
			return -EINVAL;
		match_init(&one, NULL);
		field_all_ones(field, NULL, mask);
		if (bits) {
			error = match_parse_word(&one, key, bits, p->names, p->err);
			match_get(&one, field, mask, all);
		}
		if (error)
			return error;
		/* A field's value in the list is its mask. */
		match_set(&p->fields, field, mask, NULL);
	}
	return 0;
}

static int parse_port(struct parser *p, const char *what, const char *value, uint32_t *port)
{
	if (value && names_parse_port(p->names, value, port))
		return 0;
	return errbuf_set(p->err, -EINVAL, "%s: no port is named '%s'", what, value ? value : "");
}

static int parse_bucket_word(
	struct parser *p, struct of_bucket *bucket, char *key, char *value, struct strbuf *actions
)
{
	uint64_t number = 0;
	int error;

	if (!strcmp(key, "weight")) {
		error = action_number(key, value, UINT16_MAX, &number, p->err);
		bucket->weight = (uint16_t)number;
		return error;
	}
	if (!strcmp(key, "bucket_id")) {
		error = action_number(key, value, BUCKET_ID_MAX, &number, p->err);
		bucket->bucket_id = (uint32_t)number;
		return error;
	}
	if (!strcmp(key, "watch_port"))
		return parse_port(p, key, value, &bucket->watch_port);
	if (!strcmp(key, "watch_group")) {
		error = action_number(key, value, ID_MAX, &number, p->err);
		bucket->watch_group = (uint32_t)number;
		return error;
	}
	return -ENOENT;
}

static void put_property(struct wire_out *out, uint16_t type, uint32_t value)
{
	wire_put_u16(out, type);
	wire_put_u16(out, 8);
	if (type == PROPERTY_WEIGHT)
		value <<= 16;
	wire_put_u32(out, value);
}

static void encode_bucket(struct parser *p, struct of_bucket *bucket)
{
	struct wire_out properties;

	wire_out_init(&properties, p->buckets.version);
	if (bucket->weight)
		put_property(&properties, PROPERTY_WEIGHT, bucket->weight);
	if (bucket->watch_port != PORT_ANY)
		put_property(&properties, PROPERTY_WATCH_PORT, bucket->watch_port);
	if (bucket->watch_group != UINT32_MAX)
		put_property(&properties, PROPERTY_WATCH_GROUP, bucket->watch_group);
	bucket->properties = (struct wire_bytes){
		.data = properties.data,
		.n = (uint32_t)properties.n,
		.version = properties.version,
	};
	if (p->mod->numbered)
		of_nx_bucket_encode(&p->buckets, bucket);
	else
		of_bucket_encode(&p->buckets, bucket);
	wire_out_fini(&properties);
}

/* Cuts the next word of a bucket; what is neither of its own words nor "actions=" is an action. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, ", \t\n"), *p = word;
	int depth = 0;

	if (!*word)
		return NULL;
	for (; *p && (depth || !strchr(", \t\n", *p)); p++)
		depth += (*p == '(') - (*p == ')');
	*rest = *p ? p + 1 : p;
	*p = '\0';
	return word;
}

static int parse_bucket(struct parser *p, char *text)
{
	struct of_bucket bucket = {
		.weight = p->mod->type == TYPE_SELECT,
		.watch_port = PORT_ANY,
		.watch_group = UINT32_MAX,
		.bucket_id = p->n_buckets,
	};
	struct strbuf actions = STRBUF_INIT;
	char *word;
	int error = 0;

	while (!error && (word = next_word(&text))) {
		char *copy = xstrdup(word), *rest = copy, *key = NULL, *value = NULL;

		if (!strncmp(word, "actions=", 8) || !strncmp(word, "action=", 7)) {
			strbuf_addf(&actions, "%s,", strchr(word, '=') + 1);
		} else if (action_next_argument(&rest, &key, &value)) {
			error = parse_bucket_word(p, &bucket, key, value, &actions);
			if (error == -ENOENT) {
				strbuf_addf(&actions, "%s,", word);
				error = 0;
			}
		}
		free(copy);
	}
	if (!error)
		error = actions_parse(&bucket.actions, strbuf_text(&actions), p->names, p->err);
	if (!error)
		encode_bucket(p, &bucket);
	p->n_buckets++;
	strbuf_fini(&actions);
	of_bucket_fini(&bucket);
	return error;
}

static int unknown_word(struct parser *p, const char *name)
{
	static const char *const words[] = {
		"group_id",
		"type",
		"bucket",
		"command_bucket_id",
		"selection_method",
		"selection_method_param",
		"fields",
	};
	struct near near;

	near_init(&near, name);
	for (unsigned i = 0; i < ARRAY_LENGTH(words); i++)
		near_add(&near, words[i]);
	return near_refuse(&near, p->err, -EINVAL, "%s: unknown word", name);
}

static int parse_word(struct parser *p, char *key, char *value)
{
	if (!strcmp(key, "group_id"))
		return parse_id(p, value);
	if (!strcmp(key, "type"))
		return parse_type(p, value);
	if (!strcmp(key, "command_bucket_id"))
		return parse_command_bucket(p, value);
	if (!strcmp(key, "selection_method")) {
		if (!value || strlen(value) >= METHOD_SIZE)
			return errbuf_set(
				p->err,
				-EINVAL,
				"selection_method: give a name of up to %d letters",
				METHOD_SIZE - 1
			);
		memcpy(p->method, value, strlen(value));
		return 0;
	}
	if (!strcmp(key, "selection_method_param"))
		return action_number(key, value, UINT64_MAX, &p->method_param, p->err);
	if (!strcmp(key, "fields"))
		return parse_fields(p, value);
	return unknown_word(p, key);
}

/* Where the first ",bucket=" (or "buckets=") of 'text' begins; NULL if nowhere. */
static char *find_bucket(char *text)
{
	for (char *at = text; (at = strstr(at, "bucket")); at++) {
		size_t n = at[6] == 's' ? 7 : 6;

		if ((at == text || strchr(", \t", at[-1])) && (at[n] == '=' || at[n] == ':'))
			return at;
	}
	return NULL;
}

/* OpenFlow 1.5's way, by Netronome, to say how a group selects. */
static void put_method(struct parser *p)
{
	struct wire_out *out = &p->properties;
	struct wire_out list;
	size_t start;

	if (!*p->method)
		return;
	start = wire_property_begin(out, PROPERTY_EXPERIMENTER);
	wire_put_u32(out, VENDOR_NETRONOME);
	wire_put_u32(out, SELECTION_METHOD);
	wire_put_zeros(out, 4);
	wire_put(out, p->method, METHOD_SIZE);
	wire_put_u64(out, p->method_param);
	wire_out_init(&list, OF15);
	FIELDS_FOREACH(field) {
		uint8_t value[FIELD_MAX_SIZE], mask[FIELD_MAX_SIZE];

		if (field->flags & FIELD_VIEW || field_is_option(field) ||
		    !match_has(&p->fields, field))
			continue;
		match_get(&p->fields, field, value, mask);
		oxm_put_header(&list, field, false);
		wire_put(&list, value, field->size);
	}
	wire_put(out, list.data, list.n);
	wire_out_fini(&list);
	wire_property_end(out, start);
}

static int check(struct parser *p)
{
	const struct of_group_mod *mod = p->mod;

	if (!p->has_id && mod->command != GROUP_COMMAND_DELETE)
		return errbuf_set(p->err, -EINVAL, "group_id: missing");
	if (!p->has_type && has_buckets(mod->command) &&
	    mod->command != GROUP_COMMAND_INSERT_BUCKET)
		return errbuf_set(
			p->err, -EINVAL, "type: missing; it is all, select, indirect or ff"
		);
	if (!has_buckets(mod->command) && p->n_buckets)
		return errbuf_set(p->err, -EINVAL, "bucket: nobody needs it to delete");
	if (p->has_fields && !*p->method)
		return errbuf_set(p->err, -EINVAL, "fields: needs selection_method");
	return 0;
}

static int parse_all(struct parser *p, char *text)
{
	char *bucket = find_bucket(text), *key, *value;
	int error = 0;

	if (bucket && bucket > text)
		bucket[-1] = '\0';
	else if (bucket)
		text = bucket + strlen(bucket);
	while (!error && action_next_argument(&text, &key, &value))
		error = parse_word(p, key, value);
	while (!error && bucket) {
		char *begin = bucket + strcspn(bucket, "=:") + 1;
		char *next = find_bucket(begin);

		if (next && next > begin)
			next[-1] = '\0';
		error = parse_bucket(p, begin);
		bucket = next;
	}
	return error ? error : check(p);
}

/* Whether the message must have OpenFlow 1.5's buckets: in it, and in what Nicira's message lends to
 * earlier versions. */
static bool needs_numbers(uint16_t command, uint8_t version, const char *text)
{
	return version == OF10 || version >= OF15 || command == GROUP_COMMAND_INSERT_BUCKET ||
		command == GROUP_COMMAND_REMOVE_BUCKET || strstr(text, "selection_method");
}

int group_parse(
	struct of_group_mod *mod,
	uint16_t command,
	uint8_t version,
	const char *text,
	const struct names *names,
	struct errbuf *err
)
{
	struct parser *p = XNEW(struct parser);
	char *copy = xstrdup(text);
	char *rest = action_take_command(copy, commands, ARRAY_LENGTH(commands), &command);
	int error;

	*mod = (struct of_group_mod){
		.command = command,
		.group_id = ID_ALL,
		.command_bucket_id =
			command == GROUP_COMMAND_INSERT_BUCKET ? BUCKET_LAST : BUCKET_ALL,
	};
	mod->numbered = needs_numbers(command, version, rest);
	p->mod = mod;
	p->names = names;
	p->err = err;
	match_init(&p->fields, NULL);
	wire_out_init(&p->buckets, version);
	wire_out_init(&p->properties, version);
	error = parse_all(p, rest);
	if (!error)
		error = action_check_lost(&p->buckets, err);
	put_method(p);
	mod->buckets = (struct wire_bytes){p->buckets.data, (uint32_t)p->buckets.n, version};
	mod->properties =
		(struct wire_bytes){p->properties.data, (uint32_t)p->properties.n, version};
	free(copy);
	free(p);
	return error;
}

const struct message_type *group_message(const struct of_group_mod *mod)
{
	return mod->numbered && mod->buckets.version < OF15 ? &of_nx_group_mod_type
							    : &of_group_mod_type;
}

void group_text_fini(struct of_group_mod *mod)
{
	free((void *)(uintptr_t)mod->buckets.data);
	free((void *)(uintptr_t)mod->properties.data);
	*mod = (struct of_group_mod){0};
}

/* Formatting. */

static void format_method(struct wire_in *in, const struct names *names, struct strbuf *out)
{
	const struct value_context context = {.names = names};
	char method[METHOD_SIZE + 1];
	uint64_t param;
	bool open = false;

	wire_skip(in, 4);
	wire_string(in, method, METHOD_SIZE);
	param = wire_u64(in);
	strbuf_addf(out, ",selection_method=%s", method);
	if (param)
		strbuf_addf(out, ",selection_method_param=%llu", (unsigned long long)param);
	while (!in->error && wire_left(in) >= 4) {
		struct oxm_header header = oxm_take_header(in);
		struct wire_bytes value = wire_take(in, header.length, OF_BMC_BAD_LEN);
		uint8_t ones[FIELD_MAX_SIZE];

		if (in->error || !header.field || value.n != header.field->size)
			break;
		strbuf_add(out, open ? "," : ",fields(");
		open = true;
		field_all_ones(header.field, NULL, ones);
		if (!memcmp(ones, value.data, value.n)) {
			strbuf_add(out, header.field->name);
			continue;
		}
		strbuf_addf(out, "%s=", header.field->name);
		value_format(header.field, &context, value.data, NULL, out);
	}
	if (open)
		strbuf_add_char(out, ')');
}

static void
format_properties(struct wire_bytes bytes, const struct names *names, struct strbuf *out)
{
	struct wire_in list = wire_in(bytes.data, bytes.n, bytes.version), body;
	uint16_t type;

	while (wire_property(&list, &type, &body))
		if (type == PROPERTY_EXPERIMENTER && wire_u32(&body) == VENDOR_NETRONOME &&
		    wire_u32(&body) == SELECTION_METHOD)
			format_method(&body, names, out);
}

/* What OpenFlow 1.5 says in properties. */
static void take_properties(struct of_bucket *bucket)
{
	struct wire_in list =
		wire_in(bucket->properties.data, bucket->properties.n, bucket->properties.version);
	struct wire_in body;
	uint16_t type;

	bucket->watch_port = bucket->watch_group = UINT32_MAX;
	while (wire_property(&list, &type, &body))
		if (type == PROPERTY_WEIGHT)
			bucket->weight = wire_u16(&body);
		else if (type == PROPERTY_WATCH_PORT)
			bucket->watch_port = wire_u32(&body);
		else if (type == PROPERTY_WATCH_GROUP)
			bucket->watch_group = wire_u32(&body);
}

static void format_bucket(
	const struct of_bucket *bucket,
	uint8_t type,
	bool numbered,
	const struct names *names,
	struct strbuf *out
)
{
	strbuf_add(out, ",bucket=");
	if (numbered)
		strbuf_addf(out, "bucket_id:%u,", bucket->bucket_id);
	if (bucket->weight != (type == TYPE_SELECT))
		strbuf_addf(out, "weight:%u,", bucket->weight);
	if (bucket->watch_port != PORT_ANY) {
		strbuf_add(out, "watch_port:");
		names_format_port(names, bucket->watch_port, out);
		strbuf_add_char(out, ',');
	}
	if (bucket->watch_group != UINT32_MAX)
		strbuf_addf(out, "watch_group:%u,", bucket->watch_group);
	strbuf_add(out, "actions=");
	actions_format(&bucket->actions, names, out);
}

void group_format(const struct of_group_desc *group, const struct names *names, struct strbuf *out)
{
	struct wire_in list =
		wire_in(group->buckets.data, group->buckets.n, group->buckets.version);
	struct of_bucket bucket = {0};

	strbuf_addf(out, "group_id=%u", group->group_id);
	if (group_type_name(group->type))
		strbuf_addf(out, ",type=%s", group_type_name(group->type));
	format_properties(group->properties, names, out);
	while (group->numbered ? of_nx_bucket_next(&list, &bucket) : of_bucket_next(&list, &bucket)
	) {
		if (group->numbered) {
			bucket.weight = group->type == TYPE_SELECT;
			take_properties(&bucket);
		}
		format_bucket(&bucket, group->type, group->numbered, names, out);
	}
	of_bucket_fini(&bucket);
}

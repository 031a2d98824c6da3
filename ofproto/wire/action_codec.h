/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files in actions/ share: headers on the wire, pieces of text, plain values.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/flow/subfield.h"
#include "lib/types.h"
#include "ofproto/wire/action.h"
#include "ofproto/wire/wire.h"

/* An action that is a number (or address). */
struct action_value {
	struct action action;
	uint64_t value;
};

/* A word such as "add", with which a line of a file of flows or groups may begin. */
struct command_word {
	const char *name;
	uint16_t command;
};

/* Any thread. */

/* The encoding for the writer's version; OpenFlow's own before a vendor's. NULL if there is none.
 */
const struct action_wire *action_wire_for(const struct action_type *type, uint8_t version);
/* Writes the header; action_put_end() pads and writes the length. */
size_t action_put_begin(struct wire_out *out, const struct action_wire *wire);
size_t action_put_nx(struct wire_out *out, uint16_t subtype);
void action_put_end(struct wire_out *out, size_t start);

/* For .decode and so on of actions without arguments and of those with one number. */
void action_void_decode(
	struct wire_in *in,
	const struct action_type *type,
	const struct action_wire *wire,
	struct action_list *list
);
void action_void_encode(struct wire_out *out, const struct action *action);
int action_void_parse(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
);
void action_void_format(const struct action *action, const struct names *names, struct strbuf *out);
void action_value_decode(
	struct wire_in *in,
	const struct action_type *type,
	const struct action_wire *wire,
	struct action_list *list
);
/* In a version without the action it becomes a set_field of the type's field, if it has one. */
void action_value_encode(struct wire_out *out, const struct action *action);
int action_value_parse(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
);
void action_value_format(
	const struct action *action, const struct names *names, struct strbuf *out
);
/* Refuses a field action on a match that lacks the field. */
enum of_error action_value_check(const struct action *action, struct action_check *check);
/* The same for any field: writable, and what it needs is matched. */
enum of_error action_check_field(const struct field *field, struct action_check *check, bool write);

/* The action gives the packet another Ethernet type (0: an unknown one); what the match said about
 * headers behind the old one is void. */
void action_check_becomes(struct action_check *check, uint16_t eth_type);

/* "key=value,flag,key(value)": cuts one off '*rest' (which is changed). False at the end. A word
 * without a value has NULL. */
bool action_next_argument(char **rest, char **key, char **value);
/* Returns what is behind the first word of 'text', and in 'command' what that means; or all of 'text' if it is
 * none of the 'n' words. */
char *
action_take_command(char *text, const struct command_word *words, size_t n, uint16_t *command);
/* Pairs of hex digits, with dots between if one likes; and back, with dots. */
bool action_parse_hex(const char *text, uint8_t *bytes, size_t size, size_t *n);
void action_format_hex(const uint8_t *bytes, size_t n, struct strbuf *out);
/* An unsigned number up to 'max'. */
int action_number(
	const char *what, const char *text, uint64_t max, uint64_t *number, struct errbuf *err
);

#define ACTION_VOID(type_id, ...)                                                                  \
	static const struct action_type action_##type_id = {                                       \
		.size = sizeof(struct action),                                                     \
		.decode = action_void_decode,                                                      \
		.encode = action_void_encode,                                                      \
		.parse = action_void_parse,                                                        \
		.format = action_void_format,                                                      \
		__VA_ARGS__};                                                                      \
	REGISTRY_ADD(action_type, action_##type_id)

/* An action of one value with an encoder and a check of its own. */
#define ACTION_VALUE_WITH(type_id, encode_fn, check_fn, ...)                                       \
	static const struct action_type action_##type_id = {                                       \
		.size = sizeof(struct action_value),                                               \
		.decode = action_value_decode,                                                     \
		.encode = encode_fn,                                                               \
		.parse = action_value_parse,                                                       \
		.format = action_value_format,                                                     \
		.check = check_fn,                                                                 \
		__VA_ARGS__};                                                                      \
	REGISTRY_ADD(action_type, action_##type_id)

#define ACTION_VALUE(type_id, ...)                                                                 \
	ACTION_VALUE_WITH(type_id, action_value_encode, action_value_check, __VA_ARGS__)

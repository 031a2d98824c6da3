/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Messages: from the bytes of a connection to one of the structs in messages.h, and back.
 *
 *	struct message_head head;
 *	union message_body body = {0};
 *	enum of_error error = message_decode(bytes, n, tlv, &head, &body);
 *	if (!error && head.type->id == MESSAGE_FLOW_MOD) … body.flow_mod …
 *	message_fini(&head, &body);
 *
 * messages.h is made at build time from desc/messages.of.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "ofproto/wire/error.h"

struct message_type;
struct names;
struct strbuf;
struct tlv_map;
struct wire_in;
struct wire_out;
union message_body;

enum {
	MESSAGE_HEAD_SIZE = 8
};

/* Where a message's number stands. */
enum message_kind {
	MESSAGE_KIND_TYPE,
	MESSAGE_KIND_REQUEST, /* multipart (statistics) */
	MESSAGE_KIND_REPLY,
	MESSAGE_KIND_NX, /* Nicira's and the ONF's experimenter messages */
	MESSAGE_KIND_ONF,
	MESSAGE_KIND_NXREQUEST, /* and multiparts */
	MESSAGE_KIND_NXREPLY,
	MESSAGE_KIND_ONFREQUEST,
	MESSAGE_KIND_ONFREPLY,
};

struct message_wire {
	uint8_t first, last; /* versions */
	uint8_t kind;
	uint16_t min_size; /* after the header */
	uint32_t number;
};

/* How a member is printed. */
enum message_field_kind {
	MESSAGE_NOTHING,
	MESSAGE_U8,
	MESSAGE_U16,
	MESSAGE_U32,
	MESSAGE_U64,
	MESSAGE_PORT,
	MESSAGE_MAC,
	MESSAGE_STRING,
	MESSAGE_BYTES,
	MESSAGE_MATCH,
	MESSAGE_ACTIONS,
	MESSAGE_LIST,
	MESSAGE_STRUCT,
};

struct message_field {
	enum message_field_kind kind;
	const char *name;
	size_t offset;
	const struct message_type *of; /* of a list or struct */
};

struct message_type {
	const char *name;
	unsigned id; /* enum message_id */
	const struct message_wire *wires;
	unsigned n_wires;
	size_t size; /* of the C struct */
	void (*decode)(struct wire_in *in, void *m);
	void (*encode)(struct wire_out *out, const void *m);
	void (*fini)(void *m);
	const struct message_field *fields;
	unsigned n_fields;
};

struct message_head {
	const struct message_type *type; /* NULL when it is none we know */
	uint32_t xid;
	uint8_t version;
	bool more; /* a multipart's further parts follow */
};

/* Several replies of one multipart: elements are appended, parts begin as needed. */
struct message_parts {
	struct wire_out *out;
	const struct message_type *type;
	uint32_t xid;
	size_t start; /* of this part */
	size_t first; /* where its elements begin */
	size_t last; /* where the last element ended */
};

/* Any thread. */

/* The length that the first 8 bytes of a message claim. */
size_t message_length(const uint8_t *data);

/* Decodes a whole message. 'body' must be zeroed or have been used before; message_fini() frees
 * what it owns, also after an error. Runs of bytes in it point into 'data'. */
enum of_error message_decode(
	const uint8_t *data,
	size_t n,
	const struct tlv_map *tlv,
	struct message_head *head,
	union message_body *body
);
void message_fini(const struct message_head *head, union message_body *body);

/* Whether the version has the message. */
bool message_has_version(const struct message_type *type, uint8_t version);
/* Appends a whole message; 'body' points to the type's struct. */
void message_encode(
	struct wire_out *out, const struct message_type *type, uint32_t xid, const void *body
);
/* For messages that are written piece by piece: the header, then after the rest its length. */
size_t message_begin(struct wire_out *out, const struct message_type *type, uint32_t xid);
void message_end(struct wire_out *out, size_t start);

void message_parts_begin(
	struct message_parts *parts,
	struct wire_out *out,
	const struct message_type *type,
	uint32_t xid
);
/* After each element that was appended to parts->out. */
void message_parts_next(struct message_parts *parts);
void message_parts_end(struct message_parts *parts);
/* Ends this part; the next begins with message_parts_begin(), later. One without elements is none. */
void message_parts_pause(struct message_parts *parts);

/* Text for people, "flow_mod (OF1.3) (xid=0x5): …", and JSON. */
void message_format(
	const struct message_head *head,
	const union message_body *body,
	const struct names *names,
	struct strbuf *out
);
json_t *message_json(
	const struct message_head *head, const union message_body *body, const struct names *names
);
/* "OF1.3" */
const char *message_version_name(uint8_t version);

/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/message.h"

#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "lib/flow/field.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/messages.h"

enum {
	TYPE_ERROR = 1,
	TYPE_VENDOR = 4,
	STATS_REQUEST_10 = 16, /* the reply is one more */
	STATS_REQUEST = 18,
	STATS_VENDOR = 0xffff,
	STATS_MORE = 1,
	INDEX_SIZE = 4096,
};

/* Open addressing: (version, kind, number) → the type and its layout. */
static struct {
	const struct message_type *type;
	const struct message_wire *wire;
	uint8_t version;
} message_index[INDEX_SIZE];
static once_flag index_once = ONCE_FLAG_INIT;

static uint32_t hash_id(uint8_t version, enum message_kind kind, uint32_t number)
{
	return ((uint32_t)version << 20 ^ (uint32_t)kind << 14 ^ number) * 2654435761U >> 20;
}

static void
index_put(const struct message_type *type, const struct message_wire *wire, uint8_t version)
{
	uint32_t slot = hash_id(version, wire->kind, wire->number) % INDEX_SIZE;

	while (message_index[slot].type)
		slot = (slot + 1) % INDEX_SIZE;
	message_index[slot].type = type;
	message_index[slot].wire = wire;
	message_index[slot].version = version;
}

static void index_build(void)
{
	for (unsigned i = 0; i < MESSAGES; i++) {
		const struct message_type *type = message_types[i];

		for (unsigned j = 0; j < type->n_wires; j++)
			for (uint8_t v = type->wires[j].first; v <= type->wires[j].last; v++)
				index_put(type, &type->wires[j], v);
	}
}

static const struct message_type *find_type(
	uint8_t version, enum message_kind kind, uint32_t number, const struct message_wire **wire
)
{
	call_once(&index_once, index_build);
	for (uint32_t slot = hash_id(version, kind, number) % INDEX_SIZE; message_index[slot].type;
	     slot = (slot + 1) % INDEX_SIZE)
		if (message_index[slot].version == version &&
		    message_index[slot].wire->kind == kind &&
		    message_index[slot].wire->number == number) {
			*wire = message_index[slot].wire;
			return message_index[slot].type;
		}
	return NULL;
}

static const struct message_wire *find_wire(const struct message_type *type, uint8_t version)
{
	for (unsigned i = 0; i < type->n_wires; i++)
		if (type->wires[i].first <= version && version <= type->wires[i].last)
			return &type->wires[i];
	return NULL;
}

bool message_has_version(const struct message_type *type, uint8_t version)
{
	return find_wire(type, version) != NULL;
}

size_t message_length(const uint8_t *data)
{
	return field_number(data + 2, 2);
}

static uint8_t stats_type(uint8_t version, bool reply)
{
	return (uint8_t)((version == OF10 ? STATS_REQUEST_10 : STATS_REQUEST) + reply);
}

/* The vendor's number and subtype behind an experimenter header. */
static enum of_error
read_vendor(struct wire_in *in, bool stats, enum message_kind *kind, uint32_t *number)
{
	uint32_t vendor = wire_u32(in);
	enum message_kind base = *kind;

	*number = wire_u32(in);
	if (stats && in->version == OF10)
		wire_skip(in, 4);
	if (in->error)
		return OF_BRC_BAD_LEN;
	if (vendor != OF_VENDOR_NICIRA && vendor != OF_VENDOR_ONF)
		return OF_BRC_BAD_EXPERIMENTER;
	*kind = vendor == OF_VENDOR_NICIRA ? MESSAGE_KIND_NX : MESSAGE_KIND_ONF;
	if (stats && vendor == OF_VENDOR_NICIRA)
		*kind = base == MESSAGE_KIND_REQUEST ? MESSAGE_KIND_NXREQUEST
						     : MESSAGE_KIND_NXREPLY;
	else if (stats)
		*kind = base == MESSAGE_KIND_REQUEST ? MESSAGE_KIND_ONFREQUEST
						     : MESSAGE_KIND_ONFREPLY;
	return OF_OK;
}

/* Reads the headers up to the body and finds the type. */
static enum of_error
identify(struct wire_in *in, struct message_head *head, const struct message_wire **wire)
{
	enum message_kind kind = MESSAGE_KIND_TYPE;
	uint32_t number = in->p[1];
	bool is_stats, is_vendor = number == TYPE_VENDOR;
	enum of_error error;

	in->p += MESSAGE_HEAD_SIZE;
	is_stats =
		number == stats_type(in->version, false) || number == stats_type(in->version, true);
	if (is_stats) {
		kind = number == stats_type(in->version, false) ? MESSAGE_KIND_REQUEST
								: MESSAGE_KIND_REPLY;
		number = wire_u16(in);
		head->more = wire_u16(in) & STATS_MORE;
		if (in->version != OF10)
			wire_skip(in, 4);
		if (in->error)
			return OF_BRC_BAD_LEN;
		is_vendor = number == STATS_VENDOR;
	}
	if (is_vendor) {
		error = read_vendor(in, is_stats, &kind, &number);
		if (error)
			return error;
	}
	head->type = find_type(in->version, kind, number, wire);
	if (head->type)
		return OF_OK;
	if (is_vendor)
		return OF_BRC_BAD_EXP_TYPE;
	return is_stats ? OF_BRC_BAD_MULTIPART : OF_BRC_BAD_TYPE;
}

enum of_error message_decode(
	const uint8_t *data,
	size_t n,
	const struct tlv_map *tlv,
	struct message_head *head,
	union message_body *body
)
{
	const struct message_wire *wire;
	struct wire_in in;
	enum of_error error;

	*head = (struct message_head){0};
	if (n < MESSAGE_HEAD_SIZE || message_length(data) != n)
		return OF_BRC_BAD_LEN;
	head->version = data[0];
	head->xid = (uint32_t)field_number(data + 4, 4);
	if (head->version < OF10 || head->version > OF15)
		return OF_BRC_BAD_VERSION;
	in = wire_in(data, n, head->version);
	in.tlv = tlv;
	error = identify(&in, head, &wire);
	if (error)
		return error;
	if (wire_left(&in) < wire->min_size)
		return OF_BRC_BAD_LEN;
	head->type->decode(&in, body);
	if (in.error)
		return in.error;
	return wire_left(&in) ? OF_BRC_BAD_LEN : OF_OK;
}

void message_fini(const struct message_head *head, union message_body *body)
{
	if (head->type)
		head->type->fini(body);
}

size_t message_begin(struct wire_out *out, const struct message_type *type, uint32_t xid)
{
	const struct message_wire *wire = find_wire(type, out->version);
	enum message_kind kind = wire ? wire->kind : MESSAGE_KIND_TYPE;
	bool is_reply = kind == MESSAGE_KIND_REPLY || kind == MESSAGE_KIND_NXREPLY ||
		kind == MESSAGE_KIND_ONFREPLY;
	bool is_onf = kind == MESSAGE_KIND_ONF || kind == MESSAGE_KIND_ONFREQUEST ||
		kind == MESSAGE_KIND_ONFREPLY;
	bool is_vendor = kind >= MESSAGE_KIND_NX;
	bool is_stats = kind == MESSAGE_KIND_REQUEST || kind == MESSAGE_KIND_REPLY ||
		kind >= MESSAGE_KIND_NXREQUEST;
	uint8_t number = wire ? (uint8_t)wire->number : TYPE_ERROR;
	size_t start = out->n;

	if (is_stats)
		number = stats_type(out->version, is_reply);
	else if (is_vendor)
		number = TYPE_VENDOR;
	wire_put_u8(out, out->version);
	wire_put_u8(out, number);
	wire_put_u16(out, 0);
	wire_put_u32(out, xid);
	if (is_stats) {
		wire_put_u16(out, is_vendor ? STATS_VENDOR : (uint16_t)wire->number);
		wire_put_u16(out, 0);
		if (out->version != OF10)
			wire_put_zeros(out, 4);
	}
	if (is_vendor) {
		wire_put_u32(out, is_onf ? OF_VENDOR_ONF : OF_VENDOR_NICIRA);
		wire_put_u32(out, wire->number);
		if (is_stats && out->version == OF10)
			wire_put_zeros(out, 4);
	}
	return start;
}

void message_end(struct wire_out *out, size_t start)
{
	wire_patch_u16(out, start + 2, start);
}

void message_encode(
	struct wire_out *out, const struct message_type *type, uint32_t xid, const void *body
)
{
	size_t start = message_begin(out, type, xid);

	type->encode(out, body);
	message_end(out, start);
}

void message_parts_begin(
	struct message_parts *parts,
	struct wire_out *out,
	const struct message_type *type,
	uint32_t xid
)
{
	*parts = (struct message_parts){.out = out, .type = type, .xid = xid};
	parts->start = message_begin(out, type, xid);
	parts->first = parts->last = out->n;
}

/* Ends a part that others follow. */
static void end_part(struct message_parts *parts)
{
	parts->out->data[parts->start + MESSAGE_HEAD_SIZE + 3] |= STATS_MORE;
	message_end(parts->out, parts->start);
}

/* What no longer fits moves to a new part. */
void message_parts_next(struct message_parts *parts)
{
	struct wire_out *out = parts->out;
	size_t n = out->n - parts->last;
	uint8_t *element;

	if (out->n - parts->start <= WIRE_MAX_SIZE) {
		parts->last = out->n;
		return;
	}
	element = xmalloc(n);
	memcpy(element, out->data + parts->last, n);
	out->n = parts->last;
	end_part(parts);
	parts->start = message_begin(out, parts->type, parts->xid);
	parts->first = out->n;
	wire_put(out, element, n);
	free(element);
	parts->last = out->n;
}

void message_parts_end(struct message_parts *parts)
{
	message_end(parts->out, parts->start);
}

void message_parts_pause(struct message_parts *parts)
{
	if (parts->last == parts->first)
		parts->out->n = parts->start;
	else
		end_part(parts);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/wire.h"

#include <stdlib.h>
#include <string.h>

#include "lib/flow/field.h"
#include "lib/xmalloc.h"

void wire_fail(struct wire_in *in, enum of_error error)
{
	if (!in->error)
		in->error = error;
	in->p = in->end;
}

uint32_t wire_port(struct wire_in *in)
{
	return in->version == OF10 ? field_port_from16(wire_u16(in)) : wire_u32(in);
}

struct mac wire_mac(struct wire_in *in)
{
	struct mac mac = {{0}};
	struct wire_bytes bytes = wire_take(in, 6, OF_BRC_BAD_LEN);

	if (bytes.n)
		memcpy(mac.bytes, bytes.data, 6);
	return mac;
}

void wire_skip(struct wire_in *in, size_t n)
{
	wire_take(in, n, OF_BRC_BAD_LEN);
}

void wire_string(struct wire_in *in, char *text, size_t n)
{
	struct wire_bytes bytes = wire_take(in, n, OF_BRC_BAD_LEN);

	memset(text, 0, n + 1);
	if (bytes.n)
		memcpy(text, bytes.data, n);
}

struct wire_bytes wire_take(struct wire_in *in, size_t n, enum of_error error)
{
	struct wire_bytes bytes = {.data = in->p, .version = in->version};

	if (wire_left(in) < n) {
		wire_fail(in, error);
		return bytes;
	}
	bytes.n = (uint32_t)n;
	in->p += n;
	return bytes;
}

struct wire_bytes wire_rest(struct wire_in *in)
{
	return wire_take(in, wire_left(in), OF_BRC_BAD_LEN);
}

struct wire_in wire_sub(struct wire_in *in, size_t n, enum of_error error)
{
	struct wire_bytes bytes = wire_take(in, n, error);
	struct wire_in sub = *in;

	sub.p = bytes.data;
	sub.end = bytes.data + bytes.n;
	return sub;
}

bool wire_property(struct wire_in *list, uint16_t *type, struct wire_in *body)
{
	size_t length, padded;

	if (!wire_left(list))
		return false;
	if (wire_left(list) < 4) {
		wire_fail(list, OF_BPC_BAD_LEN);
		return false;
	}
	*type = (uint16_t)field_number(list->p, 2);
	length = field_number(list->p + 2, 2);
	padded = (length + 7) / 8 * 8;
	/* The last one's padding may be missing: some controllers forget it. */
	if (padded > wire_left(list) && length == wire_left(list))
		padded = length;
	if (length < 4 || padded > wire_left(list)) {
		wire_fail(list, OF_BPC_BAD_LEN);
		return false;
	}
	*body = *list;
	body->p += 4;
	body->end = list->p + length;
	list->p += padded;
	return true;
}

void wire_out_init(struct wire_out *out, uint8_t version)
{
	*out = (struct wire_out){.version = version};
}

void wire_out_fini(struct wire_out *out)
{
	free(out->data);
	wire_out_init(out, out->version);
}

static void grow(struct wire_out *out, size_t n)
{
	size_t size = out->size ? out->size : 256;

	while (size < out->n + n)
		size *= 2;
	out->data = xrealloc(out->data, size);
	out->size = size;
}

/* Room for 'n' bytes, to be written. */
static uint8_t *put_room(struct wire_out *out, size_t n)
{
	if (out->n + n > out->size)
		grow(out, n);
	out->n += n;
	return out->data + out->n - n;
}

uint8_t *wire_put_zeros(struct wire_out *out, size_t n)
{
	uint8_t *at = put_room(out, n);

	if (n)
		memset(at, 0, n);
	return at;
}

void wire_put(struct wire_out *out, const void *data, size_t n)
{
	uint8_t *at = put_room(out, n);

	if (n)
		memcpy(at, data, n);
}

void wire_put_u8(struct wire_out *out, uint8_t value)
{
	*put_room(out, 1) = value;
}

void wire_put_u16(struct wire_out *out, uint16_t value)
{
	value = __builtin_bswap16(value);
	memcpy(put_room(out, 2), &value, 2);
}

void wire_put_u32(struct wire_out *out, uint32_t value)
{
	value = __builtin_bswap32(value);
	memcpy(put_room(out, 4), &value, 4);
}

void wire_put_u64(struct wire_out *out, uint64_t value)
{
	value = __builtin_bswap64(value);
	memcpy(put_room(out, 8), &value, 8);
}

void wire_put_port(struct wire_out *out, uint32_t port)
{
	if (out->version == OF10)
		wire_put_u16(out, field_port_to16(port));
	else
		wire_put_u32(out, port);
}

void wire_put_mac(struct wire_out *out, struct mac mac)
{
	wire_put(out, mac.bytes, 6);
}

void wire_put_string(struct wire_out *out, const char *text, size_t n)
{
	uint8_t *at = wire_put_zeros(out, n);

	memcpy(at, text, strnlen(text, n));
}

void wire_put_bytes(struct wire_out *out, const struct wire_bytes *bytes)
{
	wire_put(out, bytes->data, bytes->n);
}

void wire_pad8(struct wire_out *out, size_t start)
{
	wire_put_zeros(out, -(out->n - start) & 7);
}

void wire_patch_u16(struct wire_out *out, size_t at, size_t start)
{
	field_put_number(out->data + at, 2, out->n - start);
}

size_t wire_property_begin(struct wire_out *out, uint16_t type)
{
	size_t start = out->n;

	wire_put_u16(out, type);
	wire_put_u16(out, 0);
	return start;
}

void wire_property_end(struct wire_out *out, size_t start)
{
	wire_patch_u16(out, start + 2, start);
	wire_pad8(out, start);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading and writing OpenFlow's bytes.
 *
 * A reader never runs over its end: what is missing reads as zero and leaves an error behind, which
 * the caller looks at once, at the end. A writer grows. Everything below this folder's messages is
 * built on the two.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/types.h"
#include "ofproto/wire/error.h"

struct match;
struct tlv_map;

/* Versions as they stand in a message's first byte. */
enum {
	OF10 = 1,
	OF11,
	OF12,
	OF13,
	OF14,
	OF15,
};

enum {
	OF_VENDOR_NICIRA = 0x00002320,
	OF_VENDOR_ONF = 0x4f4e4600,
	WIRE_MAX_SIZE = 65535, /* of one message */
};

struct wire_in {
	const uint8_t *p, *end;
	const struct tlv_map *tlv; /* where tunnel options go in matches; may be NULL */
	enum of_error error; /* the first one */
	uint8_t version;
	uint8_t depth; /* of actions inside actions */
};

struct wire_out {
	uint8_t *data;
	size_t n, size;
	uint8_t version;
	/* The match that the actions being written belong to, or NULL: old actions become newer
	 * ones according to it. */
	const struct match *match;
	/* The first action that the version has no way to say, or NULL. */
	const char *lost;
};

/* A run of bytes inside a message that somebody else owns: a list of structures, properties, data.
 */
struct wire_bytes {
	const uint8_t *data;
	uint32_t n;
	uint8_t version;
};

/* Any thread. */

static inline struct wire_in wire_in(const void *data, size_t n, uint8_t version)
{
	return (struct wire_in){
		.p = data,
		.end = n ? (const uint8_t *)data + n : data,
		.version = version,
	};
}

static inline size_t wire_left(const struct wire_in *in)
{
	return (size_t)(in->end - in->p);
}

void wire_fail(struct wire_in *in, enum of_error error);

/* The next 'n' bytes, at most 8, at the beginning of a word. */
static inline uint64_t wire_number(struct wire_in *in, size_t n)
{
	uint64_t number = 0;

	if (wire_left(in) < n) {
		wire_fail(in, OF_BRC_BAD_LEN);
		return 0;
	}
	memcpy(&number, in->p, n);
	in->p += n;
	return number;
}

static inline uint8_t wire_u8(struct wire_in *in)
{
	return (uint8_t)wire_number(in, 1);
}

static inline uint16_t wire_u16(struct wire_in *in)
{
	return __builtin_bswap16((uint16_t)wire_number(in, 2));
}

static inline uint32_t wire_u32(struct wire_in *in)
{
	return __builtin_bswap32((uint32_t)wire_number(in, 4));
}

static inline uint64_t wire_u64(struct wire_in *in)
{
	return __builtin_bswap64(wire_number(in, 8));
}

/* 16 bits in OpenFlow 1.0, else 32; 32 bits in any case in memory. */
uint32_t wire_port(struct wire_in *in);
struct mac wire_mac(struct wire_in *in);
void wire_skip(struct wire_in *in, size_t n);
/* 'n' bytes and a terminating NUL. */
void wire_string(struct wire_in *in, char *text, size_t n);
/* The next 'n' bytes; fails with 'error' when there are fewer. */
struct wire_bytes wire_take(struct wire_in *in, size_t n, enum of_error error);
struct wire_bytes wire_rest(struct wire_in *in);
/* A reader over the next 'n' bytes, which 'in' skips. */
struct wire_in wire_sub(struct wire_in *in, size_t n, enum of_error error);
/* A property (or any TLV with 16-bit type and length, padded to 8): its type and a reader over what
 * follows the length. False at the end or when malformed, which 'list->error' tells apart. */
bool wire_property(struct wire_in *list, uint16_t *type, struct wire_in *body);

void wire_out_init(struct wire_out *out, uint8_t version);
void wire_out_fini(struct wire_out *out);
/* Room for 'n' bytes, zeroed and counted in. */
uint8_t *wire_put_zeros(struct wire_out *out, size_t n);
void wire_put(struct wire_out *out, const void *data, size_t n);
void wire_put_u8(struct wire_out *out, uint8_t value);
void wire_put_u16(struct wire_out *out, uint16_t value);
void wire_put_u32(struct wire_out *out, uint32_t value);
void wire_put_u64(struct wire_out *out, uint64_t value);
void wire_put_port(struct wire_out *out, uint32_t port);
void wire_put_mac(struct wire_out *out, struct mac mac);
void wire_put_string(struct wire_out *out, const char *text, size_t n);
void wire_put_bytes(struct wire_out *out, const struct wire_bytes *bytes);
/* Zeros up to a multiple of 8 bytes since 'start'. */
void wire_pad8(struct wire_out *out, size_t start);
/* Writes the bytes since 'start' as a length at 'at'. */
void wire_patch_u16(struct wire_out *out, size_t at, size_t start);
/* Between these stands what a property (see wire_property()) holds. The first returns what the second
 * wants as 'start'. */
size_t wire_property_begin(struct wire_out *out, uint16_t type);
void wire_property_end(struct wire_out *out, size_t start);

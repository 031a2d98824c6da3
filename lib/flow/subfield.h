/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Subfields: a run of bits of a field, "reg0[0..15]" or "NXM_OF_IN_PORT[]".  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/flow/key.h"

struct errbuf;
struct field;
struct strbuf;
struct tlv_map;

struct subfield {
	const struct field *field;
	uint16_t first; /* the lowest bit */
	uint16_t bits;
};

/* Any thread. */

/* Parses all of 'text'. A field without brackets means all its bits. */
int subfield_parse(struct subfield *sub, const char *text, struct errbuf *err);
/* With the OXM name, as dumps of actions write it: "NXM_NX_REG0[0..15]". */
void subfield_format(const struct subfield *sub, struct strbuf *out);
/* Whether the bits are among the field's. */
bool subfield_is_valid(const struct subfield *sub);

/* The bits as a number, right-aligned in 'value' (FIELD_MAX_SIZE bytes, network order), and back.
 */
void subfield_get(
	const struct subfield *sub, const struct tlv_map *map, const struct key *key, uint8_t *value
);
void subfield_set(
	const struct subfield *sub, const struct tlv_map *map, struct key *key, const uint8_t *value
);
/* Copies the lowest 'n' bits of 'src' to 'dst' at bit 'dst_first'; both in network order. */
void subfield_copy_bits(
	uint8_t *dst,
	unsigned dst_size,
	unsigned dst_first,
	const uint8_t *src,
	unsigned src_size,
	unsigned n
);

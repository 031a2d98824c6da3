/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Values of fields as text: addresses, numbers, flags, with or without a mask.  */

#include <stdbool.h>
#include <stdint.h>

struct errbuf;
struct field;
struct names;
struct strbuf;
struct tlv_map;

enum {
	VALUE_TEXT_SIZE = 600 /* holds the text of any value with its mask */
};

/* What surrounds a value: where its tunnel options are bound, and names. Both may be NULL. */
struct value_context {
	struct tlv_map *map;
	const struct names *names;
};

/* Any thread. */

/* Parses "value" or "value/mask" as 'field' is written, both field_size() bytes. Without a mask,
 * 'mask' becomes all ones. A tunnel option that is not bound yet becomes so, to as many bytes as
 * digits were given. 'err' speaks of the value; who knows the field's name as typed puts it in
 * front. */
int value_parse(
	const struct field *field,
	const struct value_context *context,
	const char *text,
	uint8_t *value,
	uint8_t *mask,
	struct errbuf *err
);

/* The reverse; 'mask' NULL means an exact value. */
void value_format(
	const struct field *field,
	const struct value_context *context,
	const uint8_t *value,
	const uint8_t *mask,
	struct strbuf *out
);

/* "a:b:c…" with one or two digits each. */
bool value_parse_mac(const char *text, uint8_t *bytes);
void value_format_mac(const uint8_t *bytes, struct strbuf *out);
/* A number of up to 'size' bytes, decimal or 0x…; false if it is none or too large. */
bool value_parse_number(const char *text, uint8_t *value, unsigned size);
/* How many leading bits are set, or -1 if not all set bits are leading. */
int value_prefix(const uint8_t *mask, unsigned size);

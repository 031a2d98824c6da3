/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/subfield.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"

bool subfield_is_valid(const struct subfield *sub)
{
	return sub->bits && (unsigned)sub->first + sub->bits <= sub->field->bits;
}

int subfield_parse(struct subfield *sub, const char *text, struct errbuf *err)
{
	const struct field *named;
	char name[64];
	size_t n = strcspn(text, "[");
	unsigned first, last;
	int end = 0;

	if (n >= sizeof(name))
		return errbuf_set(err, -EINVAL, "%.40s…: unknown field", text);
	memcpy(name, text, n);
	name[n] = '\0';
	sub->field = field_find_numbered(name, err);
	if (!sub->field)
		return -EINVAL;
	sub->first = 0;
	/* "dl_vlan" has the id alone, the field that it stands for another bit. */
	named = field_find(name);
	sub->bits = named->bits;
	text += n;
	if (!*text || !strcmp(text, "[]"))
		return 0;
	if (sscanf(text, "[%u..%u]%n", &first, &last, &end) == 2 && end && !text[end]) {
	} else if (end = 0, sscanf(text, "[%u]%n", &first, &end) == 1 && end && !text[end]) {
		last = first;
	} else {
		return errbuf_set(
			err,
			-EINVAL,
			"%s%s: bits are written [FIRST..LAST], [BIT] or []",
			name,
			text
		);
	}
	if (last < first || last >= named->bits)
		return errbuf_set(
			err,
			-EINVAL,
			"%s%s: the field has bits 0 to %u",
			name,
			text,
			named->bits - 1U
		);
	sub->first = (uint16_t)first;
	sub->bits = (uint16_t)(last - first + 1);
	return 0;
}

void subfield_format(const struct subfield *sub, struct strbuf *out)
{
	char name[64];

	field_oxm_name(sub->field, name, sizeof(name));
	strbuf_add(out, name);
	if (!sub->first && sub->bits == sub->field->bits)
		strbuf_add(out, "[]");
	else if (sub->bits == 1)
		strbuf_addf(out, "[%u]", sub->first);
	else
		strbuf_addf(out, "[%u..%u]", sub->first, sub->first + sub->bits - 1U);
}

static bool get_bit(const uint8_t *bytes, unsigned size, unsigned bit)
{
	return bit < 8 * size && bytes[size - 1 - bit / 8] >> bit % 8 & 1;
}

void subfield_copy_bits(
	uint8_t *dst,
	unsigned dst_size,
	unsigned dst_first,
	const uint8_t *src,
	unsigned src_size,
	unsigned n
)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned at = dst_first + i;
		uint8_t bit = (uint8_t)(1U << at % 8);

		if (at >= 8 * dst_size)
			return;
		if (get_bit(src, src_size, i))
			dst[dst_size - 1 - at / 8] |= bit;
		else
			dst[dst_size - 1 - at / 8] &= (uint8_t)~bit;
	}
}

void subfield_get(
	const struct subfield *sub, const struct tlv_map *map, const struct key *key, uint8_t *value
)
{
	uint8_t all[FIELD_MAX_SIZE] = {0};
	unsigned size = field_size(sub->field, map);

	memset(value, 0, FIELD_MAX_SIZE);
	field_get(sub->field, map, key, all);
	for (unsigned i = 0; i < sub->bits; i++)
		if (get_bit(all, size, sub->first + i))
			value[FIELD_MAX_SIZE - 1 - i / 8] |= (uint8_t)(1U << i % 8);
}

void subfield_set(
	const struct subfield *sub, const struct tlv_map *map, struct key *key, const uint8_t *value
)
{
	uint8_t all[FIELD_MAX_SIZE] = {0};

	field_get(sub->field, map, key, all);
	subfield_copy_bits(
		all, field_size(sub->field, map), sub->first, value, FIELD_MAX_SIZE, sub->bits
	);
	field_set(sub->field, map, key, all);
}

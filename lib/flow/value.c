/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/flags.h"
#include "lib/flow/names.h"
#include "lib/flow/tlv.h"
#include "lib/mac.h"
#include "lib/near.h"
#include "lib/strbuf.h"

static const struct {
	const char *name;
	uint8_t value, mask;
} frags[] = {
	{"no", 0, KEY_FRAG_ANY},
	{"yes", KEY_FRAG_ANY, KEY_FRAG_ANY},
	{"first", KEY_FRAG_ANY, KEY_FRAG_ANY | KEY_FRAG_LATER},
	{"later", KEY_FRAG_LATER, KEY_FRAG_LATER},
	{"not_later", 0, KEY_FRAG_LATER},
	/* Other ways to say the same, which only the wire knows. */
	{"no", 0, KEY_FRAG_ANY | KEY_FRAG_LATER},
	{"later", KEY_FRAG_ANY | KEY_FRAG_LATER, KEY_FRAG_ANY | KEY_FRAG_LATER},
};

/* Numbers. */

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_hex(const char *digits, uint8_t *value, unsigned size)
{
	size_t n = strlen(digits);

	while (n > 1 && *digits == '0') {
		digits++;
		n--;
	}
	if (!n || n > 2 * (size_t)size)
		return false;
	memset(value, 0, size);
	for (size_t i = 0; i < n; i++) {
		int digit = hex_digit(digits[n - 1 - i]);

		if (digit < 0)
			return false;
		value[size - 1 - i / 2] |= (uint8_t)(i & 1 ? digit << 4 : digit);
	}
	return true;
}

bool value_parse_number(const char *text, uint8_t *value, unsigned size)
{
	unsigned long long number;
	char *end;

	if (text[0] == '0' && tolower((unsigned char)text[1]) == 'x')
		return parse_hex(text + 2, value, size);
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (*end || errno || (size < 8 && number >> (8 * size)))
		return false;
	memset(value, 0, size);
	field_put_number(value + (size > 8 ? size - 8 : 0), size > 8 ? 8 : size, number);
	return true;
}

static void format_hex(const uint8_t *value, unsigned size, struct strbuf *out)
{
	unsigned i = 0;

	while (i + 1 < size && !value[i])
		i++;
	strbuf_addf(out, i + 1 < size || (size && value[i]) ? "0x%x" : "%x", size ? value[i] : 0);
	while (++i < size)
		strbuf_addf(out, "%02x", value[i]);
}

int value_prefix(const uint8_t *mask, unsigned size)
{
	unsigned i = 0;

	while (i < 8 * size && (mask[i / 8] >> (7 - i % 8) & 1))
		i++;
	for (unsigned j = i; j < 8 * size; j++)
		if (mask[j / 8] >> (7 - j % 8) & 1)
			return -1;
	return (int)i;
}

static bool all_ones(const uint8_t *mask, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		if (mask[i] != 0xff)
			return false;
	return true;
}

/* Addresses. */

bool value_parse_mac(const char *text, uint8_t *bytes)
{
	struct mac mac;

	if (!mac_parse(text, &mac))
		return false;
	memcpy(bytes, mac.bytes, sizeof(mac.bytes));
	return true;
}

void value_format_mac(const uint8_t *bytes, struct strbuf *out)
{
	char text[MAC_TEXT_SIZE];
	struct mac mac;

	memcpy(mac.bytes, bytes, sizeof(mac.bytes));
	strbuf_add(out, mac_format(mac, text));
}

static void format_ip(const uint8_t *value, unsigned size, struct strbuf *out)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(size == 4 ? AF_INET : AF_INET6, value, text, sizeof(text));
	strbuf_add(out, text);
}

/* The mask of an address: a prefix length, or an address of its own. */
static bool parse_ip_mask(const char *text, uint8_t *mask, unsigned size)
{
	char *end;
	unsigned long length;

	if (inet_pton(size == 4 ? AF_INET : AF_INET6, text, mask) == 1)
		return true;
	if (!isdigit((unsigned char)*text))
		return false;
	length = strtoul(text, &end, 10);
	if (*end || length > 8UL * size)
		return false;
	for (unsigned i = 0; i < 8 * size; i++) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8);

		if (i % 8 == 0)
			mask[i / 8] = 0;
		if (i < length)
			mask[i / 8] |= bit;
	}
	return true;
}

/* Single values: what stands before or after the slash. */

static int bad_value(
	const struct field *field, const struct names *names, const char *text, struct errbuf *err
)
{
	static const char *const expected[] = {
		[FIELD_KIND_DECIMAL] = "a number",
		[FIELD_KIND_HEX] = "a number such as 0x1f",
		[FIELD_KIND_MAC] = "an Ethernet address such as 00:11:22:33:44:55",
		[FIELD_KIND_IPV4] = "an IPv4 address such as 192.0.2.1",
		[FIELD_KIND_IPV6] = "an IPv6 address such as 2001:db8::1",
		[FIELD_KIND_PORT] = "a port's number or name",
		[FIELD_KIND_PORT16] = "a port's number or name",
		[FIELD_KIND_TOS] = "a multiple of 4 up to 252",
		[FIELD_KIND_FRAG] = "one of no, yes, first, later, not_later",
		[FIELD_KIND_PACKET_TYPE] = "(NAMESPACE,TYPE)",
	};
	uint8_t wide[FIELD_MAX_SIZE];
	struct near near;

	if ((field->kind == FIELD_KIND_PORT || field->kind == FIELD_KIND_PORT16) &&
	    value_parse_number(text, wide, 4))
		return errbuf_set(
			err, -EINVAL, "%s is not a port: they are numbered up to 65279", text
		);
	if (value_parse_number(text, wide, 64))
		return errbuf_set(
			err, -EINVAL, "value %s is too large for its %u bits", text, field->bits
		);
	near_init(&near, text);
	if ((field->kind == FIELD_KIND_PORT || field->kind == FIELD_KIND_PORT16) && names &&
	    names->port_near)
		names->port_near(names->context, &near);
	if (near_best(&near))
		return near_refuse(&near, err, -EINVAL, "no port is named %s", text);
	return errbuf_set(
		err,
		-EINVAL,
		"'%s' is not %s",
		text,
		expected[field->kind] ? expected[field->kind] : "a number"
	);
}

static bool parse_packet_type(const char *text, uint8_t *value)
{
	unsigned ns, type;
	int n = 0;

	if (sscanf(text, "(%i,%i)%n", (int *)&ns, (int *)&type, &n) != 2 || text[n] || ns > 65535 ||
	    type > 65535)
		return false;
	field_put_number(value, 4, ns << 16 | type);
	return true;
}

static bool
parse_one(const struct field *field, const struct names *names, const char *text, uint8_t *value)
{
	uint32_t port;

	switch (field->kind) {
	case FIELD_KIND_MAC:
		return value_parse_mac(text, value);
	case FIELD_KIND_IPV4:
		return inet_pton(AF_INET, text, value) == 1;
	case FIELD_KIND_IPV6:
		return inet_pton(AF_INET6, text, value) == 1;
	case FIELD_KIND_PORT:
	case FIELD_KIND_PORT16:
		if (!names_parse_port(names, text, &port))
			return false;
		if (field->kind == FIELD_KIND_PORT16 && port >= 0xff00 && port < 0xffffff00U)
			return false;
		field_put_number(
			value,
			field->size,
			field->kind == FIELD_KIND_PORT16 ? field_port_to16(port) : port
		);
		return true;
	case FIELD_KIND_PACKET_TYPE:
		return parse_packet_type(text, value);
	default:
		return value_parse_number(text, value, field->size);
	}
}

/* Options: as many bytes as digits, in words, unless the option is bound already. */
static int parse_option(
	const struct field *field,
	const struct value_context *context,
	const char *text,
	uint8_t *value,
	struct errbuf *err
)
{
	unsigned digits = (unsigned)strlen(text) > 2 ? (unsigned)strlen(text) - 2 : 0;
	unsigned size = field_size(field, context->map);

	if (!size) {
		size = text[0] == '0' && text[1] == 'x' ? (digits + 1) / 2 : 4;
		size = size ? (size + 3) / 4 * 4 : 4;
		if (!context->map || !tlv_bind(context->map, field->offset, size))
			return errbuf_set(
				err, -ENOSPC, "no room for %u bytes of tunnel options", size
			);
	}
	if (!value_parse_number(text, value, size))
		return errbuf_set(
			err, -EINVAL, "'%s' is not a number of up to %u bytes", text, size
		);
	return 0;
}

static int parse_frag(const char *text, uint8_t *value, uint8_t *mask)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(frags); i++)
		if (!strcasecmp(text, frags[i].name)) {
			*value = frags[i].value;
			*mask = frags[i].mask;
			return 0;
		}
	return -EINVAL;
}

static int parse_value_only(
	const struct field *field,
	const struct value_context *context,
	const char *text,
	uint8_t *value,
	struct errbuf *err
)
{
	if (field_is_option(field))
		return parse_option(field, context, text, value, err);
	if (!parse_one(field, context->names, text, value))
		return bad_value(field, context->names, text, err);
	return 0;
}

static int parse_mask(
	const struct field *field,
	const struct value_context *context,
	const char *text,
	uint8_t *mask,
	struct errbuf *err
)
{
	unsigned size = field_size(field, context->map);
	bool good;

	if (field->kind == FIELD_KIND_IPV4 || field->kind == FIELD_KIND_IPV6)
		good = parse_ip_mask(text, mask, size);
	else if (field->kind == FIELD_KIND_MAC)
		good = value_parse_mac(text, mask);
	else
		good = value_parse_number(text, mask, size);
	if (!good)
		return errbuf_set(err, -EINVAL, "'%s' is not a mask for it", text);
	if (!(field->flags & FIELD_MASK) && !all_ones(mask, size))
		return errbuf_set(err, -EINVAL, "it cannot be matched with a mask");
	return 0;
}

int value_parse(
	const struct field *field,
	const struct value_context *context,
	const char *text,
	uint8_t *value,
	uint8_t *mask,
	struct errbuf *err
)
{
	char head[VALUE_TEXT_SIZE];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	int error;

	if (n >= sizeof(head))
		return errbuf_set(err, -EINVAL, "the value is too long");
	memcpy(head, text, n);
	head[n] = '\0';
	if (flags_are_in(field) && !isdigit((unsigned char)*text) && *text)
		return flags_parse(field, text, value, mask, err);
	if (field->kind == FIELD_KIND_FRAG && !parse_frag(text, value, mask))
		return 0;
	error = parse_value_only(field, context, head, value, err);
	if (error)
		return error;
	if (!field_value_fits(field, context->map, value) && !slash &&
	    field->kind != FIELD_KIND_TOS)
		return bad_value(field, context->names, head, err);
	if (slash)
		return parse_mask(field, context, slash + 1, mask, err);
	field_all_ones(field, context->map, mask);
	return 0;
}

static void format_frag(uint8_t value, uint8_t mask, struct strbuf *out)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(frags); i++)
		if (frags[i].value == (value & mask) && frags[i].mask == mask) {
			strbuf_add(out, frags[i].name);
			return;
		}
	strbuf_addf(out, "<error>");
}

static void
format_ip_masked(const uint8_t *value, const uint8_t *mask, unsigned size, struct strbuf *out)
{
	int prefix = mask ? value_prefix(mask, size) : (int)(8 * size);

	format_ip(value, size, out);
	if (prefix == (int)(8 * size))
		return;
	strbuf_add_char(out, '/');
	if (prefix >= 0)
		strbuf_addf(out, "%d", prefix);
	else
		format_ip(mask, size, out);
}

/* Numbers: masked ones are in hexadecimal whatever the kind. */
static void format_number(
	const struct field *field,
	const struct tlv_map *map,
	const uint8_t *value,
	const uint8_t *mask,
	struct strbuf *out
)
{
	uint8_t ones[FIELD_MAX_SIZE];
	unsigned size = field_size(field, map);
	bool exact = true;

	field_all_ones(field, map, ones);
	for (unsigned i = 0; mask && i < size; i++)
		if (ones[i] & ~mask[i])
			exact = false;
	if (exact && field->kind != FIELD_KIND_HEX && size <= 8) {
		strbuf_addf(out, "%llu", (unsigned long long)field_number(value, size));
		return;
	}
	if (field == &fields[FIELD_IPV6_LABEL])
		strbuf_addf(out, "0x%05x", (unsigned)field_number(value, size));
	else if (field == &fields[FIELD_ETH_TYPE] || field == &fields[FIELD_VLAN_TCI])
		strbuf_addf(out, "0x%04x", (unsigned)field_number(value, size));
	else
		format_hex(value, size, out);
	if (!exact) {
		strbuf_add_char(out, '/');
		format_hex(mask, size, out);
	}
}

void value_format(
	const struct field *field,
	const struct value_context *context,
	const uint8_t *value,
	const uint8_t *mask,
	struct strbuf *out
)
{
	unsigned size = field_size(field, context->map);
	uint64_t number = size <= 8 ? field_number(value, size) : 0;

	switch (field->kind) {
	case FIELD_KIND_MAC:
		value_format_mac(value, out);
		if (mask && !all_ones(mask, 6)) {
			strbuf_add_char(out, '/');
			value_format_mac(mask, out);
		}
		break;
	case FIELD_KIND_IPV4:
	case FIELD_KIND_IPV6:
		format_ip_masked(value, mask, size, out);
		break;
	case FIELD_KIND_PORT:
		names_format_port(context->names, (uint32_t)number, out);
		break;
	case FIELD_KIND_PORT16:
		names_format_port(context->names, field_port_from16((uint16_t)number), out);
		break;
	case FIELD_KIND_FRAG:
		format_frag(*value, mask ? *mask : KEY_FRAG_ANY | KEY_FRAG_LATER, out);
		break;
	case FIELD_KIND_TCP_FLAGS:
	case FIELD_KIND_TUN_FLAGS:
	case FIELD_KIND_CT_STATE:
		flags_format(
			field,
			(uint32_t)number,
			mask ? (uint32_t)field_number(mask, size) : UINT32_MAX,
			out
		);
		break;
	case FIELD_KIND_PACKET_TYPE:
		strbuf_addf(
			out,
			number & 0xffff ? "(%u,0x%x)" : "(%u,%u)",
			(unsigned)(number >> 16),
			(unsigned)(number & 0xffff)
		);
		break;
	default:
		format_number(field, context->map, value, mask, out);
		break;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/mac.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

char *mac_format(struct mac mac, char text[MAC_TEXT_SIZE])
{
	const uint8_t *m = mac.bytes;

	snprintf(
		text,
		MAC_TEXT_SIZE,
		"%02x:%02x:%02x:%02x:%02x:%02x",
		m[0],
		m[1],
		m[2],
		m[3],
		m[4],
		m[5]
	);
	return text;
}

/* One or two digits; NULL: there are none. */
static const char *parse_byte(const char *text, uint8_t *byte)
{
	char digits[3] = {text[0]};

	if (!isxdigit((unsigned char)text[0]))
		return NULL;
	/* Only behind a digit is there another byte to look at. */
	if (isxdigit((unsigned char)text[1]))
		digits[1] = text[1];
	*byte = (uint8_t)strtoul(digits, NULL, 16);
	return text + (digits[1] ? 2 : 1);
}

bool mac_parse(const char *text, struct mac *mac)
{
	struct mac parsed;

	for (unsigned i = 0; i < sizeof(parsed.bytes); i++) {
		if (i && *text++ != ':')
			return false;
		text = parse_byte(text, &parsed.bytes[i]);
		if (!text)
			return false;
	}
	if (*text)
		return false;
	*mac = parsed;
	return true;
}

struct mac mac_from_integer(uint64_t value)
{
	struct mac mac;

	for (unsigned i = 0; i < sizeof(mac.bytes); i++)
		mac.bytes[i] = (uint8_t)(value >> (40 - 8 * i));
	return mac;
}

uint64_t mac_to_integer(struct mac mac)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < sizeof(mac.bytes); i++)
		value = value << 8 | mac.bytes[i];
	return value;
}

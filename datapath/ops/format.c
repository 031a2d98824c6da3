/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/format.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "lib/strbuf.h"

static bool is_all(const void *bytes, unsigned n, uint8_t value)
{
	const uint8_t *p = bytes;

	while (n--)
		if (*p++ != value)
			return false;
	return true;
}

void format_mac(
	struct strbuf *out, const char *name, const struct mac *value, const struct mac *mask
)
{
	const uint8_t *b = value->bytes;
	const uint8_t *m = mask->bytes;

	if (is_all(mask, sizeof(*mask), 0))
		return;
	strbuf_addf(
		out, "%s=%02x:%02x:%02x:%02x:%02x:%02x", name, b[0], b[1], b[2], b[3], b[4], b[5]
	);
	if (!is_all(mask, sizeof(*mask), 0xff))
		strbuf_addf(
			out, "/%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]
		);
	strbuf_add_char(out, ',');
}

static void format_address(
	struct strbuf *out, int family, const char *name, const void *value, const void *mask
)
{
	unsigned size = family == AF_INET ? 4 : 16;
	char text[INET6_ADDRSTRLEN];

	if (is_all(mask, size, 0))
		return;
	strbuf_addf(out, "%s=%s", name, inet_ntop(family, value, text, sizeof(text)));
	if (!is_all(mask, size, 0xff))
		strbuf_addf(out, "/%s", inet_ntop(family, mask, text, sizeof(text)));
	strbuf_add_char(out, ',');
}

void format_ip(struct strbuf *out, const char *name, be32 value, be32 mask)
{
	format_address(out, AF_INET, name, &value, &mask);
}

void format_ip6(
	struct strbuf *out, const char *name, const uint8_t value[16], const uint8_t mask[16]
)
{
	format_address(out, AF_INET6, name, value, mask);
}

void format_number(
	struct strbuf *out, const char *name, uint32_t value, uint32_t mask, uint32_t all
)
{
	if (mask == all)
		strbuf_addf(out, "%s=%u,", name, value);
	else if (mask)
		strbuf_addf(out, "%s=%#x/%#x,", name, value, mask);
}

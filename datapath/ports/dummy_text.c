/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/dummy_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/packet/packet.h"
#include "lib/errbuf.h"
#include "lib/flow/compose.h"
#include "lib/flow/dptext.h"
#include "lib/flow/match.h"
#include "lib/xmalloc.h"

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static bool is_hex(const char *text)
{
	return text[0] && !text[strspn(text, "0123456789abcdefABCDEF")];
}

static struct rte_mbuf *packet_or_error(const void *bytes, size_t n, struct errbuf *err)
{
	struct rte_mbuf *packet = packet_new(bytes, n);

	if (!packet)
		errbuf_set(err, -ENOMEM, "no memory for the packet");
	return packet;
}

static struct rte_mbuf *parse_hex(const char *text, struct errbuf *err)
{
	size_t n = strlen(text);

	if (n % 2 || n / 2 > PACKET_MAX) {
		errbuf_set(
			err,
			-EINVAL,
			"a packet is an even number of hex digits, at most %d, not %zu",
			2 * PACKET_MAX,
			n
		);
		return NULL;
	}
	uint8_t *bytes = xmalloc(n / 2);

	for (size_t i = 0; i < n / 2; i++)
		bytes[i] = hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]);
	struct rte_mbuf *packet = packet_or_error(bytes, n / 2, err);

	free(bytes);
	return packet;
}

struct rte_mbuf *dummy_text_parse(const char *text, size_t length, struct errbuf *err)
{
	struct match match;
	uint8_t bytes[COMPOSE_MAX_SIZE];

	if (is_hex(text))
		return parse_hex(text, err);
	match_init(&match, NULL);
	if (dptext_is_meant(text) ? dptext_parse(&match, text, NULL, err)
				  : match_parse(&match, text, NULL, err))
		return NULL;
	size_t n = compose_packet(&match.key, bytes, sizeof(bytes), length);

	return packet_or_error(bytes, n, err);
}

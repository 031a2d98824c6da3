/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/tunnel/options.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/fast/headers.h"
#include "datapath/port.h"
#include "lib/epoch.h"
#include "lib/flow/key.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"

static struct tunnel_options *of_ports[PORT_IDS]; /* main writes, all read */

const struct tunnel_options *tunnel_options_of(uint16_t port_id)
{
	return epoch_load(&of_ports[port_id]);
}

void tunnel_options_set(uint16_t port_id, const struct tunnel_options *options)
{
	struct tunnel_options *old = of_ports[port_id], *new = NULL;

	if (old && options && !memcmp(old, options, sizeof(*old)))
		return;
	if (options) {
		new = XNEW(struct tunnel_options);
		*new = *options;
	}
	epoch_store(&of_ports[port_id], new);
	if (old)
		epoch_free(old, free);
}

int tunnel_options_find(const struct tunnel_options *options, uint32_t id)
{
	for (uint64_t left = options->bound; left; left &= left - 1) {
		int field = __builtin_ctzll(left);

		if (options->ids[field] == id)
			return field;
	}
	return -1;
}

unsigned tunnel_option_size(const uint8_t *option, unsigned n)
{
	unsigned size = n < OPTION_HEAD ? 0 : OPTION_HEAD + (option[3] & OPTION_WORDS) * 4u;

	return size > n ? 0 : size;
}

bool tunnel_options_know(const struct tunnel_options *options, const uint8_t *option, unsigned n)
{
	unsigned size;

	for (; (size = tunnel_option_size(option, n)); option += size, n -= size) {
		if (!(option[2] & OPTION_CRITICAL))
			continue;
		int field =
			options ? tunnel_options_find(options, be32_to(load32(option)) >> 8) : -1;

		if (field < 0 || options->map.size[field] != size - OPTION_HEAD)
			return false;
	}
	return true;
}

int tunnel_options_build(
	const struct tunnel_options *options, const struct key *key, uint8_t bytes[OPTIONS_SIZE]
)
{
	uint64_t left = options->bound & key->tunnel.options_present;
	unsigned n = 0;

	for (; left; left &= left - 1) {
		int field = __builtin_ctzll(left);
		unsigned size = options->map.size[field];
		be32 head = be32_from(options->ids[field] << 8 | size / 4);

		if (n + OPTION_HEAD + size > OPTIONS_SIZE)
			return -1;
		memcpy(bytes + n, &head, sizeof(head));
		memcpy(bytes + n + OPTION_HEAD,
		       key->tunnel_options + 4 * options->map.offset[field],
		       size);
		n += OPTION_HEAD + size;
	}
	return (int)n;
}

/* Without zeros in front. */
static void add_hex(const uint8_t *bytes, unsigned n, struct strbuf *out)
{
	while (n > 1 && !*bytes) {
		bytes++;
		n--;
	}
	strbuf_addf(out, "0x%x", *bytes);
	for (unsigned i = 1; i < n; i++)
		strbuf_addf(out, "%02x", bytes[i]);
}

static bool is_exact(const uint8_t *mask, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (mask[i] != 0xff)
			return false;
	return true;
}

void tunnel_options_format(
	const struct tunnel_options *options,
	const struct key *key,
	const struct key *mask,
	struct strbuf *out
)
{
	uint64_t left = options->bound & key->tunnel.options_present & mask->tunnel.options_present;
	const char *separator = "geneve(";

	for (; left; left &= left - 1) {
		int field = __builtin_ctzll(left);
		unsigned at = 4u * options->map.offset[field], size = options->map.size[field];

		strbuf_addf(
			out,
			"%s{class=0x%x,type=0x%x,len=%u,",
			separator,
			options->ids[field] >> 8,
			options->ids[field] & 0xff,
			size
		);
		add_hex(key->tunnel_options + at, size, out);
		if (!is_exact(mask->tunnel_options + at, size)) {
			strbuf_add_char(out, '/');
			add_hex(mask->tunnel_options + at, size, out);
		}
		strbuf_add_char(out, '}');
		separator = ",";
	}
	if (*separator == ',')
		strbuf_add_char(out, ')');
}

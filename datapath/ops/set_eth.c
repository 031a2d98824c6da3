/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_eth.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const uint8_t *value = args;
	const uint8_t *mask = value + 2 * sizeof(struct mac);
	uint64_t value0 = load64(value), mask0 = load64(mask);
	uint32_t value1 = load32(value + 8), mask1 = load32(mask + 8);

	for (uint16_t i = 0; i < n; i++) {
		uint8_t *frame = rte_pktmbuf_mtod(pkts[i], uint8_t *);

		if (unlikely(pkts[i]->data_len < ETH_SIZE))
			continue;
		uint64_t word0 = (load64(frame) & ~mask0) | value0;
		uint32_t word1 = (load32(frame + 8) & ~mask1) | value1;

		memcpy(frame, &word0, sizeof(word0));
		memcpy(frame + 8, &word1, sizeof(word1));
	}
	return n;
}

static void
format_mac(struct strbuf *out, const char *name, const struct mac *mac, const struct mac *mask)
{
	static const struct mac all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	static const struct mac none;
	const uint8_t *b = mac->bytes;
	const uint8_t *m = mask->bytes;

	if (!memcmp(mask, &none, sizeof(none)))
		return;
	strbuf_addf(
		out, "%s=%02x:%02x:%02x:%02x:%02x:%02x", name, b[0], b[1], b[2], b[3], b[4], b[5]
	);
	if (memcmp(mask, &all, sizeof(all)))
		strbuf_addf(
			out, "/%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]
		);
	strbuf_add_char(out, ',');
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_eth *eth = args;

	strbuf_add(out, "set(eth(");
	format_mac(out, "src", &eth->src, &eth->src_mask);
	format_mac(out, "dst", &eth->dst, &eth->dst_mask);
	strbuf_chomp(out, ',');
	strbuf_add(out, "))");
}

const struct op_type op_set_eth = {
	.name = "set_eth",
	.size = sizeof(struct op_set_eth),
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_eth);

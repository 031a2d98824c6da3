/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_eth.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/format.h"
#include "datapath/ops/rewrite.h"
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

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_eth *eth = args;

	strbuf_add(out, "set(eth(");
	format_mac(out, "src", &eth->src, &eth->src_mask);
	format_mac(out, "dst", &eth->dst, &eth->dst_mask);
	strbuf_chomp(out, ',');
	strbuf_add(out, "))");
}

static void join_mac(struct mac *mac, struct mac *mask, struct mac new, struct mac new_mask)
{
	for (unsigned i = 0; i < sizeof(mac->bytes); i++) {
		mac->bytes[i] = (mac->bytes[i] & ~new_mask.bytes[i]) | new.bytes[i];
		mask->bytes[i] |= new_mask.bytes[i];
	}
}

static bool join(const void *args, struct rewrite *rewrite)
{
	const struct op_set_eth *set = args;

	join_mac(&rewrite->eth.dst, &rewrite->eth.dst_mask, set->dst, set->dst_mask);
	join_mac(&rewrite->eth.src, &rewrite->eth.src_mask, set->src, set->src_mask);
	return true;
}

const struct op_type op_set_eth = {
	.name = "set_eth",
	.size = sizeof(struct op_set_eth),
	.run = run,
	.join = join,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_eth);

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_nd.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/format.h"
#include "datapath/ops/packet.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

enum {
	ND_RESERVED = 4,
	ND_TARGET = 8,
	OPTIONS_MAX = 64, /* bytes of options looked at */
};

/* One option of 'size' bytes. Returns whether it holds a link-layer address. */
static bool set_option(uint8_t *option, uint32_t size, const struct op_set_nd *set, bool first)
{
	bool source = option[0] == ND_OPTION_SLL;

	if (size != ND_LINK_OPTION || (!source && option[0] != ND_OPTION_TLL))
		return false;
	if (source)
		packet_set_bits(option + 2, &set->sll, &set->sll_mask, sizeof(set->sll));
	else
		packet_set_bits(option + 2, &set->tll, &set->tll_mask, sizeof(set->tll));
	if (first)
		option[0] = (option[0] & ~set->options_type_mask) | set->options_type;
	return true;
}

static void set_options(uint8_t *option, const uint8_t *end, const struct op_set_nd *set)
{
	bool first = true;

	while (end - option >= ND_LINK_OPTION) {
		uint32_t size = option[1] * 8u;

		if (!size || size > end - option)
			return;
		if (set_option(option, size, set, first))
			first = false;
		option += size;
	}
}

static void set_one(struct rte_mbuf *pkt, const struct op_set_nd *set)
{
	uint8_t *nd = packet_l4(pkt);
	const uint8_t *end = rte_pktmbuf_mtod(pkt, uint8_t *) + pkt->data_len;
	uint32_t size = end - nd;

	if (unlikely(size < ND_SIZE || (nd[0] != ND_SOLICIT && nd[0] != ND_ADVERT)))
		return;
	if (size > ND_SIZE + OPTIONS_MAX)
		size = ND_SIZE + OPTIONS_MAX;
	size &= ~1u;
	uint64_t before = packet_sum(nd, size);

	packet_set_bits(nd + ND_RESERVED, &set->reserved, &set->reserved_mask, 4);
	packet_set_bits(nd + ND_TARGET, set->target, set->target_mask, sizeof(set->target));
	set_options(nd + ND_SIZE, nd + size, set);
	packet_fix_l4(pkt, before, packet_sum(nd, size), false);
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		const struct meta *meta = meta_of(pkts[i]);

		if (likely(meta->l4 && meta->ip_proto == PROTO_ICMPV6))
			set_one(pkts[i], args);
	}
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_nd *set = args;

	strbuf_add(out, "set(nd(");
	format_ip6(out, "target", set->target, set->target_mask);
	format_mac(out, "sll", &set->sll, &set->sll_mask);
	format_mac(out, "tll", &set->tll, &set->tll_mask);
	format_number(
		out, "reserved", be32_to(set->reserved), be32_to(set->reserved_mask), UINT32_MAX
	);
	format_number(out, "options_type", set->options_type, set->options_type_mask, UINT8_MAX);
	strbuf_chomp(out, ',');
	strbuf_add(out, "))");
}

const struct op_type op_set_nd = {
	.name = "set_nd",
	.size = sizeof(struct op_set_nd),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_nd);

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_ipv6.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/format.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/extensions.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

enum {
	IPV6_HLIMIT = 7,
	IPV6_SRC = 8,
	IPV6_DST = 24,
	ADDRESS_SIZE = 16,
};

static void set_address(uint8_t *p, const uint8_t *value, const uint8_t *mask)
{
	for (unsigned i = 0; i < ADDRESS_SIZE; i += 8) {
		uint64_t word = (load64(p + i) & ~load64(mask + i)) | load64(value + i);

		memcpy(p + i, &word, sizeof(word));
	}
}

static __attribute__((noinline)) bool leads_on(struct rte_mbuf *pkt)
{
	return extension_leads_on(packet_l3(pkt), packet_l4(pkt));
}

/* What the addresses that the transport's checksum covers sum up to. */
static uint64_t sum_addresses(struct rte_mbuf *pkt)
{
	const struct meta *meta = meta_of(pkt);
	bool alone = meta->l4 > meta->l3 + IPV6_SIZE && leads_on(pkt);

	return packet_sum(packet_l3(pkt) + IPV6_SRC, alone ? ADDRESS_SIZE : 2 * ADDRESS_SIZE);
}

static void set_one(struct rte_mbuf *pkt, const struct op_set_ipv6 *set)
{
	uint8_t *ip = packet_l3(pkt);
	uint64_t before = sum_addresses(pkt);
	uint32_t mask = be32_to(set->label_mask) | (uint32_t)set->tclass_mask << 20;
	uint32_t value = be32_to(set->label) | (uint32_t)set->tclass << 20;
	uint32_t first = be32_from((be32_to(load32(ip)) & ~mask) | value);

	memcpy(ip, &first, sizeof(first));
	ip[IPV6_HLIMIT] = (ip[IPV6_HLIMIT] & ~set->hlimit_mask) | set->hlimit;
	set_address(ip + IPV6_SRC, set->src, set->src_mask);
	set_address(ip + IPV6_DST, set->dst, set->dst_mask);

	uint64_t after = sum_addresses(pkt);

	if (after != before)
		packet_fix_l4(pkt, before, after, true);
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		if (likely(packet_is(pkts[i], TYPE_IPV6)))
			set_one(pkts[i], args);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_ipv6 *set = args;

	strbuf_add(out, "set(ipv6(");
	format_ip6(out, "src", set->src, set->src_mask);
	format_ip6(out, "dst", set->dst, set->dst_mask);
	if (set->label_mask)
		strbuf_addf(out, "label=%#x,", be32_to(set->label));
	if (set->tclass_mask == UINT8_MAX)
		strbuf_addf(out, "tclass=%#x,", set->tclass);
	else if (set->tclass_mask)
		strbuf_addf(out, "tclass=%#x/%#x,", set->tclass, set->tclass_mask);
	if (set->hlimit_mask)
		strbuf_addf(out, "hlimit=%u,", set->hlimit);
	strbuf_chomp(out, ',');
	strbuf_add(out, "))");
}

const struct op_type op_set_ipv6 = {
	.name = "set_ipv6",
	.size = sizeof(struct op_set_ipv6),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_ipv6);

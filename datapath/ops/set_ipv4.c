/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_ipv4.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/format.h"
#include "datapath/ops/packet.h"
#include "datapath/ops/rewrite.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

enum {
	IPV4_TOS = 1,
	IPV4_TTL = 8,
	IPV4_CHECKSUM = 10,
	IPV4_SRC = 12,
	IPV4_DST = 16,
};

/* All words of the header that may change: what they sum up to. */
static inline uint64_t sum_small(const uint8_t *ip)
{
	return (uint64_t)load16(ip) + load16(ip + IPV4_TTL);
}

static inline uint64_t sum_addresses(const uint8_t *ip)
{
	uint64_t both = load64(ip + IPV4_SRC);

	return (both & 0xffffffff) + (both >> 32);
}

static void set_one(struct rte_mbuf *pkt, const struct op_set_ipv4 *set)
{
	uint8_t *ip = packet_l3(pkt);
	uint64_t small = sum_small(ip);
	uint64_t addresses = sum_addresses(ip);
	uint32_t src = (load32(ip + IPV4_SRC) & ~set->src_mask) | set->src;
	uint32_t dst = (load32(ip + IPV4_DST) & ~set->dst_mask) | set->dst;

	ip[IPV4_TOS] = (ip[IPV4_TOS] & ~set->tos_mask) | set->tos;
	ip[IPV4_TTL] = (ip[IPV4_TTL] & ~set->ttl_mask) | set->ttl;
	memcpy(ip + IPV4_SRC, &src, sizeof(src));
	memcpy(ip + IPV4_DST, &dst, sizeof(dst));

	uint64_t new_addresses = (uint64_t)src + dst;
	uint16_t sum = packet_checksum(
		load16(ip + IPV4_CHECKSUM), small + addresses, sum_small(ip) + new_addresses
	);

	memcpy(ip + IPV4_CHECKSUM, &sum, sizeof(sum));
	if (new_addresses != addresses)
		packet_fix_l4(pkt, addresses, new_addresses, true);
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		if (likely(packet_is(pkts[i], TYPE_IPV4)))
			set_one(pkts[i], args);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_ipv4 *set = args;

	strbuf_add(out, "set(ipv4(");
	format_ip(out, "src", set->src, set->src_mask);
	format_ip(out, "dst", set->dst, set->dst_mask);
	format_number(out, "tos", set->tos, set->tos_mask, UINT8_MAX);
	format_number(out, "ttl", set->ttl, set->ttl_mask, UINT8_MAX);
	strbuf_chomp(out, ',');
	strbuf_add(out, "))");
}

static bool join(const void *args, struct rewrite *rewrite)
{
	const struct op_set_ipv4 *set = args;
	struct op_set_ipv4 *all = &rewrite->ip;

	all->src = (all->src & ~set->src_mask) | set->src;
	all->dst = (all->dst & ~set->dst_mask) | set->dst;
	all->tos = (all->tos & ~set->tos_mask) | set->tos;
	all->ttl = (all->ttl & ~set->ttl_mask) | set->ttl;
	all->src_mask |= set->src_mask;
	all->dst_mask |= set->dst_mask;
	all->tos_mask |= set->tos_mask;
	all->ttl_mask |= set->ttl_mask;
	rewrite->addresses |= set->src_mask || set->dst_mask;
	return true;
}

const struct op_type op_set_ipv4 = {
	.name = "set_ipv4",
	.size = sizeof(struct op_set_ipv4),
	.needs_meta = true,
	.run = run,
	.join = join,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_ipv4);

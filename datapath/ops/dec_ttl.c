/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/dec_ttl.h"

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/fast/headers.h"
#include "datapath/ops/packet.h"
#include "datapath/ops/rewrite.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(ttl_expired, "the packet's TTL or hop limit was used up");

enum {
	IPV4_TTL = 8,
	IPV4_CHECKSUM = 10,
	IPV6_HLIMIT = 7,
};

/* Returns false if there is nothing to take one off. */
static inline bool dec_one(struct rte_mbuf *pkt)
{
	uint8_t *ip = packet_l3(pkt);
	uint16_t sum;

	if (likely(packet_is(pkt, TYPE_IPV4))) {
		if (ip[IPV4_TTL] <= 1)
			return false;
		ip[IPV4_TTL]--;
		sum = packet_checksum(load16(ip + IPV4_CHECKSUM), 1, 0);
		memcpy(ip + IPV4_CHECKSUM, &sum, sizeof(sum));
	} else if (packet_is(pkt, TYPE_IPV6)) {
		if (ip[IPV6_HLIMIT] <= 1)
			return false;
		ip[IPV6_HLIMIT]--;
	}
	return true;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t left = 0;

	for (uint16_t i = 0; i < n; i++) {
		if (likely(dec_one(pkts[i])))
			pkts[left++] = pkts[i];
		else
			worker_drop(worker, &pkts[i], 1, &drop_ttl_expired);
	}
	return left;
}

static void format(const void *args, struct strbuf *out)
{
	strbuf_add(out, "dec_ttl");
}

static bool join(const void *args, struct rewrite *rewrite)
{
	if (rewrite->dec_ttl || rewrite->ip.ttl_mask)
		return false;
	rewrite->dec_ttl = true;
	return true;
}

const struct op_type op_dec_ttl = {
	.name = "dec_ttl",
	.needs_meta = true,
	.run = run,
	.join = join,
	.format = format,
};
REGISTRY_ADD(op_type, op_dec_ttl);

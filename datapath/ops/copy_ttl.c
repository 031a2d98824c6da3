/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/copy_ttl.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/mpls.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

enum {
	ENTRY_BOTTOM = 2, /* the byte with the bottom-of-stack bit */
	ENTRY_TTL = 3,
	IPV4_TTL = 8,
	IPV4_CHECKSUM = 10,
	IPV6_HLIMIT = 7,
};

static void set_ipv4(uint8_t *ip, uint8_t ttl)
{
	uint64_t before = load16(ip + IPV4_TTL);
	uint16_t sum;

	ip[IPV4_TTL] = ttl;
	sum = packet_checksum(load16(ip + IPV4_CHECKSUM), before, load16(ip + IPV4_TTL));
	memcpy(ip + IPV4_CHECKSUM, &sum, sizeof(sum));
}

static void copy_one(struct rte_mbuf *pkt, bool out)
{
	uint8_t *label = packet_l3(pkt), *inside = label + MPLS_SIZE;
	uint8_t *ttl = label + ENTRY_TTL;

	if (!(label[ENTRY_BOTTOM] & 1)) {
		if (!packet_l3_holds(pkt, 2 * MPLS_SIZE))
			return;
		if (out)
			*ttl = inside[ENTRY_TTL];
		else
			inside[ENTRY_TTL] = *ttl;
	} else if (packet_l3_holds(pkt, MPLS_SIZE + IPV4_SIZE) && inside[0] >> 4 == 4) {
		if (out)
			*ttl = inside[IPV4_TTL];
		else
			set_ipv4(inside, *ttl);
	} else if (packet_l3_holds(pkt, MPLS_SIZE + IPV6_SIZE) && inside[0] >> 4 == 6) {
		if (out)
			*ttl = inside[IPV6_HLIMIT];
		else
			inside[IPV6_HLIMIT] = *ttl;
	}
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_copy_ttl *copy = args;

	for (uint16_t i = 0; i < n; i++)
		if (likely(packet_has_label(pkts[i])))
			copy_one(pkts[i], copy->out);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_copy_ttl *copy = args;

	strbuf_add(out, copy->out ? "copy_ttl_out" : "copy_ttl_in");
}

const struct op_type op_copy_ttl = {
	.name = "copy_ttl",
	.size = sizeof(struct op_copy_ttl),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_copy_ttl);

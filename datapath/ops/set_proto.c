/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_proto.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/extensions.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

enum {
	IPV4_PROTO = 9,
	IPV4_CHECKSUM = 10,
	IPV6_NEXT = 6,
};

/* Where the protocol stands; NULL if that is not in the first segment. */
static uint8_t *find_proto(struct rte_mbuf *pkt)
{
	uint8_t *ip = packet_l3(pkt), *p = ip + IPV6_SIZE;
	const uint8_t *end = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, pkt->data_len);
	uint8_t *next = ip + IPV6_NEXT;
	unsigned size;

	if (packet_is(pkt, TYPE_IPV4))
		return ip + IPV4_PROTO;
	while (p + 2 <= end && (size = extension_size(*next, p[1]))) {
		next = p;
		p += size;
	}
	return extension_size(*next, 0) ? NULL : next;
}

static void set_one(struct rte_mbuf *pkt, uint8_t ip_proto)
{
	uint8_t *proto = find_proto(pkt);
	be16 before, after;

	if (!proto)
		return;
	before = be16_from(*proto);
	after = be16_from(ip_proto);
	*proto = ip_proto;
	if (packet_is(pkt, TYPE_IPV4)) {
		uint8_t *sum = packet_l3(pkt) + IPV4_CHECKSUM;
		uint16_t new = packet_checksum(load16(sum), before, after);

		memcpy(sum, &new, sizeof(new));
	}
	packet_fix_l4(pkt, before, after, true);
	meta_of(pkt)->ip_proto = ip_proto;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_set_proto *set = args;

	for (uint16_t i = 0; i < n; i++)
		if (likely(packet_is(pkts[i], TYPE_IPV4) || packet_is(pkts[i], TYPE_IPV6)))
			set_one(pkts[i], set->ip_proto);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_proto *set = args;

	strbuf_addf(out, "set(ip_proto(%u))", set->ip_proto);
}

const struct op_type op_set_proto = {
	.name = "set_proto",
	.size = sizeof(struct op_set_proto),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_proto);

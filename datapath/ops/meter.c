/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/meter.h"

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/meter/meter.h"
#include "datapath/ops/packet.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(meter_exceeded, "the packet exceeded the rate of a meter");

enum {
	IPV4_TOS = 1,
	IPV4_CHECKSUM = 10,
	DSCP_SHIFT = 2,
	DSCP_CLASS_SHIFT = 3,
	DSCP_PRECEDENCE_SHIFT = 1,
	MOST_PRECEDENCE = 3,
};

/* RFC 2597: the assured classes have a drop precedence of 1 to 3, which rises. RFC 2474: of class
 * selectors, which have none, a lower one is more likely to be dropped. Other code points stay. */
static uint8_t more_droppable(uint8_t dscp, unsigned levels)
{
	unsigned class = dscp >> DSCP_CLASS_SHIFT;
	unsigned precedence = dscp >> DSCP_PRECEDENCE_SHIFT & 3;

	if (dscp & 1)
		return dscp;
	if (!precedence)
		return (uint8_t)((class > levels ? class - levels : 0) << DSCP_CLASS_SHIFT);
	if (class < 1 || class > 4)
		return dscp;
	precedence = precedence + levels < MOST_PRECEDENCE ? precedence + levels : MOST_PRECEDENCE;
	return (uint8_t)(class << DSCP_CLASS_SHIFT | precedence << DSCP_PRECEDENCE_SHIFT);
}

static void remark(struct rte_mbuf *pkt, unsigned levels)
{
	uint8_t *ip = packet_l3(pkt);

	if (packet_is(pkt, TYPE_IPV4)) {
		uint16_t before = load16(ip), sum;
		uint8_t dscp = more_droppable(ip[IPV4_TOS] >> DSCP_SHIFT, levels);

		ip[IPV4_TOS] = (uint8_t)((ip[IPV4_TOS] & 3) | dscp << DSCP_SHIFT);
		sum = packet_checksum(load16(ip + IPV4_CHECKSUM), before, load16(ip));
		memcpy(ip + IPV4_CHECKSUM, &sum, sizeof(sum));
	} else if (packet_is(pkt, TYPE_IPV6)) {
		uint16_t first = host16(ip);
		uint8_t dscp = more_droppable(first >> 6 & 0x3f, levels);
		be16 word = be16_from((uint16_t)((first & 0xf03f) | dscp << 6));

		memcpy(ip, &word, sizeof(word));
	}
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_meter *op = args;
	struct meter_verdict verdict;
	uint16_t left = 0;

	meter_measure(op->slot, pkts, n, &verdict);
	if (likely(!(verdict.drop | verdict.remark)))
		return n;
	for (uint16_t i = 0; i < n; i++) {
		if (verdict.drop >> i & 1) {
			worker_drop(worker, &pkts[i], 1, &drop_meter_exceeded);
			continue;
		}
		if (verdict.remark >> i & 1)
			remark(pkts[i], verdict.levels[i]);
		pkts[left++] = pkts[i];
	}
	return left;
}

uint16_t op_meter_drop(
	struct worker *worker,
	uint32_t slot,
	struct rte_mbuf **pkts,
	uint16_t n,
	const struct drop_reason *reason
)
{
	struct meter_verdict verdict;
	uint16_t left = 0;

	meter_measure(slot, pkts, n, &verdict);
	if (likely(!verdict.drop))
		return n;
	for (uint16_t i = 0; i < n; i++) {
		if (verdict.drop >> i & 1)
			worker_drop(worker, &pkts[i], 1, reason);
		else
			pkts[left++] = pkts[i];
	}
	return left;
}

static uint16_t
run_drop(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_meter *op = args;

	return op_meter_drop(worker, op->slot, pkts, n, &drop_meter_exceeded);
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_meter *op = args;

	strbuf_addf(out, "meter(%u)", op->slot);
}

const struct op_type op_meter = {
	.name = "meter",
	.size = sizeof(struct op_meter),
	.effect = true,
	.measures = true,
	.run = run_drop,
	.format = format,
};
REGISTRY_ADD(op_type, op_meter);

const struct op_type op_meter_remark = {
	.name = "meter_remark",
	.size = sizeof(struct op_meter),
	.effect = true,
	.measures = true,
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_meter_remark);

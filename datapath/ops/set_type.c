/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_type.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/packet.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

/* A frame with a length instead of a type has none to change. */
static void set_one(struct rte_mbuf *pkt, be16 eth_type)
{
	uint16_t inside = packet_find_inside(pkt);
	uint8_t *type = rte_pktmbuf_mtod_offset(pkt, uint8_t *, inside - 2);

	if (unlikely(inside > pkt->data_len || host16(type) < TYPE_MIN))
		return;
	memcpy(type, &eth_type, sizeof(eth_type));
	meta_of(pkt)->l3 = pkt->data_off + inside;
	meta_of(pkt)->eth_type = eth_type;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_set_type *set = args;

	for (uint16_t i = 0; i < n; i++)
		set_one(pkts[i], set->eth_type);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_type *set = args;

	strbuf_addf(out, "set(eth_type(0x%04x))", be16_to(set->eth_type));
}

const struct op_type op_set_type = {
	.name = "set_type",
	.size = sizeof(struct op_set_type),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_type);

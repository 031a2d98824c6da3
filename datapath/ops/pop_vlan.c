/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/pop_vlan.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/ops/packet.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		uint8_t *frame = rte_pktmbuf_mtod(pkts[i], uint8_t *);

		if (unlikely(!packet_is_tagged(pkts[i])))
			continue;
		uint64_t dst = load64(frame);
		uint32_t src = load32(frame + 8);

		memcpy(frame + VLAN_SIZE, &dst, sizeof(dst));
		memcpy(frame + VLAN_SIZE + 8, &src, sizeof(src));
		rte_pktmbuf_adj(pkts[i], VLAN_SIZE);
	}
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	strbuf_add(out, "pop_vlan");
}

const struct op_type op_pop_vlan = {
	.name = "pop_vlan",
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_pop_vlan);

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/pop_vlan.h"

#include <string.h>

#include <rte_mbuf.h>

#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

enum {
	ADDRESSES = 12, /* bytes in front of the tags */
	TAG = 4
};

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		char *frame = rte_pktmbuf_mtod(pkts[i], char *);

		memmove(frame + TAG, frame, ADDRESSES);
		rte_pktmbuf_adj(pkts[i], TAG);
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

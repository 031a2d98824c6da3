/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/encap.h"
#include "lib/mac.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		char *frame = rte_pktmbuf_prepend(pkts[i], ETH_SIZE);

		/* A header at least as long was taken off. */
		assert(frame);
		memcpy(frame, args, ETH_SIZE);
	}
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_put_eth *put = args;
	char dst[MAC_TEXT_SIZE], src[MAC_TEXT_SIZE];

	strbuf_addf(
		out,
		"put_eth(src=%s,dst=%s,type=0x%04x)",
		mac_format(put->src, src),
		mac_format(put->dst, dst),
		be16_to(put->eth_type)
	);
}

static_assert(sizeof(struct op_put_eth) == ETH_SIZE, "put_eth: the arguments are the header");

const struct op_type op_put_eth = {
	.name = "put_eth",
	.size = sizeof(struct op_put_eth),
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_put_eth);

/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/set_arp.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/format.h"
#include "datapath/ops/packet.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

enum {
	ARP_OP = 6,
	ARP_SHA = 8,
	ARP_SPA = 14,
	ARP_THA = 18,
	ARP_TPA = 24,
};

static void set_one(struct rte_mbuf *pkt, const struct op_set_arp *set)
{
	uint8_t *arp = packet_l3(pkt);

	if (set->op_mask) {
		arp[ARP_OP] = 0;
		arp[ARP_OP + 1] = (arp[ARP_OP + 1] & ~set->op_mask) | set->op;
	}
	packet_set_bits(arp + ARP_SHA, &set->sha, &set->sha_mask, sizeof(set->sha));
	packet_set_bits(arp + ARP_SPA, &set->spa, &set->spa_mask, sizeof(set->spa));
	packet_set_bits(arp + ARP_THA, &set->tha, &set->tha_mask, sizeof(set->tha));
	packet_set_bits(arp + ARP_TPA, &set->tpa, &set->tpa_mask, sizeof(set->tpa));
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		if (likely(packet_is(pkts[i], TYPE_ARP) || packet_is(pkts[i], TYPE_RARP)))
			set_one(pkts[i], args);
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_set_arp *set = args;

	strbuf_add(out, "set(arp(");
	format_ip(out, "sip", set->spa, set->spa_mask);
	format_ip(out, "tip", set->tpa, set->tpa_mask);
	if (set->op_mask)
		strbuf_addf(out, "op=%u,", set->op);
	format_mac(out, "sha", &set->sha, &set->sha_mask);
	format_mac(out, "tha", &set->tha, &set->tha_mask);
	strbuf_chomp(out, ',');
	strbuf_add(out, "))");
}

const struct op_type op_set_arp = {
	.name = "set_arp",
	.size = sizeof(struct op_set_arp),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_set_arp);

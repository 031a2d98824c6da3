/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "datapath/fast/headers.h"
#include "datapath/fast/parse_priv.h"
#include "datapath/report/counter.h"

#include "datapath/fast/fast.h"

static uint32_t vlan_limit = 2; /* main writes, workers read */

void parse_set_vlan_limit(unsigned limit)
{
	__atomic_store_n(&vlan_limit, limit, __ATOMIC_RELAXED);
}

static void parse_mpls(struct parse *p)
{
	struct key_extra *extra = parse_block(p, KEY_BLOCK_EXTRA);

	if (p->at + MPLS_SIZE <= p->length)
		p->l3 = p->at;
	for (unsigned i = 0; i < MPLS_LABELS; i++) {
		if (p->at + MPLS_SIZE > p->length) {
			COUNTER_ADD(p->faults[PARSE_MPLS_CUT], 1);
			return;
		}
		extra->mpls[i] = load32(p->data + p->at);
		p->at += MPLS_SIZE;
		if (be32_to(extra->mpls[i]) & MPLS_BOTTOM)
			return;
	}
}

/* Only the service tag is looked at: what the customer sends is inside of it. */
static void parse_pbb(struct parse *p)
{
	struct key_extra *extra = parse_block(p, KEY_BLOCK_EXTRA);
	uint32_t tag;

	if (p->at + PBB_SIZE - 2 > p->length)
		return;
	p->l3 = p->at;
	tag = be32_to(load32(p->data + p->at));
	extra->pbb_isid = be32_from(tag & PBB_ISID);
	extra->pbb_uca = tag & PBB_UCA ? 1 : 0;
}

static void parse_arp(struct parse *p)
{
	const uint8_t *arp = p->data + p->at;
	struct key_extra *extra;

	if (p->at + ARP_SIZE > p->length) {
		COUNTER_ADD(p->faults[PARSE_ARP_CUT], 1);
		return;
	}
	/* Ethernet, IPv4, 6 and 4 bytes long; others are none of ours. */
	if (load64(arp) << 16 != be64_from(0x0001080006040000ULL) << 16)
		return;
	p->l3 = p->at;
	extra = parse_block(p, KEY_BLOCK_EXTRA);
	if (!arp[6])
		p->words[WORD_L4] = arp[7];
	memcpy(&extra->arp_sha, arp + 8, sizeof(extra->arp_sha));
	memcpy(&extra->arp_tha, arp + 18, sizeof(extra->arp_tha));
	p->words[WORD_IP] = load32(arp + 14) | (uint64_t)load32(arp + 24) << 32;
}

/* Up to two tags; sets p->type to what is behind them. */
static void parse_vlans(struct parse *p)
{
	uint32_t limit = __atomic_load_n(&vlan_limit, __ATOMIC_RELAXED);

	for (unsigned i = 0; i < limit && (p->type == TYPE_VLAN || p->type == TYPE_QINQ); i++) {
		if (p->at + VLAN_SIZE > p->length) {
			COUNTER_ADD(p->faults[PARSE_VLAN_CUT], 1);
			return;
		}
		be16 tci = load16(p->data + p->at) | be16_from(KEY_VLAN_PRESENT);
		be16 tpid = be16_from(p->type);

		if (i == 0) {
			p->words[WORD_SRC] |= (uint64_t)tci << 48;
			p->words[WORD_REST] |= (uint64_t)tpid << 16;
		} else {
			struct key_extra *extra = parse_block(p, KEY_BLOCK_EXTRA);

			extra->vlan_tci2 = tci;
			extra->vlan_tpid2 = tpid;
		}
		p->type = host16(p->data + p->at + 2);
		p->at += VLAN_SIZE;
	}
}

/* A length stands where the type should: looks for the type in a SNAP header. */
static void parse_llc(struct parse *p)
{
	static const uint8_t snap[] = {0xaa, 0xaa, 0x03, 0, 0, 0};
	const uint8_t *llc = p->data + p->at;

	p->type = TYPE_NONE;
	if (p->at + SNAP_SIZE > p->length || memcmp(llc, snap, sizeof(snap)))
		return;
	if (host16(llc + 6) < TYPE_MIN)
		return;
	p->type = host16(llc + 6);
	p->at += SNAP_SIZE;
}

void parse_any(struct parse *p)
{
	p->at = ETH_SIZE;
	p->type = host16(p->data + 12);
	p->words[WORD_SRC] = load32(p->data + 8);
	parse_vlans(p);
	if (p->type < TYPE_MIN)
		parse_llc(p);
	p->words[WORD_SRC] |= (uint64_t)be16_from(p->type) << 32;
	switch (p->type) {
	case TYPE_IPV4:
		parse_ipv4(p);
		break;
	case TYPE_IPV6:
		parse_ipv6(p);
		break;
	case TYPE_ARP:
	case TYPE_RARP:
		parse_arp(p);
		break;
	case TYPE_MPLS:
	case TYPE_MPLS_MCAST:
		parse_mpls(p);
		break;
	case TYPE_PBB:
		parse_pbb(p);
		break;
	default:
		break;
	}
	p->words[WORD_REST] |= (uint64_t)p->blocks << 32;
}

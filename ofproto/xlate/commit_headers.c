/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/xlate/commit_headers.h"

#include <string.h>

#include "datapath/ops/set_arp.h"
#include "datapath/ops/set_eth.h"
#include "datapath/ops/set_ipv4.h"
#include "datapath/ops/set_ipv6.h"
#include "datapath/ops/set_l4.h"
#include "datapath/ops/set_mpls.h"
#include "datapath/ops/set_nd.h"
#include "datapath/ops/set_pbb.h"
#include "datapath/ops/set_queue.h"
#include "ofproto/xlate/xlate.h"

enum {
	ETH_TYPE_IPV4 = 0x0800,
	ETH_TYPE_ARP = 0x0806,
	ETH_TYPE_RARP = 0x8035,
	ETH_TYPE_IPV6 = 0x86dd,
	ETH_TYPE_MPLS = 0x8847,
	ETH_TYPE_MPLS_MCAST = 0x8848,
	ETH_TYPE_PBB = 0x88e7,
	PBB_TAG_UCA = 0x08000000,
	FIRST_QUEUE = 0x10001, /* the handle of queue 0 */
};

/* A word of a key, whose declared type is bytes or fields. */
typedef uint64_t __attribute__((may_alias)) key_word;

/* What ops have to set. */
struct need {
	struct key bits; /* those that may be wrong in some packet of the flow */
	struct key can; /* those whose value is known, so that whole fields can be set */
};

/* A packet certainly is as the pipeline wants where an op put it before, or where the mask says that
 * all packets are alike. A field that an op changed and the pipeline wants back as it came must be
 * told by the mask. */
static void find_needed(struct xlate *x, struct need *need)
{
	const key_word *key = (const key_word *)&x->key, *base = (const key_word *)&x->base;
	const key_word *known = (const key_word *)&x->known;
	const key_word *done = (const key_word *)&x->done;
	key_word *mask = (key_word *)&x->mask, *bits = (key_word *)&need->bits;

	for (unsigned i = 0; i < KEY_BLOCK_TUNNEL * KEY_BLOCK_SIZE / 8; i++) {
		uint64_t certain = (mask[i] | (done[i] & known[i])) & ~(key[i] ^ base[i]);

		bits[i] = (known[i] | done[i]) & ~certain;
		mask[i] |= bits[i] & ~known[i];
		((key_word *)&need->can)[i] = known[i] | mask[i];
	}
}

static bool any(const void *bits, size_t n)
{
	const uint8_t *p = bits;

	while (n--)
		if (*p++)
			return true;
	return false;
}

/* Fills an op's value and mask, both of 'n' bytes, for the field at 'offset' in the key. */
static void
fill(const struct xlate *x,
     const struct need *need,
     size_t offset,
     size_t n,
     void *to,
     void *to_mask)
{
	const uint8_t *value = (const uint8_t *)&x->key + offset;
	uint8_t *t = to;

	if (!any((const uint8_t *)&need->bits + offset, n))
		return;
	memcpy(to_mask, (const uint8_t *)&need->can + offset, n);
	for (size_t i = 0; i < n; i++)
		t[i] = value[i] & ((const uint8_t *)to_mask)[i];
}

#define FILL(op, to, field)                                                                        \
	fill(x, need, offsetof(struct key, field), sizeof((op)->to), &(op)->to, &(op)->to##_mask)

static void commit_eth(struct xlate *x, const struct need *need)
{
	if (!any(&need->bits.base.eth_dst, 12))
		return;
	struct op_set_eth *set = program_add(&x->program, &op_set_eth);

	FILL(set, dst, base.eth_dst);
	FILL(set, src, base.eth_src);
}

static void commit_ipv4(struct xlate *x, const struct need *need)
{
	const struct key_base *bits = &need->bits.base;

	if (!bits->ip_src && !bits->ip_dst && !bits->ip_tos && !bits->ip_ttl)
		return;
	struct op_set_ipv4 *set = program_add(&x->program, &op_set_ipv4);

	FILL(set, src, base.ip_src);
	FILL(set, dst, base.ip_dst);
	FILL(set, tos, base.ip_tos);
	FILL(set, ttl, base.ip_ttl);
}

static void commit_ipv6(struct xlate *x, const struct need *need)
{
	const struct key *bits = &need->bits;

	if (!any(bits->ipv6.src, 32) && !bits->ipv6.label && !bits->base.ip_tos &&
	    !bits->base.ip_ttl)
		return;
	struct op_set_ipv6 *set = program_add(&x->program, &op_set_ipv6);

	FILL(set, src, ipv6.src);
	FILL(set, dst, ipv6.dst);
	FILL(set, label, ipv6.label);
	FILL(set, tclass, base.ip_tos);
	FILL(set, hlimit, base.ip_ttl);
}

static void commit_l4(struct xlate *x, const struct need *need)
{
	if (!need->bits.base.l4_src && !need->bits.base.l4_dst)
		return;
	XLATE_LOOK(x, base.ip_proto);
	struct op_set_l4 *set = program_add(&x->program, &op_set_l4);

	set->ip_proto = x->key.base.ip_proto;
	FILL(set, src, base.l4_src);
	FILL(set, dst, base.l4_dst);
}

static void commit_arp(struct xlate *x, const struct need *need)
{
	const struct key *bits = &need->bits;

	if (!bits->base.ip_src && !bits->base.ip_dst && !bits->base.ip_proto &&
	    !any(&bits->extra.arp_sha, 2 * sizeof(struct mac)))
		return;
	struct op_set_arp *set = program_add(&x->program, &op_set_arp);

	FILL(set, spa, base.ip_src);
	FILL(set, tpa, base.ip_dst);
	FILL(set, sha, extra.arp_sha);
	FILL(set, tha, extra.arp_tha);
	FILL(set, op, base.ip_proto);
}

static void commit_mpls(struct xlate *x, const struct need *need)
{
	if (!need->bits.extra.mpls[0])
		return;
	struct op_set_mpls *set = program_add(&x->program, &op_set_mpls);

	FILL(set, entry, extra.mpls[0]);
}

static void commit_pbb(struct xlate *x, const struct need *need)
{
	const struct key_extra *bits = &need->bits.extra;

	if (!bits->pbb_isid && !bits->pbb_uca)
		return;
	struct op_set_pbb *set = program_add(&x->program, &op_set_pbb);

	FILL(set, tag, extra.pbb_isid);
	if (!bits->pbb_uca)
		return;
	set->tag_mask |= be32_from(PBB_TAG_UCA);
	if (x->key.extra.pbb_uca)
		set->tag |= be32_from(PBB_TAG_UCA);
}

static void commit_nd(struct xlate *x, const struct need *need)
{
	const struct key *bits = &need->bits;

	if (!any(bits->ipv6.nd_target, sizeof(bits->ipv6.nd_target)) &&
	    !any(&bits->ipv6.nd_sll, 2 * sizeof(struct mac)) && !bits->extra.nd_reserved &&
	    !bits->extra.nd_options_type)
		return;
	struct op_set_nd *set = program_add(&x->program, &op_set_nd);

	FILL(set, target, ipv6.nd_target);
	FILL(set, sll, ipv6.nd_sll);
	FILL(set, tll, ipv6.nd_tll);
	FILL(set, reserved, extra.nd_reserved);
	FILL(set, options_type, extra.nd_options_type);
}

/* What is behind the Ethernet header, by its type; a transport header only with IP. */
static void commit_inside(struct xlate *x, const struct need *need)
{
	size_t start = offsetof(struct key, base.ip_src);

	if (!any((const uint8_t *)&need->bits + start,
		 offsetof(struct key, extra.pkt_mark) - start))
		return;
	XLATE_LOOK(x, base.eth_type);
	switch (be16_to(x->key.base.eth_type)) {
	case ETH_TYPE_IPV4:
		commit_ipv4(x, need);
		commit_l4(x, need);
		break;
	case ETH_TYPE_IPV6:
		commit_ipv6(x, need);
		commit_nd(x, need);
		commit_l4(x, need);
		break;
	case ETH_TYPE_ARP:
	case ETH_TYPE_RARP:
		commit_arp(x, need);
		break;
	case ETH_TYPE_MPLS:
	case ETH_TYPE_MPLS_MCAST:
		commit_mpls(x, need);
		break;
	case ETH_TYPE_PBB:
		commit_pbb(x, need);
		break;
	default:
		break;
	}
}

/* Queues are written into packets as the handle of a class: 1 in the upper half, below it one more
 * than the queue's number. */
static void commit_queue(struct xlate *x, const struct need *need)
{
	uint32_t handle = be32_to(x->key.extra.skb_priority);

	/* It is no part of the packet, so it is what we made it. */
	if (!need->bits.extra.skb_priority ||
	    x->base.extra.skb_priority == x->key.extra.skb_priority)
		return;
	struct op_set_queue *set = program_add(&x->program, &op_set_queue);

	set->queue = handle ? handle - FIRST_QUEUE : 0;
}

void commit_headers(struct xlate *x)
{
	struct need need;
	const key_word *key = (const key_word *)&x->key;
	key_word *base = (key_word *)&x->base, *done = (key_word *)&x->done;

	find_needed(x, &need);
	commit_eth(x, &need);
	commit_inside(x, &need);
	commit_queue(x, &need);
	for (unsigned i = 0; i < KEY_BLOCK_TUNNEL * KEY_BLOCK_SIZE / 8; i++) {
		uint64_t bits = ((const key_word *)&need.bits)[i];

		base[i] = (base[i] & ~bits) | (key[i] & bits);
		done[i] |= bits;
	}
}

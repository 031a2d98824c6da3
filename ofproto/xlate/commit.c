/* SPDX-License-Identifier: Apache-2.0 */

/* Commit: the ops that turn the packet as it is into the packet the pipeline wants.
 *
 * Nothing is done to a packet until it is output somewhere, so that actions which cancel each other
 * cost nothing. After a commit 'base' is what the packet is.  */

#include <string.h>

#include "datapath/ops/pop_vlan.h"
#include "datapath/ops/push_vlan.h"
#include "datapath/ops/set_eth.h"
#include "datapath/ops/set_ipv4.h"
#include "datapath/ops/set_ipv6.h"
#include "datapath/ops/set_l4.h"
#include "datapath/ops/set_vlan.h"
#include "ofproto/xlate/xlate.h"

enum {
	TAGS = 2, /* as many as a key has */
	TPID_8021Q = 0x8100,
	ETH_TYPE_IPV4 = 0x0800,
	ETH_TYPE_IPV6 = 0x86dd,
};

struct tags {
	unsigned n;
	struct tag {
		be16 tpid;
		be16 tci; /* as in the key */
	} tags[TAGS]; /* outermost first */
};

static struct tags tags_of(const struct key *key)
{
	struct tags tags = {0};

	if (key->base.vlan_tci)
		tags.tags[tags.n++] = (struct tag){key->base.vlan_tpid, key->base.vlan_tci};
	if (key->base.vlan_tci && key->extra.vlan_tci2)
		tags.tags[tags.n++] = (struct tag){key->extra.vlan_tpid2, key->extra.vlan_tci2};
	return tags;
}

static bool tag_equal(struct tag a, struct tag b)
{
	return a.tpid == b.tpid && a.tci == b.tci;
}

/* How many of the innermost tags 'a' and 'b' have in common. */
static unsigned common_tags(const struct tags *a, const struct tags *b)
{
	unsigned n = 0;

	while (n < a->n && n < b->n && tag_equal(a->tags[a->n - 1 - n], b->tags[b->n - 1 - n]))
		n++;
	return n;
}

/* The wire's tag has no presence bit. */
static be16 wire_tci(be16 tci)
{
	return tci & be16_from((uint16_t)~KEY_VLAN_PRESENT);
}

static void commit_vlan(struct xlate *x)
{
	struct tags have = tags_of(&x->base), want = tags_of(&x->key);
	unsigned kept = common_tags(&have, &want);
	unsigned n_pop = have.n - kept, n_push = want.n - kept;

	/* What has to be done depends on the tags' types, which rules seldom look at. */
	if (have.n)
		x->mask.base.vlan_tpid = UINT16_MAX;
	if (have.n == TAGS)
		x->mask.extra.vlan_tpid2 = UINT16_MAX;

	/* A tag pushed onto two, or taken off again: the third is there but not in the key. */
	if (have.n == TAGS && want.n == TAGS && !kept) {
		if (tag_equal(have.tags[0], want.tags[1]))
			n_pop = 0, n_push = 1;
		else if (tag_equal(have.tags[1], want.tags[0]))
			n_pop = 1, n_push = 0;
	}
	if (n_pop == 1 && n_push == 1 && have.tags[0].tpid == want.tags[0].tpid) {
		struct op_set_vlan *set = program_add(&x->program, &op_set_vlan);

		set->tci = wire_tci(want.tags[0].tci);
		n_pop = n_push = 0;
	}
	while (n_pop--)
		program_add(&x->program, &op_pop_vlan);
	while (n_push--) {
		struct op_push_vlan *push = program_add(&x->program, &op_push_vlan);
		struct tag tag = want.tags[n_push];

		push->tpid = tag.tpid ? tag.tpid : be16_from(TPID_8021Q);
		push->tci = wire_tci(tag.tci);
	}
	x->base.base.vlan_tci = x->key.base.vlan_tci;
	x->base.base.vlan_tpid = x->key.base.vlan_tpid;
	x->base.extra.vlan_tci2 = x->key.extra.vlan_tci2;
	x->base.extra.vlan_tpid2 = x->key.extra.vlan_tpid2;
}

/* Header fields. */

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
	const uint64_t *key = (const uint64_t *)&x->key, *base = (const uint64_t *)&x->base;
	const uint64_t *known = (const uint64_t *)&x->known;
	const uint64_t *done = (const uint64_t *)&x->done;
	uint64_t *mask = (uint64_t *)&x->mask, *bits = (uint64_t *)&need->bits;

	for (unsigned i = 0; i < KEY_BLOCK_TUNNEL * KEY_BLOCK_SIZE / 8; i++) {
		uint64_t certain = (mask[i] | (done[i] & known[i])) & ~(key[i] ^ base[i]);

		bits[i] = (known[i] | done[i]) & ~certain;
		mask[i] |= bits[i] & ~known[i];
		((uint64_t *)&need->can)[i] = known[i] | mask[i];
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
	struct op_set_l4 *set = program_add(&x->program, &op_set_l4);

	set->ip_proto = x->key.base.ip_proto;
	FILL(set, src, base.l4_src);
	FILL(set, dst, base.l4_dst);
}

static void commit_headers(struct xlate *x)
{
	struct need need;
	const uint64_t *key = (const uint64_t *)&x->key;
	uint64_t *base = (uint64_t *)&x->base, *done = (uint64_t *)&x->done;

	find_needed(x, &need);
	commit_eth(x, &need);
	if (x->key.base.eth_type == be16_from(ETH_TYPE_IPV4))
		commit_ipv4(x, &need);
	else if (x->key.base.eth_type == be16_from(ETH_TYPE_IPV6))
		commit_ipv6(x, &need);
	commit_l4(x, &need);
	for (unsigned i = 0; i < KEY_BLOCK_TUNNEL * KEY_BLOCK_SIZE / 8; i++) {
		uint64_t bits = ((const uint64_t *)&need.bits)[i];

		base[i] = (base[i] & ~bits) | (key[i] & bits);
		done[i] |= bits;
	}
}

void xlate_commit(struct xlate *x)
{
	if (x->edited)
		commit_headers(x);
	if (x->base.base.vlan_tci != x->key.base.vlan_tci ||
	    x->base.base.vlan_tpid != x->key.base.vlan_tpid ||
	    x->base.extra.vlan_tci2 != x->key.extra.vlan_tci2)
		commit_vlan(x);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Commit: the ops that turn the packet as it is into the packet the pipeline wants.
 *
 * Nothing is done to a packet until it is output somewhere, so that actions which cancel each other
 * cost nothing. After a commit 'base' is what the packet is.  */

#include "ofproto/xlate/commit.h"

#include <string.h>

#include "datapath/ops/pop_vlan.h"
#include "datapath/ops/push_vlan.h"
#include "datapath/ops/set_vlan.h"
#include "ofproto/xlate/commit_headers.h"
#include "ofproto/xlate/xlate.h"

enum {
	TAGS = 2 + KEY_DEEP_TAGS, /* two that a packet's key has */
	TPID_8021Q = 0x8100,
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
	const struct key_tag *deep = key->pipeline.tags;
	struct tags tags = {0};

	if (key->base.vlan_tci)
		tags.tags[tags.n++] = (struct tag){key->base.vlan_tpid, key->base.vlan_tci};
	if (key->base.vlan_tci && key->extra.vlan_tci2)
		tags.tags[tags.n++] = (struct tag){key->extra.vlan_tpid2, key->extra.vlan_tci2};
	for (unsigned i = 0; i < KEY_DEEP_TAGS && deep[i].tci; i++)
		tags.tags[tags.n++] = (struct tag){deep[i].tpid, deep[i].tci};
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

/* A tag that an earlier op took off and that is now put back is written as the packet had it: all of
 * it matters then. */
static void look_at_lost_tags(struct xlate *x)
{
	const struct key *came = x->packet;

	if (came->base.vlan_tci &&
	    (came->base.vlan_tci != x->base.base.vlan_tci || tags_of(&x->base).n < tags_of(came).n))
		x->mask.base.vlan_tci = UINT16_MAX;
	if (came->base.vlan_tci && came->extra.vlan_tci2 &&
	    came->extra.vlan_tci2 != x->base.extra.vlan_tci2)
		x->mask.extra.vlan_tci2 = UINT16_MAX;
}

void commit_look_tag_types(struct xlate *x)
{
	if (x->base.base.vlan_tci)
		x->mask.base.vlan_tpid = UINT16_MAX;
	if (x->base.base.vlan_tci && x->base.extra.vlan_tci2)
		x->mask.extra.vlan_tpid2 = UINT16_MAX;
}

static void commit_vlan(struct xlate *x)
{
	struct tags have = tags_of(&x->base), want = tags_of(&x->key);
	unsigned kept = common_tags(&have, &want);
	unsigned n_pop = have.n - kept, n_push = want.n - kept;

	commit_look_tag_types(x);
	if (n_push)
		look_at_lost_tags(x);
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
	memcpy(x->base.pipeline.tags, x->key.pipeline.tags, sizeof(x->key.pipeline.tags));
}

static bool has_same_tags(const struct key *a, const struct key *b)
{
	return a->base.vlan_tci == b->base.vlan_tci && a->base.vlan_tpid == b->base.vlan_tpid &&
		a->extra.vlan_tci2 == b->extra.vlan_tci2 &&
		!memcmp(a->pipeline.tags, b->pipeline.tags, sizeof(a->pipeline.tags));
}

void xlate_commit(struct xlate *x)
{
	if (x->edited)
		commit_headers(x);
	if (!has_same_tags(&x->base, &x->key))
		commit_vlan(x);
}

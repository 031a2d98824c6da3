/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/groups/chain.h"

#include <stdlib.h>

#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/xmalloc.h"
#include "ofproto/groups/groups_priv.h"
#include "ofproto/wire/action_codec.h"

enum {
	CHAIN_MAX = 32
};

/* A group that has been followed to all its ends. */
struct followed {
	struct hmap_node node; /* by id */
	uint32_t id;
	unsigned length; /* of the longest chain behind it */
};

struct walk {
	const struct groups *groups;
	uint32_t id; /* which nobody may lead to */
	struct hmap followed;
	bool bad;
};

static unsigned
follow_buckets(struct walk *walk, const struct group_bucket *buckets, unsigned n, unsigned depth);

static const struct followed *find(const struct walk *walk, uint32_t id)
{
	const struct followed *followed;

	HMAP_FOREACH_WITH_HASH(followed, node, hash_u64(id, 0), &walk->followed)
		if (followed->id == id)
			return followed;
	return NULL;
}

static void keep(struct walk *walk, uint32_t id, unsigned length)
{
	struct followed *followed = XNEW(struct followed);

	followed->id = id;
	followed->length = length;
	hmap_add(&walk->followed, &followed->node, hash_u64(id, 0));
}

/* Each group is followed once, however many ways lead to it. */
static unsigned follow(struct walk *walk, uint32_t id, unsigned depth)
{
	const struct followed *followed = find(walk, id);
	const struct group *group;
	unsigned length;

	if (followed) {
		walk->bad |= depth + followed->length > CHAIN_MAX;
		return followed->length;
	}
	group = groups_find_newest(walk->groups, id);
	walk->bad |= id == walk->id || depth > CHAIN_MAX;
	if (walk->bad || !group)
		return 0;
	length = follow_buckets(walk, group->buckets, group->n_buckets, depth + 1);
	keep(walk, id, length);
	return length;
}

/* Those inside others, too. */
static unsigned follow_actions(struct walk *walk, const struct action_list *list, unsigned depth)
{
	unsigned longest = 0;

	ACTION_FOREACH(action, list) {
		struct action_list inside = action_inside(action);
		unsigned length = follow_actions(walk, &inside, depth);

		if (action->type->set_slot == ACTION_SET_GROUP)
			length = 1 +
				follow(walk,
				       (uint32_t)((const struct action_value *)action)->value,
				       depth);
		if (length > longest)
			longest = length;
	}
	return longest;
}

static unsigned
follow_buckets(struct walk *walk, const struct group_bucket *buckets, unsigned n, unsigned depth)
{
	unsigned longest = 0;

	for (unsigned i = 0; i < n && !walk->bad; i++) {
		unsigned length = follow_actions(walk, &buckets[i].actions->list, depth);

		if (length > longest)
			longest = length;
	}
	return longest;
}

bool chain_is_bad(const struct groups *groups, uint32_t id, const struct group_list *list)
{
	struct walk walk = {.groups = groups, .id = id};
	struct followed *followed;

	hmap_init(&walk.followed);
	follow_buckets(&walk, list->buckets, list->n, 1);
	HMAP_FOREACH_SAFE(followed, node, &walk.followed)
		free(followed);
	hmap_fini(&walk.followed);
	return walk.bad;
}

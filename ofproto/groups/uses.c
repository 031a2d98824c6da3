/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/groups/uses.h"

#include <stdlib.h>

#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/xmalloc.h"
#include "ofproto/tables/rule.h"
#include "ofproto/wire/action_codec.h"

/* Of a group that some rule uses. */
struct use {
	struct hmap_node node; /* by group */
	uint32_t group;
	uint32_t n;
	uint64_t counted; /* by the call of that number: a rule may name a group more than once */
};

struct uses {
	struct hmap map;
	uint64_t calls;
};

static uint32_t hash_of(uint32_t group)
{
	return hash_u64(group, 0);
}

static struct use *find(const struct uses *uses, uint32_t group)
{
	struct use *use;

	HMAP_FOREACH_WITH_HASH(use, node, hash_of(group), &uses->map)
		if (use->group == group)
			return use;
	return NULL;
}

static void count(struct uses *uses, uint32_t group, int difference)
{
	struct use *use = find(uses, group);

	if (!use) {
		use = XNEW(struct use);
		use->group = group;
		hmap_add(&uses->map, &use->node, hash_of(group));
	}
	if (use->counted == uses->calls)
		return;
	use->counted = uses->calls;
	use->n += (uint32_t)difference;
}

/* Those that no rule uses any more; not before all of a rule's have been counted. */
static void drop_unused(struct uses *uses, const struct action_list *list)
{
	ACTION_FOREACH(action, list) {
		struct action_list inside = action_inside(action);

		if (action->nested)
			drop_unused(uses, &inside);
		if (action->type->set_slot != ACTION_SET_GROUP)
			continue;
		struct use *use =
			find(uses, (uint32_t)((const struct action_value *)action)->value);

		if (!use || use->n)
			continue;
		hmap_del(&uses->map, &use->node);
		free(use);
	}
}

static void count_list(struct uses *uses, const struct action_list *list, int difference)
{
	ACTION_FOREACH(action, list) {
		struct action_list inside = action_inside(action);

		if (action->type->set_slot == ACTION_SET_GROUP)
			count(uses,
			      (uint32_t)((const struct action_value *)action)->value,
			      difference);
		if (action->nested)
			count_list(uses, &inside, difference);
	}
}

void uses_count(struct uses *uses, const struct rule_actions *actions, int difference)
{
	uses->calls++;
	count_list(uses, &actions->list, difference);
	if (difference < 0)
		drop_unused(uses, &actions->list);
}

uint32_t uses_get(const struct uses *uses, uint32_t group)
{
	const struct use *use = find(uses, group);

	return use ? use->n : 0;
}

struct uses *uses_new(void)
{
	struct uses *uses = XNEW(struct uses);

	hmap_init(&uses->map);
	return uses;
}

void uses_free(struct uses *uses)
{
	struct use *use;

	if (!uses)
		return;
	HMAP_FOREACH_SAFE(use, node, &uses->map)
		free(use);
	hmap_fini(&uses->map);
	free(uses);
}

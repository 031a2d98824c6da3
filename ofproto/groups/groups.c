/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/groups/groups.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/groups/chain.h"
#include "ofproto/groups/dead_ports.h"
#include "ofproto/groups/group_set.h"
#include "ofproto/groups/groups_priv.h"
#include "ofproto/groups/uses.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/rules.h"
#include "ofproto/wire/messages.h"

enum {
	ADD,
	MODIFY,
	DELETE,
	INSERT_BUCKET,
	REMOVE_BUCKET = 5,
	ADD_OR_MODIFY = 0x8000,
};

/* Bucket ids of commands. */
#define BUCKET_FIRST 0xfffffffdu
#define BUCKET_LAST  0xfffffffeu
#define BUCKET_ALL   0xffffffffu

struct groups {
	struct group_set *set; /* main writes, translators read */
	struct dead_ports *dead; /* main writes, translators read */
	/* Main. */
	struct group_set *pending; /* of an open batch, or NULL */
	uint32_t *changed; /* ids of what the batch has put or deleted, some more than once */
	unsigned n_changed, changed_size;
	unsigned depth;
	struct uses *uses;
};

/* Groups that have gone, on their way to the keeper and back. */
struct gone {
	struct errand errand;
	unsigned n;
	struct group *groups[];
};

const struct group *groups_find(const struct groups *groups, uint32_t id)
{
	return group_set_find(epoch_load(&groups->set), id);
}

bool groups_port_is_dead(const struct groups *groups, uint32_t port)
{
	return dead_ports_have(epoch_load(&groups->dead), port);
}

static const struct group_set *newest(const struct groups *groups)
{
	return groups->pending ? groups->pending : groups->set;
}

const struct group *groups_find_newest(const struct groups *groups, uint32_t id)
{
	return group_set_find(newest(groups), id);
}

uint32_t *groups_list(const struct groups *groups, unsigned *n)
{
	const struct group_set *set = newest(groups);
	uint32_t *ids = XNEW_N(uint32_t, group_set_count(set) + 1);
	const struct group *group;

	*n = 0;
	GROUP_SET_FOREACH(group, set)
	ids[(*n)++] = group->id;
	return ids;
}

uint32_t groups_count_rules(const struct groups *groups, uint32_t id)
{
	return uses_get(groups->uses, id);
}

void groups_count_rule(struct groups *groups, const struct rule_actions *actions, int difference)
{
	uses_count(groups->uses, actions, difference);
}

/* Batches. */

static void free_gone(struct errand *errand)
{
	struct gone *gone = container_of(errand, struct gone, errand);

	for (unsigned i = 0; i < gone->n; i++)
		epoch_free(gone->groups[i], group_free);
	free(gone);
}

static int compare_ids(const void *a_, const void *b_)
{
	const uint32_t *a = a_, *b = b_;

	return (*a > *b) - (*a < *b);
}

/* What was 'old' has gone or is another now. */
static void note_gone(struct change *change, struct gone *gone, const struct group *old)
{
	for (unsigned i = 0; i <= old->n_buckets; i++)
		change_add(change, DEP_GROUP_COUNTS, 0, 0, (uintptr_t)&old->counts[i]);
	gone->groups[gone->n++] = (struct group *)old;
}

/* Notes what the batch has changed, and sends off groups that are only in the old set. */
static void note_differences(struct bridge *bridge, const struct group_set *before)
{
	struct groups *groups = bridge->groups;
	struct change *change = bridge_changes_begin();
	struct gone *gone = xcalloc(1, sizeof(*gone) + groups->n_changed * sizeof(gone->groups[0]));

	gone->errand.done = free_gone;
	qsort(groups->changed, groups->n_changed, sizeof(groups->changed[0]), compare_ids);
	for (unsigned i = 0; i < groups->n_changed; i++) {
		uint32_t id = groups->changed[i];
		const struct group *old = group_set_find(before, id);

		if ((i && groups->changed[i - 1] == id) || group_set_find(groups->set, id) == old)
			continue;
		change_add(change, DEP_GROUP, bridge->index, 0, id);
		if (old)
			note_gone(change, gone, old);
	}
	bridge_changes_after(&gone->errand);
	bridge_changes_end();
}

static void forget_changes(struct groups *groups)
{
	free(groups->changed);
	groups->changed = NULL;
	groups->n_changed = groups->changed_size = 0;
}

static void publish(struct bridge *bridge)
{
	struct groups *groups = bridge->groups;
	struct group_set *old = groups->set;

	if (!groups->pending)
		return;
	epoch_store(&groups->set, groups->pending);
	groups->pending = NULL;
	note_differences(bridge, old);
	forget_changes(groups);
	epoch_free(old, group_set_free);
}

void groups_batch_begin(struct bridge *bridge)
{
	bridge->groups->depth++;
}

/* Groups come before the rules that use them: end this batch before that of the rules. */
void groups_batch_end(struct bridge *bridge)
{
	if (!--bridge->groups->depth)
		publish(bridge);
}

/* Nobody but this batch has seen a group that is not in the published set. */
static void drop_unseen(struct groups *groups, const struct group *group)
{
	if (group && group_set_find(groups->set, group->id) != group)
		group_free((struct group *)group);
}

void groups_batch_undo(struct bridge *bridge)
{
	struct groups *groups = bridge->groups;
	struct group_set *pending = groups->pending;

	groups->depth = 0;
	groups->pending = NULL;
	if (!pending)
		return;
	qsort(groups->changed, groups->n_changed, sizeof(groups->changed[0]), compare_ids);
	for (unsigned i = 0; i < groups->n_changed; i++)
		if (!i || groups->changed[i - 1] != groups->changed[i])
			drop_unseen(groups, group_set_find(pending, groups->changed[i]));
	forget_changes(groups);
	group_set_free(pending);
}

/* The set of this batch, in which 'id' will be put or deleted. */
static struct group_set *edit(struct groups *groups, uint32_t id)
{
	if (!groups->pending)
		groups->pending = group_set_copy(groups->set);
	if (groups->n_changed == groups->changed_size) {
		groups->changed_size = groups->changed_size * 2 + 1;
		groups->changed = xrealloc(
			groups->changed, groups->changed_size * sizeof(groups->changed[0])
		);
	}
	groups->changed[groups->n_changed++] = id;
	return groups->pending;
}

static void put(struct groups *groups, struct group *group)
{
	drop_unseen(groups, group_set_put(edit(groups, group->id), group));
}

/* Changes. */

static void take_counts(struct group *group, const struct group *old)
{
	group->created_ms = old->created_ms;
	group->counts[0] = old->counts[0];
	for (unsigned i = 0; i < group->n_buckets; i++)
		for (unsigned j = 0; j < old->n_buckets; j++)
			if (group->buckets[i].id == old->buckets[j].id)
				group->counts[i + 1] = old->counts[j + 1];
}

static enum of_error
check_group(const struct groups *groups, uint32_t id, uint8_t type, const struct group_list *list)
{
	if (type > GROUP_FAST_FAILOVER)
		return OF_GMFC_BAD_TYPE;
	if (chain_is_bad(groups, id, list))
		return OF_GMFC_LOOP;
	return group_buckets_check(list, type);
}

static enum of_error
put_group(struct bridge *bridge, const struct of_group_mod *mod, const struct group *old)
{
	struct groups *groups = bridge->groups;
	struct group_selection selection;
	struct group_list list;
	enum of_error error;

	if (mod->type > GROUP_FAST_FAILOVER)
		return OF_GMFC_BAD_TYPE;
	error = group_selection_read(&selection, &mod->properties, mod->type);
	if (error)
		return error;
	error = group_buckets_read(&list, mod, mod->type);
	if (!error)
		error = check_group(groups, mod->group_id, mod->type, &list);
	if (error) {
		group_buckets_free(&list);
		return error;
	}
	struct group *group = group_new(mod->group_id, mod->type, &mod->properties, &list);

	/* Buckets are others even if they look alike: only the age stays. */
	if (old)
		group->created_ms = old->created_ms;
	put(groups, group);
	return OF_OK;
}

static enum of_error add(struct bridge *bridge, const struct of_group_mod *mod)
{
	if (mod->group_id > GROUP_ID_MAX)
		return OF_GMFC_INVALID_GROUP;
	if (groups_find_newest(bridge->groups, mod->group_id))
		return OF_GMFC_GROUP_EXISTS;
	if (group_set_count(newest(bridge->groups)) >= GROUPS_MAX)
		return OF_GMFC_OUT_OF_GROUPS;
	return put_group(bridge, mod, NULL);
}

static void del_one(struct groups *groups, uint32_t id)
{
	drop_unseen(groups, group_set_del(edit(groups, id), id));
}

static void del(struct bridge *bridge, uint32_t id)
{
	struct groups *groups = bridge->groups;

	/* Rules that send packets to a group go with it. */
	if (id == GROUP_ID_ALL || groups_count_rules(groups, id))
		rules_delete_with_group(bridge, id);
	if (id != GROUP_ID_ALL) {
		del_one(groups, id);
		return;
	}
	for (const struct group *group; (group = group_set_find_from(newest(groups), 0));)
		del_one(groups, group->id);
}

static unsigned bucket_place(const struct group *group, uint32_t id)
{
	unsigned i = 0;

	while (i < group->n_buckets && group->buckets[i].id != id)
		i++;
	return i;
}

static enum of_error
insert(struct bridge *bridge, const struct of_group_mod *mod, const struct group *old)
{
	struct group_list list;
	unsigned at = 0;
	enum of_error error;

	if (mod->command_bucket_id == BUCKET_LAST) {
		at = old->n_buckets;
	} else if (mod->command_bucket_id != BUCKET_FIRST) {
		at = bucket_place(old, mod->command_bucket_id) + 1;
		if (at > old->n_buckets)
			return OF_GMFC_UNKNOWN_BUCKET;
	}
	error = group_buckets_read(&list, mod, old->type);
	if (error)
		return error;
	group_buckets_copy(&list, old, at);
	error = check_group(bridge->groups, old->id, old->type, &list);
	if (error) {
		group_buckets_free(&list);
		return error;
	}
	struct group *group = group_new(old->id, old->type, &old->properties, &list);

	take_counts(group, old);
	put(bridge->groups, group);
	return OF_OK;
}

static enum of_error
remove_bucket(struct bridge *bridge, const struct of_group_mod *mod, const struct group *old)
{
	struct group_list list = {.buckets = NULL}, kept = {.buckets = NULL};
	unsigned first = 0, last = old->n_buckets;

	if (mod->command_bucket_id == BUCKET_FIRST)
		last = old->n_buckets ? 1 : 0;
	else if (mod->command_bucket_id == BUCKET_LAST)
		first = old->n_buckets ? old->n_buckets - 1 : 0;
	else if (mod->command_bucket_id != BUCKET_ALL) {
		first = bucket_place(old, mod->command_bucket_id);
		if (first == old->n_buckets)
			return OF_GMFC_UNKNOWN_BUCKET;
		last = first + 1;
	}
	if (old->type == GROUP_INDIRECT && last > first)
		return OF_GMFC_INVALID_GROUP;
	group_buckets_copy(&list, old, 0);
	kept.buckets = XNEW_N(struct group_bucket, list.n + 1);
	for (unsigned i = 0; i < list.n; i++) {
		if (i < first || i >= last)
			kept.buckets[kept.n++] = list.buckets[i];
		else
			rule_actions_free(list.buckets[i].actions);
	}
	free(list.buckets);
	struct group *group = group_new(old->id, old->type, &old->properties, &kept);

	take_counts(group, old);
	put(bridge->groups, group);
	return OF_OK;
}

static enum of_error run(struct bridge *bridge, const struct of_group_mod *mod)
{
	const struct group *old = groups_find_newest(bridge->groups, mod->group_id);

	if (mod->command == ADD || (mod->command == ADD_OR_MODIFY && !old))
		return add(bridge, mod);
	if (mod->command == DELETE) {
		if (mod->group_id > GROUP_ID_MAX && mod->group_id != GROUP_ID_ALL)
			return OF_GMFC_INVALID_GROUP;
		del(bridge, mod->group_id);
		return OF_OK;
	}
	if (mod->command != MODIFY && mod->command != ADD_OR_MODIFY &&
	    (!mod->numbered || (mod->command != INSERT_BUCKET && mod->command != REMOVE_BUCKET)))
		return OF_GMFC_BAD_COMMAND;
	if (!old)
		return OF_GMFC_UNKNOWN_GROUP;
	if (mod->command == INSERT_BUCKET)
		return insert(bridge, mod, old);
	if (mod->command == REMOVE_BUCKET)
		return remove_bucket(bridge, mod, old);
	return put_group(bridge, mod, old);
}

enum of_error groups_mod(struct bridge *bridge, const struct of_group_mod *mod)
{
	enum of_error error;

	bridge_changes_begin();
	groups_batch_begin(bridge);
	error = run(bridge, mod);
	groups_batch_end(bridge);
	bridge_changes_end();
	return error;
}

void groups_clear(struct bridge *bridge)
{
	const struct of_group_mod mod = {.command = DELETE, .group_id = GROUP_ID_ALL};

	groups_mod(bridge, &mod);
}

void groups_poll(void)
{
	struct bridge *bridge;

	HMAP_FOREACH(bridge, node, bridges_all())
		dead_ports_poll(&bridge->groups->dead, bridge);
}

struct groups *groups_new(void)
{
	struct groups *groups = XNEW(struct groups);

	groups->set = group_set_new();
	groups->dead = dead_ports_new();
	groups->uses = uses_new();
	return groups;
}

/* They have been cleared. */
void groups_free(struct groups *groups)
{
	if (!groups)
		return;
	group_set_free(groups->set);
	free(groups->dead);
	uses_free(groups->uses);
	free(groups);
}

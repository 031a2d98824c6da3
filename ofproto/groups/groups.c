/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/groups/groups.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/groups/groups_priv.h"
#include "ofproto/groups/uses.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/protocol.h"
#include "ofproto/rules.h"
#include "ofproto/wire/action_codec.h"
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

/* In order of their ids. Immutable once published. */
struct group_set {
	unsigned n_dead;
	uint32_t *dead; /* ports without link, or with nobody at its other end, in order */
	unsigned n;
	const struct group *list[];
};

struct groups {
	struct group_set *set; /* main writes, translators read */
	struct group_set *pending; /* main: of an open batch, or NULL */
	unsigned depth; /* main */
	struct uses *uses; /* main */
};

/* Groups that have gone, on their way to the keeper and back. */
struct gone {
	struct errand errand;
	unsigned n;
	struct group *groups[];
};

/* The place of the group in the set, or where it would be. */
static unsigned place(const struct group_set *set, uint32_t id)
{
	unsigned low = 0, high = set->n;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (set->list[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct group *find(const struct group_set *set, uint32_t id)
{
	unsigned i = place(set, id);

	return i < set->n && set->list[i]->id == id ? set->list[i] : NULL;
}

const struct group *groups_find(const struct groups *groups, uint32_t id)
{
	return find(epoch_load(&groups->set), id);
}

bool groups_port_is_dead(const struct groups *groups, uint32_t port)
{
	const struct group_set *set = epoch_load(&groups->set);

	for (unsigned i = 0; i < set->n_dead; i++)
		if (set->dead[i] == port)
			return true;
	return false;
}

static const struct group_set *newest(const struct groups *groups)
{
	return groups->pending ? groups->pending : groups->set;
}

const struct group *groups_find_newest(const struct groups *groups, uint32_t id)
{
	return find(newest(groups), id);
}

const struct group *groups_at(const struct groups *groups, unsigned i)
{
	const struct group_set *set = newest(groups);

	return i < set->n ? set->list[i] : NULL;
}

uint32_t *groups_list(const struct groups *groups, unsigned *n)
{
	const struct group_set *set = newest(groups);
	uint32_t *ids = XNEW_N(uint32_t, set->n + 1);

	for (unsigned i = 0; i < set->n; i++)
		ids[i] = set->list[i]->id;
	*n = set->n;
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

/* Sets. */

static struct group_set *set_copy(const struct group_set *set)
{
	struct group_set *copy = xcalloc(1, sizeof(*copy) + (set->n + 1) * sizeof(set->list[0]));

	copy->n = set->n;
	memcpy(copy->list, set->list, set->n * sizeof(set->list[0]));
	copy->n_dead = set->n_dead;
	copy->dead = XNEW_N(uint32_t, set->n_dead + 1);
	if (set->n_dead)
		memcpy(copy->dead, set->dead, set->n_dead * sizeof(set->dead[0]));
	return copy;
}

static void set_free(void *set_)
{
	struct group_set *set = set_;

	if (!set)
		return;
	free(set->dead);
	free(set);
}

static void set_free_errand(struct errand *errand)
{
	struct gone *gone = container_of(errand, struct gone, errand);

	for (unsigned i = 0; i < gone->n; i++)
		epoch_free(gone->groups[i], group_free);
	free(gone);
}

/* Notes what differs between the sets, and sends off groups that are only in the old one. */
static void
note_differences(struct bridge *bridge, const struct group_set *old, const struct group_set *new)
{
	struct change *change = bridge_changes_begin();
	struct gone *gone = xcalloc(1, sizeof(*gone) + (old->n + 1) * sizeof(gone->groups[0]));

	gone->errand.done = set_free_errand;
	for (unsigned i = 0; i < old->n; i++) {
		const struct group *group = old->list[i];

		if (find(new, group->id) == group)
			continue;
		change_add(change, DEP_GROUP, bridge->index, 0, group->id);
		for (unsigned j = 0; j <= group->n_buckets; j++)
			change_add(change, DEP_GROUP_COUNTS, 0, 0, (uintptr_t)&group->counts[j]);
		gone->groups[gone->n++] = (struct group *)group;
	}
	for (unsigned i = 0; i < new->n; i++)
		if (!find(old, new->list[i]->id))
			change_add(change, DEP_GROUP, bridge->index, 0, new->list[i]->id);
	bridge_changes_after(&gone->errand);
	bridge_changes_end();
}

static void publish(struct bridge *bridge)
{
	struct groups *groups = bridge->groups;
	struct group_set *old = groups->set;

	if (!groups->pending)
		return;
	epoch_store(&groups->set, groups->pending);
	groups->pending = NULL;
	note_differences(bridge, old, groups->set);
	epoch_free(old, set_free);
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

void groups_batch_undo(struct bridge *bridge)
{
	struct groups *groups = bridge->groups;
	struct group_set *pending = groups->pending;

	groups->depth = 0;
	groups->pending = NULL;
	for (unsigned i = 0; pending && i < pending->n; i++)
		if (find(groups->set, pending->list[i]->id) != pending->list[i])
			group_free((struct group *)pending->list[i]);
	set_free(pending);
}

static struct group_set *edit(struct groups *groups)
{
	if (!groups->pending)
		groups->pending = set_copy(groups->set);
	return groups->pending;
}

/* Nobody but this batch has seen a group that is not in the published set. */
static void drop_unseen(struct groups *groups, const struct group *group)
{
	if (find(groups->set, group->id) != group)
		group_free((struct group *)group);
}

static void put(struct groups *groups, struct group *group)
{
	struct group_set *set = edit(groups);
	unsigned i = place(set, group->id);

	if (i < set->n && set->list[i]->id == group->id) {
		drop_unseen(groups, set->list[i]);
		set->list[i] = group;
		return;
	}
	set = xrealloc(set, sizeof(*set) + (set->n + 1) * sizeof(set->list[0]));
	groups->pending = set;
	memmove(&set->list[i + 1], &set->list[i], (set->n - i) * sizeof(set->list[0]));
	set->list[i] = group;
	set->n++;
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

/* Whether 'id' is reached from the buckets. */
static bool leads_to(
	const struct groups *groups,
	const struct group_bucket *buckets,
	unsigned n,
	uint32_t id,
	unsigned depth
)
{
	if (depth > 32)
		return true;
	for (unsigned i = 0; i < n; i++)
		ACTION_FOREACH(action, &buckets[i].actions->list) {
			const struct group *group;

			if (action->type->set_slot != ACTION_SET_GROUP)
				continue;
			uint32_t next = (uint32_t)((const struct action_value *)action)->value;

			group = groups_find_newest(groups, next);
			if (next == id ||
			    (group &&
			     leads_to(groups, group->buckets, group->n_buckets, id, depth + 1)))
				return true;
		}
	return false;
}

static enum of_error
check_group(const struct groups *groups, uint32_t id, uint8_t type, const struct group_list *list)
{
	if (type > GROUP_FAST_FAILOVER)
		return OF_GMFC_BAD_TYPE;
	if (leads_to(groups, list->buckets, list->n, id, 0))
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
	if (newest(bridge->groups)->n >= GROUPS_MAX)
		return OF_GMFC_OUT_OF_GROUPS;
	return put_group(bridge, mod, NULL);
}

static void del(struct bridge *bridge, uint32_t id)
{
	struct group_set *set = edit(bridge->groups);
	unsigned n = 0;

	/* Rules that send packets to a group go with it. */
	if (id == GROUP_ID_ALL || groups_count_rules(bridge->groups, id))
		rules_delete_with_group(bridge, id);
	for (unsigned i = 0; i < set->n; i++) {
		const struct group *group = set->list[i];

		if (id != GROUP_ID_ALL && group->id != id) {
			set->list[n++] = group;
			continue;
		}
		drop_unseen(bridge->groups, group);
	}
	set->n = n;
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

/* Links. */

static bool is_dead(const struct view_port *port)
{
	const struct port *device = port->id ? port_by_id(port->id) : NULL;

	return device && !port_link_up(device);
}

/* Ports without link, or with nobody at its other end, in order; NULL if there is none. */
static uint32_t *find_dead(const struct bridge *bridge, unsigned *n)
{
	uint32_t *dead = NULL;

	*n = 0;
	for (unsigned i = 0; bridge->view && i < bridge->view->n_ports; i++) {
		const struct view_port *port = bridge->view->ports[i];
		const struct bridge_port *mine = bridge_find_port(bridge, port->name);

		if (!is_dead(port) && !(mine && protocols_say_dead(mine)))
			continue;
		dead = xrealloc(dead, (*n + 1) * sizeof(dead[0]));
		dead[(*n)++] = port->number;
	}
	return dead;
}

static bool is_among(const uint32_t *list, unsigned n, uint32_t number)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i] == number)
			return true;
	return false;
}

/* Tells who depends on links that came or went. */
static void note_links(struct bridge *bridge, const struct group_set *a, const struct group_set *b)
{
	struct change *change = bridge_changes_begin();

	for (unsigned i = 0; i < a->n_dead; i++)
		if (!is_among(b->dead, b->n_dead, a->dead[i]))
			change_add(change, DEP_NUMBER, bridge->index, 0, a->dead[i]);
	for (unsigned i = 0; i < b->n_dead; i++)
		if (!is_among(a->dead, a->n_dead, b->dead[i]))
			change_add(change, DEP_NUMBER, bridge->index, 0, b->dead[i]);
	bridge_changes_end();
}

static void poll_bridge(struct bridge *bridge)
{
	struct groups *groups = bridge->groups;
	struct group_set *old = groups->set, *new;
	unsigned n;
	uint32_t *dead;

	if (groups->pending)
		return;
	dead = find_dead(bridge, &n);
	if (n == old->n_dead && (!n || !memcmp(dead, old->dead, n * sizeof(dead[0])))) {
		free(dead);
		return;
	}
	new = set_copy(old);
	free(new->dead);
	new->dead = dead;
	new->n_dead = n;
	epoch_store(&groups->set, new);
	note_links(bridge, old, new);
	epoch_free(old, set_free);
}

void groups_poll(void)
{
	struct bridge *bridge;

	HMAP_FOREACH(bridge, node, bridges_all())
		poll_bridge(bridge);
}

struct groups *groups_new(void)
{
	struct groups *groups = XNEW(struct groups);

	groups->set = XNEW(struct group_set);
	groups->set->dead = XNEW_N(uint32_t, 1);
	groups->uses = uses_new();
	return groups;
}

void groups_free(struct groups *groups)
{
	if (!groups)
		return;
	for (unsigned i = 0; i < groups->set->n; i++)
		group_free((struct group *)groups->set->list[i]);
	set_free(groups->set);
	uses_free(groups->uses);
	free(groups);
}

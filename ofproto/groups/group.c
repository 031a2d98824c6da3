/* SPDX-License-Identifier: Apache-2.0 */

/* Making groups: buckets off the wire, and what they must be like.  */

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/flow/names.h"
#include "lib/xmalloc.h"
#include "ofproto/actions/room.h"
#include "ofproto/groups/groups_priv.h"
#include "ofproto/wire/action.h"
#include "ofproto/wire/messages.h"

/* Properties of a bucket. */
enum {
	WEIGHT,
	WATCH_PORT,
	WATCH_GROUP,
};

static enum of_error read_properties(struct of_bucket *bucket)
{
	struct wire_in list =
		wire_in(bucket->properties.data, bucket->properties.n, bucket->properties.version);
	struct wire_in body;
	uint16_t type;

	while (wire_property(&list, &type, &body)) {
		if (type == WEIGHT)
			bucket->weight = wire_u16(&body);
		else if (type == WATCH_PORT)
			bucket->watch_port = wire_u32(&body);
		else if (type == WATCH_GROUP)
			bucket->watch_group = wire_u32(&body);
		else
			return OF_BPC_BAD_TYPE;
		if (body.error)
			return OF_BPC_BAD_LEN;
	}
	return list.error ? OF_BPC_BAD_LEN : OF_OK;
}

static unsigned rank(const struct rule_action *action)
{
	unsigned slot = ((const struct action *)action->args)->type->set_slot;

	return slot ? slot : ACTION_SET_QUEUE;
}

/* A bucket is an action set: its actions are done in that order. */
static void sort_actions(struct rule_actions *actions)
{
	for (unsigned i = 1; i < actions->n; i++)
		for (unsigned j = i;
		     j && rank(&actions->actions[j - 1]) > rank(&actions->actions[j]);
		     j--) {
			struct rule_action action = actions->actions[j];

			actions->actions[j] = actions->actions[j - 1];
			actions->actions[j - 1] = action;
		}
}

static enum of_error check_actions(const struct action_list *list, uint8_t version)
{
	struct match match;
	struct action_check check = {
		.match = &match,
		.version = version,
		.max_ports = PORT_MAX,
	};

	ACTION_FOREACH(action, list)
		if (action->type->step)
			return OF_BAC_UNSUPPORTED_ORDER;
	match_init(&match, NULL);
	return actions_check(list, &check);
}

static enum of_error
add_bucket(struct group_list *list, const struct of_group_mod *mod, struct of_bucket *bucket)
{
	struct group_bucket *mine = &list->buckets[list->n];
	enum of_error error = mod->numbered ? read_properties(bucket) : OF_OK;

	if (!error)
		error = check_actions(&bucket->actions, mod->buckets.version);
	if (error)
		return error;
	*mine = (struct group_bucket){
		.id = mod->numbered ? bucket->bucket_id : list->n,
		.watch_port = bucket->watch_port,
		.watch_group = bucket->watch_group,
		.weight = bucket->weight,
		.actions = rule_actions_new(&bucket->actions, &error),
	};
	if (!mine->actions)
		return error;
	sort_actions(mine->actions);
	list->n++;
	return OF_OK;
}

enum of_error
group_buckets_read(struct group_list *list, const struct of_group_mod *mod, uint8_t type)
{
	struct wire_in in = wire_in(mod->buckets.data, mod->buckets.n, mod->buckets.version);
	enum of_error error = OF_OK;

	*list = (struct group_list){.buckets = XNEW_N(struct group_bucket, 1)};
	while (!error && wire_left(&in)) {
		struct of_bucket bucket = {
			.weight = type == GROUP_SELECT,
			.watch_port = UINT32_MAX,
			.watch_group = UINT32_MAX,
		};

		list->buckets = xrealloc(list->buckets, (list->n + 1) * sizeof(list->buckets[0]));
		if (list->n == GROUP_BUCKETS_MAX)
			error = OF_GMFC_OUT_OF_BUCKETS;
		else if (mod->numbered ? !of_nx_bucket_next(&in, &bucket) : !of_bucket_next(&in, &bucket))
			error = in.error ? in.error : OF_GMFC_BAD_BUCKET;
		else
			error = add_bucket(list, mod, &bucket);
		of_bucket_fini(&bucket);
	}
	if (error)
		group_buckets_free(list);
	return error;
}

void group_buckets_free(struct group_list *list)
{
	for (unsigned i = 0; i < list->n; i++)
		rule_actions_free(list->buckets[i].actions);
	free(list->buckets);
	*list = (struct group_list){0};
}

static struct group_bucket copy_bucket(const struct group_bucket *bucket)
{
	struct group_bucket copy = *bucket;
	enum of_error error;

	copy.actions = rule_actions_new(&bucket->actions->list, &error);
	sort_actions(copy.actions);
	return copy;
}

void group_buckets_copy(struct group_list *list, const struct group *group, unsigned at)
{
	unsigned n = list->n + group->n_buckets;
	struct group_bucket *buckets = XNEW_N(struct group_bucket, n + 1);

	for (unsigned i = 0; i < n; i++) {
		if (i >= at && i < at + list->n)
			buckets[i] = list->buckets[i - at];
		else
			buckets[i] = copy_bucket(&group->buckets[i < at ? i : i - list->n]);
	}
	free(list->buckets);
	list->buckets = buckets;
	list->n = n;
}

static bool is_watching(const struct group_bucket *bucket)
{
	return bucket->watch_port != UINT32_MAX || bucket->watch_group != UINT32_MAX;
}

static enum of_error check_bucket(const struct group_bucket *bucket, uint8_t type)
{
	if (bucket->id > GROUP_ID_MAX)
		return OF_GMFC_BAD_BUCKET;
	if (bucket->weight && type != GROUP_SELECT)
		return OF_GMFC_INVALID_GROUP;
	if (type == GROUP_FAST_FAILOVER && !is_watching(bucket))
		return OF_GMFC_INVALID_GROUP;
	if (type != GROUP_FAST_FAILOVER && type != GROUP_SELECT && is_watching(bucket))
		return OF_GMFC_WATCH_UNSUPPORTED;
	return OF_OK;
}

enum of_error group_buckets_check(const struct group_list *list, uint8_t type)
{
	if (type == GROUP_INDIRECT && list->n != 1)
		return OF_GMFC_INVALID_GROUP;
	if (list->n > GROUP_BUCKETS_MAX)
		return OF_GMFC_OUT_OF_BUCKETS;
	for (unsigned i = 0; i < list->n; i++) {
		enum of_error error = check_bucket(&list->buckets[i], type);

		if (error)
			return error;
		for (unsigned j = 0; j < i; j++)
			if (list->buckets[i].id == list->buckets[j].id)
				return OF_GMFC_BUCKET_EXISTS;
	}
	return OF_OK;
}

struct group *group_new(
	uint32_t id, uint8_t type, const struct wire_bytes *properties, struct group_list *take_list
)
{
	struct group *group = xcalloc(1, sizeof(*group) + take_list->n * sizeof(group->buckets[0]));
	uint8_t *bytes = xmalloc(properties->n + 1);

	if (properties->n)
		memcpy(bytes, properties->data, properties->n);
	group->id = id;
	group->type = type;
	group->created_ms = clock_ms();
	group->properties = *properties;
	group->properties.data = bytes;
	group->n_buckets = take_list->n;
	/* They have been checked. */
	struct group_selection selection;

	group_selection_read(&selection, &group->properties, type);
	group->hash_basis = selection.basis;
	if (selection.has_fields) {
		group->hash_fields = XNEW(struct key);
		*group->hash_fields = selection.fields;
	}
	group->counts = XNEW_N(struct group_counts, take_list->n + 1);
	if (take_list->n)
		memcpy(group->buckets, take_list->buckets, take_list->n * sizeof(group->buckets[0])
		);
	free(take_list->buckets);
	*take_list = (struct group_list){0};
	return group;
}

void group_free(void *group_)
{
	struct group *group = group_;

	if (!group)
		return;
	for (unsigned i = 0; i < group->n_buckets; i++)
		rule_actions_free(group->buckets[i].actions);
	free((void *)group->properties.data);
	free(group->hash_fields);
	free(group->counts);
	free(group);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* group: the packet goes through buckets of a group, each of which works on a copy.  */

#include <math.h>

#include "datapath/drop.h"
#include "lib/hash.h"
#include "ofproto/actions/hash.h"
#include "ofproto/actions/room.h"
#include "ofproto/groups/groups.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/xlate/copy.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(no_group, "the OpenFlow group does not exist");
DROP_REASON(no_bucket, "no bucket of the OpenFlow group is live");
DROP_REASON(too_many_buckets, "the packet was to go through too many buckets of OpenFlow groups");

enum {
	CHAIN_MAX = 32, /* groups that watch groups */
	BUCKETS_MAX = 4 * GROUP_BUCKETS_MAX, /* for one packet: groups of groups multiply */
	COPIES_MAX =
		2 * XLATE_DEPTH, /* within each other: a group that came late made a chain longer */
};

/* The part of the packet that chooses a bucket: the fields that the group names, else what
 * distinguishes connections. All packets of a flow agree in it, so that a flow needs no hash of its
 * own. */
static uint32_t hash_for(struct xlate *x, const struct group *group)
{
	if (group->hash_fields)
		return hash_packet_masked(x, group->hash_fields, group->hash_basis);
	return hash_packet_all(x, group->hash_basis);
}

static bool may_go_on(struct xlate *x)
{
	if (!x->stopped && (++x->buckets > BUCKETS_MAX || x->in_copy > COPIES_MAX))
		xlate_stop(x, &drop_too_many_buckets);
	return !x->stopped;
}

static bool bucket_is_live(struct xlate *x, const struct group_bucket *bucket, unsigned depth);

static bool group_is_live(struct xlate *x, uint32_t id, unsigned depth)
{
	const struct group *group = groups_find(x->bridge->groups, id);

	xlate_add_dep(x, DEP_GROUP, x->bridge->index, 0, id);
	for (unsigned i = 0; group && depth < CHAIN_MAX && i < group->n_buckets; i++)
		if (bucket_is_live(x, &group->buckets[i], depth + 1))
			return true;
	return false;
}

static bool bucket_is_live(struct xlate *x, const struct group_bucket *bucket, unsigned depth)
{
	if (!may_go_on(x))
		return false;
	if (bucket->watch_port == UINT32_MAX && bucket->watch_group == UINT32_MAX)
		return true;
	if (bucket->watch_port != UINT32_MAX) {
		xlate_add_dep(x, DEP_NUMBER, x->bridge->index, 0, bucket->watch_port);
		if (view_find_port(x->bridge, bucket->watch_port) &&
		    !groups_port_is_dead(x->bridge->groups, bucket->watch_port))
			return true;
	}
	return bucket->watch_group != UINT32_MAX && group_is_live(x, bucket->watch_group, depth);
}

static void run_bucket(struct xlate *x, const struct group *group, unsigned i)
{
	const struct rule_actions *actions = group->buckets[i].actions;
	uint8_t origin = x->origin;
	struct copy copy;

	if (!may_go_on(x))
		return;
	xlate_add_dep(x, DEP_GROUP_COUNTS, 0, 0, (uintptr_t)&group->counts[i + 1]);
	xlate_note(x, "bucket %u", group->buckets[i].id);
	copy_begin(&copy, x);
	x->origin = XLATE_ORIGIN_GROUP;
	actions_run(x, actions);
	x->origin = origin;
	copy_end(&copy, x);
}

static void run_all(struct xlate *x, const struct group *group)
{
	for (unsigned i = 0; i < group->n_buckets && !x->stopped; i++)
		run_bucket(x, group, i);
}

static void run_failover(struct xlate *x, const struct group *group)
{
	for (unsigned i = 0; i < group->n_buckets; i++)
		if (bucket_is_live(x, &group->buckets[i], 0)) {
			run_bucket(x, group, i);
			return;
		}
	if (!x->stopped)
		xlate_drop(x, &drop_no_bucket);
}

/* Every bucket draws a number that depends on the packet and the bucket alone; the lowest wins. By
 * weight divided logarithms make each bucket's share exactly its part of the weights, and a bucket
 * that comes or goes moves only its own packets. */
static void run_select(struct xlate *x, const struct group *group)
{
	uint32_t hash = hash_for(x, group);
	double best = INFINITY;
	unsigned chosen = 0;

	for (unsigned i = 0; i < group->n_buckets; i++) {
		const struct group_bucket *bucket = &group->buckets[i];
		double draw = (hash_u64(bucket->id, hash) + 0.5) / 4294967296.0;

		if (!bucket->weight || !bucket_is_live(x, bucket, 0))
			continue;
		draw = -log(draw) / bucket->weight;
		if (draw < best) {
			best = draw;
			chosen = i;
		}
	}
	if (best < INFINITY)
		run_bucket(x, group, chosen);
	else if (!x->stopped)
		xlate_drop(x, &drop_no_bucket);
}

static void translate(struct xlate *x, const void *args)
{
	static void (*const run[])(struct xlate * x, const struct group *group) = {
		[GROUP_ALL] = run_all,
		[GROUP_SELECT] = run_select,
		[GROUP_INDIRECT] = run_all,
		[GROUP_FAST_FAILOVER] = run_failover,
	};
	uint32_t id = (uint32_t)((const struct action_value *)args)->value;
	const struct group *group = groups_find(x->bridge->groups, id);

	xlate_add_dep(x, DEP_GROUP, x->bridge->index, 0, id);
	if (!group) {
		xlate_drop(x, &drop_no_group);
		return;
	}
	xlate_add_dep(x, DEP_GROUP_COUNTS, 0, 0, (uintptr_t)&group->counts[0]);
	run[group->type](x, group);
}

ACTION_ROOM(group, translate);

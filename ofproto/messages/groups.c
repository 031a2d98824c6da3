/* SPDX-License-Identifier: Apache-2.0 */

/* Messages about groups.  */

#include "ofproto/groups/groups.h"

#include "lib/clock.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/groups/group_encode.h"
#include "ofproto/messages/forward.h"
#include "ofproto/messages/items.h"
#include "ofproto/wire/messages.h"

enum {
	TYPES = 0xf,
	CAPABILITIES = 1 | 2 | 4 | 8, /* weights, liveness, chains, checked for loops */
	/* All: output, copy_ttl_out and copy_ttl_in, set_mpls_ttl (15) to pop_pbb (27). */
	ACTIONS = 1 << 0 | 1 << 11 | 1 << 12 | 0x1fff << 15,
};

static enum of_error
handle_mod(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return groups_mod(conn->bridge, &body->group_mod);
}

static enum of_error
tell_mod(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	forward_request(conn, FORWARD_GROUP_MOD, head, head->type, &body->group_mod);
	return OF_OK;
}

/* Answers with the groups that the request means. */
static enum of_error
answer(struct conn *conn,
       const struct message_head *head,
       uint32_t id,
       const struct message_type *type,
       item_put_fn *put)
{
	if (id == GROUP_ID_ALL) {
		unsigned n;
		uint32_t *ids = groups_list(conn->bridge->groups, &n);

		items_answer(conn, head, type, put, ids, n);
	} else {
		items_answer_one(conn, head, type, put, id);
	}
	return OF_OK;
}

static bool put_desc(struct conn *conn, uint32_t id)
{
	const struct group *group = groups_find_newest(conn->bridge->groups, id);

	if (!group)
		return false;
	struct of_group_desc desc = {
		.type = group->type,
		.group_id = group->id,
		.properties = group->properties,
	};
	struct wire_out buckets;

	wire_out_init(&buckets, conn->version);
	group_encode_buckets(group, &buckets);
	desc.buckets = (struct wire_bytes){
		.data = buckets.data,
		.n = (uint32_t)buckets.n,
		.version = conn->version,
	};
	if (conn->version == OF10)
		of_nx_group_desc_encode(&conn->out, &desc);
	else
		of_group_desc_encode(&conn->out, &desc);
	wire_out_fini(&buckets);
	return true;
}

static enum of_error
handle_desc(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct message_type *type =
		conn->version == OF10 ? &of_nx_group_desc_reply_type : &of_group_desc_reply_type;

	return answer(conn, head, body->group_desc_request.group_id, type, put_desc);
}

static bool put_stats(struct conn *conn, uint32_t id)
{
	const struct group *group = groups_find_newest(conn->bridge->groups, id);

	if (!group)
		return false;
	int64_t age = clock_ms() - group->created_ms;
	struct of_group_stats stats = {
		.group_id = group->id,
		.ref_count = groups_count_rules(conn->bridge->groups, id),
		.packet_count = __atomic_load_n(&group->counts[0].packets, __ATOMIC_RELAXED),
		.byte_count = __atomic_load_n(&group->counts[0].bytes, __ATOMIC_RELAXED),
		.duration_sec = (uint32_t)(age / 1000),
		.duration_nsec = (uint32_t)(age % 1000 * 1000000),
	};
	struct wire_out buckets;

	wire_out_init(&buckets, conn->version);
	for (unsigned i = 1; i <= group->n_buckets; i++) {
		struct of_bucket_counter counter = {
			.packet_count =
				__atomic_load_n(&group->counts[i].packets, __ATOMIC_RELAXED),
			.byte_count = __atomic_load_n(&group->counts[i].bytes, __ATOMIC_RELAXED),
		};

		of_bucket_counter_encode(&buckets, &counter);
	}
	stats.buckets = (struct wire_bytes){
		.data = buckets.data,
		.n = (uint32_t)buckets.n,
		.version = conn->version,
	};
	if (conn->version == OF10)
		of_nx_group_stats_encode(&conn->out, &stats);
	else
		of_group_stats_encode(&conn->out, &stats);
	wire_out_fini(&buckets);
	return true;
}

static enum of_error
handle_stats(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct message_type *type =
		conn->version == OF10 ? &of_nx_group_stats_reply_type : &of_group_stats_reply_type;

	return answer(conn, head, body->group_stats_request.group_id, type, put_stats);
}

static enum of_error
handle_features(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct of_group_features_reply reply = {
		.types = TYPES,
		.capabilities = CAPABILITIES,
		.max_groups_all = GROUPS_MAX,
		.max_groups_select = GROUPS_MAX,
		.max_groups_indirect = GROUPS_MAX,
		.max_groups_ff = GROUPS_MAX,
		.actions_all = ACTIONS,
		.actions_select = ACTIONS,
		.actions_indirect = ACTIONS,
		.actions_ff = ACTIONS,
	};

	conn_reply(
		conn,
		head,
		conn->version == OF10 ? &of_nx_group_features_reply_type
				      : &of_group_features_reply_type,
		&reply
	);
	return OF_OK;
}

MESSAGE_ROOM(mod, MESSAGE_GROUP_MOD, .changes = true, .bundled = true, .tell = tell_mod);
MESSAGE_ROOM(desc, MESSAGE_GROUP_DESC_REQUEST);
MESSAGE_ROOM(stats, MESSAGE_GROUP_STATS_REQUEST);
MESSAGE_ROOM(features, MESSAGE_GROUP_FEATURES_REQUEST);

#define NX_ROOM(name, message_id, handler, ...)                                                    \
	static const struct message_room message_room_nx_##name = {                                \
		.id = message_id, .handle = handler, __VA_ARGS__};                                 \
	REGISTRY_ADD(message_room, message_room_nx_##name)

NX_ROOM(mod, MESSAGE_NX_GROUP_MOD, handle_mod, .changes = true, .bundled = true, .tell = tell_mod);
NX_ROOM(desc, MESSAGE_NX_GROUP_DESC_REQUEST, handle_desc);
NX_ROOM(stats, MESSAGE_NX_GROUP_STATS_REQUEST, handle_stats);
NX_ROOM(features, MESSAGE_NX_GROUP_FEATURES_REQUEST, handle_features);

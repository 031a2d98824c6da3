/* SPDX-License-Identifier: Apache-2.0 */

/* Groups: made, described, counted.  */

#include "ofproto/wire/group_text.h"
#include "ofproto/wire/show/show_priv.h"

enum {
	GROUP_ALL = 0xfffffffcU,
	BUCKET_FIRST = 0xfffffffdU,
	BUCKET_LAST = 0xfffffffeU,
	BUCKET_ALL = 0xffffffffU,
};

static void add_bucket_id(uint32_t id, struct strbuf *out)
{
	strbuf_add(out, "command_bucket_id:");
	if (id == BUCKET_FIRST)
		strbuf_add(out, "first");
	else if (id == BUCKET_LAST)
		strbuf_add(out, "last");
	else if (id == BUCKET_ALL)
		strbuf_add(out, "all");
	else
		strbuf_addf(out, "%u", id);
	strbuf_add_char(out, ',');
}

void show_group_mod(const struct show *show, const struct of_group_mod *mod, struct strbuf *out)
{
	static const char *const commands[] = {
		"ADD", "MOD", "DEL", "INSERT_BUCKET", NULL, "REMOVE_BUCKET"};
	bool known = mod->command < ARRAY_LENGTH(commands) && commands[mod->command];
	bool of_buckets = mod->command == GROUP_COMMAND_INSERT_BUCKET ||
		mod->command == GROUP_COMMAND_REMOVE_BUCKET;
	struct of_group_desc desc = {
		/* Changes to buckets leave the type alone. */
		.type = of_buckets ? UINT8_MAX : mod->type,
		.group_id = mod->group_id,
		.buckets = mod->buckets,
		.properties = mod->properties,
		.numbered = mod->numbered,
	};

	if (mod->command == GROUP_COMMAND_ADD_OR_MODIFY)
		strbuf_add(out, "ADD_OR_MOD ");
	else if (known)
		strbuf_addf(out, "%s ", commands[mod->command]);
	else
		strbuf_addf(out, "cmd:%u ", mod->command);
	if (of_buckets)
		add_bucket_id(mod->command_bucket_id, out);
	group_format(&desc, show->names, out);
}

static void show_mod(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	strbuf_add(out, "\n ");
	show_group_mod(show, &body->group_mod, out);
	strbuf_add_char(out, '\n');
}

static void show_desc(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *bytes = &body->group_desc_reply.groups;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_group_desc group = {0};

	while (head->version == OF10 ? of_nx_group_desc_next(&list, &group)
				     : of_group_desc_next(&list, &group)) {
		strbuf_add(out, "\n ");
		group_format(&group, show->names, out);
	}
	strbuf_add_char(out, '\n');
}

static void show_stats(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *bytes = &body->group_stats_reply.groups;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_group_stats group = {0};

	while (head->version == OF10 ? of_nx_group_stats_next(&list, &group)
				     : of_group_stats_next(&list, &group)) {
		struct wire_in buckets =
			wire_in(group.buckets.data, group.buckets.n, head->version);
		struct of_bucket_counter counter = {0};

		strbuf_addf(out, "\n group_id=%u,", group.group_id);
		if (head->version != OF11 && head->version != OF12) {
			strbuf_add(out, "duration=");
			show_duration(group.duration_sec, group.duration_nsec, out);
			strbuf_add(out, "s,");
		}
		strbuf_addf(
			out,
			"ref_count=%u,packet_count=%llu,byte_count=%llu",
			group.ref_count,
			(unsigned long long)group.packet_count,
			(unsigned long long)group.byte_count
		);
		for (unsigned i = 0; of_bucket_counter_next(&buckets, &counter); i++)
			strbuf_addf(
				out,
				",bucket%u:packet_count=%llu,byte_count=%llu",
				i,
				(unsigned long long)counter.packet_count,
				(unsigned long long)counter.byte_count
			);
	}
	strbuf_add_char(out, '\n');
}

static void add_id(uint32_t id, struct strbuf *out)
{
	if (id == GROUP_ALL)
		strbuf_add(out, " group_id=ALL");
	else
		strbuf_addf(out, " group_id=%u", id);
}

static void show_desc_request(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	add_id(body->group_desc_request.group_id, out);
}

static void show_stats_request(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	add_id(body->group_stats_request.group_id, out);
}

static void add_type(const char *name, uint32_t max, uint32_t actions, struct strbuf *out)
{
	/* Of those in buckets, ovs-ofctl tells only what OpenFlow 1.1 had, without TTLs that are copied. */
	const uint32_t not_told = 1U << 11 | 1U << 12 | 1U << 26 | 1U << 27 | 1U << 28 | 1U << 29;

	strbuf_addf(out, "    %s group:\n       max_groups=%#x\n       actions: ", name, max);
	show_actions(actions & ~not_told, "<none>", out);
}

static void show_features(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_group_features_reply *m = &body->group_features_reply;

	strbuf_add(out, "\n Group table:\n");
	strbuf_addf(out, "    Types:  0x%x\n", m->types);
	strbuf_addf(out, "    Capabilities:  0x%x\n", m->capabilities);
	if (m->types & 1)
		add_type("all", m->max_groups_all, m->actions_all, out);
	if (m->types & 2)
		add_type("select", m->max_groups_select, m->actions_select, out);
	if (m->types & 4)
		add_type("indirect", m->max_groups_indirect, m->actions_indirect, out);
	if (m->types & 8)
		add_type("fast failover", m->max_groups_ff, m->actions_ff, out);
}

MESSAGE_SHOW(group_mod, MESSAGE_GROUP_MOD, show_mod);
MESSAGE_SHOW(nx_group_mod, MESSAGE_NX_GROUP_MOD, show_mod);
MESSAGE_SHOW(group_desc_request, MESSAGE_GROUP_DESC_REQUEST, show_desc_request);
MESSAGE_SHOW(group_desc, MESSAGE_GROUP_DESC_REPLY, show_desc);
MESSAGE_SHOW(group_stats_request, MESSAGE_GROUP_STATS_REQUEST, show_stats_request);
MESSAGE_SHOW(group_stats, MESSAGE_GROUP_STATS_REPLY, show_stats);
MESSAGE_SHOW(group_features, MESSAGE_GROUP_FEATURES_REPLY, show_features);
MESSAGE_SHOW(nx_group_desc_request, MESSAGE_NX_GROUP_DESC_REQUEST, show_desc_request);
MESSAGE_SHOW(nx_group_desc, MESSAGE_NX_GROUP_DESC_REPLY, show_desc);
MESSAGE_SHOW(nx_group_stats_request, MESSAGE_NX_GROUP_STATS_REQUEST, show_stats_request);
MESSAGE_SHOW(nx_group_stats, MESSAGE_NX_GROUP_STATS_REPLY, show_stats);
MESSAGE_SHOW(nx_group_features, MESSAGE_NX_GROUP_FEATURES_REPLY, show_features);

/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/groups/group_encode.h"

#include "ofproto/groups/groups.h"
#include "ofproto/tables/rule.h"
#include "ofproto/wire/messages.h"

enum {
	BUCKET_WEIGHT = 0,
	BUCKET_WATCH_PORT,
	BUCKET_WATCH_GROUP,
};

static void put_property(struct wire_out *out, uint16_t type, uint32_t value)
{
	wire_put_u16(out, type);
	wire_put_u16(out, 8);
	if (type != BUCKET_WEIGHT) {
		wire_put_u32(out, value);
		return;
	}
	wire_put_u16(out, (uint16_t)value);
	wire_put_u16(out, 0);
}

/* OpenFlow 1.0 knows groups by Nicira's messages alone, whose buckets are those of 1.5. */
static void put_bucket(struct wire_out *out, const struct group *group, unsigned i)
{
	const struct group_bucket *mine = &group->buckets[i];
	struct of_bucket bucket = {
		.weight = mine->weight,
		.watch_port = mine->watch_port,
		.watch_group = mine->watch_group,
		.bucket_id = mine->id,
		.actions = mine->actions->list,
	};
	struct wire_out properties;

	wire_out_init(&properties, out->version);
	if (group->type == GROUP_SELECT)
		put_property(&properties, BUCKET_WEIGHT, mine->weight);
	if (mine->watch_port != UINT32_MAX)
		put_property(&properties, BUCKET_WATCH_PORT, mine->watch_port);
	if (mine->watch_group != UINT32_MAX)
		put_property(&properties, BUCKET_WATCH_GROUP, mine->watch_group);
	bucket.properties = (struct wire_bytes){
		.data = properties.data,
		.n = (uint32_t)properties.n,
		.version = out->version,
	};
	if (out->version == OF10)
		of_nx_bucket_encode(out, &bucket);
	else
		of_bucket_encode(out, &bucket);
	wire_out_fini(&properties);
}

void group_encode_buckets(const struct group *group, struct wire_out *out)
{
	for (unsigned i = 0; i < group->n_buckets; i++)
		put_bucket(out, group, i);
}

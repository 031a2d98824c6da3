/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/saved/save.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "ofproto/bindings.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/groups/group_encode.h"
#include "ofproto/groups/groups.h"
#include "ofproto/mac_table.h"
#include "ofproto/meters/meters.h"
#include "ofproto/saved/saved_priv.h"
#include "ofproto/tables/limits.h"
#include "ofproto/wire/messages.h"

size_t save_section_begin(struct wire_out *out, enum saved_kind kind)
{
	wire_put_u16(out, kind);
	wire_put_u32(out, 0);
	return out->n;
}

void save_section_end(struct wire_out *out, size_t start)
{
	uint32_t size = __builtin_bswap32((uint32_t)(out->n - start));

	memcpy(out->data + start - sizeof(size), &size, sizeof(size));
}

void save_text(struct wire_out *out, const char *text)
{
	uint32_t size = (uint32_t)strlen(text);

	wire_put_u32(out, size);
	wire_put(out, text, size);
}

static void put_run(struct wire_out *out, const struct wire_bytes *bytes)
{
	wire_put_u32(out, bytes->n);
	wire_put_bytes(out, bytes);
}

static void put_bridge(struct wire_out *out, const struct bridge *bridge)
{
	size_t start = save_section_begin(out, SAVED_BRIDGE);

	save_text(out, bridge->name);
	wire_put_u32(
		out,
		(controllers_decide(bridge) ? SAVED_DECIDED : 0) | (bridge->alone ? SAVED_ALONE : 0)
	);
	save_section_end(out, start);
}

static void put_options(struct wire_out *out, const struct bridge *bridge)
{
	if (!bindings_any(bridge))
		return;
	size_t start = save_section_begin(out, SAVED_OPTIONS);

	bindings_put(bridge, out);
	save_section_end(out, start);
}

static void put_tables(struct wire_out *out, const struct bridge *bridge)
{
	for (unsigned i = 0; i < TABLES_N - 1; i++) {
		struct of_table_desc desc;
		struct wire_out properties;

		if (!limits_config(bridge->limits, (uint8_t)i))
			continue;
		wire_out_init(&properties, OF15);
		limits_describe(bridge, (uint8_t)i, &desc, &properties);
		size_t start = save_section_begin(out, SAVED_TABLE);

		wire_put_u8(out, (uint8_t)i);
		wire_put_u32(out, desc.config);
		put_run(out, &desc.properties);
		save_section_end(out, start);
		wire_out_fini(&properties);
	}
}

static void put_meter(const struct meter_row *row, void *out_)
{
	struct wire_out *out = out_;
	struct of_meter_mod mod;
	size_t start = save_section_begin(out, SAVED_METER);

	meter_row_describe(row, &mod);
	wire_put_u32(out, mod.meter_id);
	wire_put_u16(out, mod.flags);
	put_run(out, &mod.bands);
	save_section_end(out, start);
}

static void put_group(struct wire_out *out, const struct group *group)
{
	struct wire_out buckets;
	size_t start = save_section_begin(out, SAVED_GROUP);

	wire_out_init(&buckets, OF15);
	group_encode_buckets(group, &buckets);
	wire_put_u32(out, group->id);
	wire_put_u8(out, group->type);
	put_run(out, &group->properties);
	put_run(out, &(struct wire_bytes){.data = buckets.data, .n = (uint32_t)buckets.n});
	for (unsigned i = 0; i <= group->n_buckets; i++) {
		wire_put_u64(out, __atomic_load_n(&group->counts[i].packets, __ATOMIC_RELAXED));
		wire_put_u64(out, __atomic_load_n(&group->counts[i].bytes, __ATOMIC_RELAXED));
	}
	save_section_end(out, start);
	wire_out_fini(&buckets);
}

static void put_mac(const struct mac_entry *entry, void *out_)
{
	struct wire_out *out = out_;
	size_t start = save_section_begin(out, SAVED_MAC);

	wire_put_u16(out, entry->vlan);
	wire_put_mac(out, entry->mac);
	wire_put_u8(out, entry->fixed ? SAVED_MAC_FIXED : 0);
	wire_put_u32(out, entry->lport);
	wire_put_u64(out, (uint64_t)(clock_ms() - mac_entry_used_ms(entry)));
	save_section_end(out, start);
}

static void put_macs(struct wire_out *out, const struct bridge *bridge)
{
	const struct lport *lport;

	HMAP_FOREACH(lport, node, &bridge->lports) {
		size_t start = save_section_begin(out, SAVED_LPORT);

		wire_put_u32(out, lport->id);
		save_text(out, lport->name);
		save_section_end(out, start);
	}
	mac_table_foreach(bridge->macs, put_mac, out);
}

static void put_groups(struct wire_out *out, const struct bridge *bridge)
{
	unsigned n;
	uint32_t *ids = groups_list(bridge->groups, &n);

	for (unsigned i = 0; i < n; i++)
		put_group(out, groups_find_newest(bridge->groups, ids[i]));
	free(ids);
}

void save_bridges(struct wire_out *out)
{
	struct bridge *bridge;

	HMAP_FOREACH(bridge, node, bridges_all()) {
		put_bridge(out, bridge);
		put_options(out, bridge);
		put_tables(out, bridge);
		meters_foreach(bridge->meters, put_meter, out);
		put_groups(out, bridge);
		save_rules(out, bridge);
		put_macs(out, bridge);
	}
}

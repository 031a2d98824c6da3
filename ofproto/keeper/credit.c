/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/credit.h"

#include <string.h>

#include "datapath/flow.h"
#include "ofproto/groups/groups.h"
#include "ofproto/keeper/index.h"
#include "ofproto/mac_table.h"
#include "ofproto/tables/rule.h"
#include "ofproto/tables/tables.h"
#include "ofproto/view.h"

void credit_mac(const struct dep *dep, int64_t now_ms)
{
	const struct view_bridge *bridge = view_get()->bridges[dep->owner];
	const struct mac_entry *entry;
	struct mac mac;

	memcpy(mac.bytes, &dep->what, sizeof(mac.bytes));
	entry = bridge ? mac_table_find(bridge->macs, dep->vlan, mac) : NULL;
	if (entry)
		mac_entry_set_used(entry, now_ms);
}

static void credit_table(const struct dep *dep, uint64_t packets)
{
	const struct view_bridge *bridge = view_get()->bridges[dep->owner];

	if (bridge)
		tables_credit(
			bridge->tables, (uint8_t)dep->vlan, dep_table_priority(dep) >= 0, packets
		);
}

static void credit_dep(
	const struct index_dep *mine,
	const struct flow_stats *stats,
	uint64_t packets,
	uint64_t bytes
)
{
	if (mine->dep.kind == DEP_RULE && !mine->gone) {
		struct rule *rule = (struct rule *)(uintptr_t)mine->dep.what;

		__atomic_store_n(&rule->packets, rule->packets + packets, __ATOMIC_RELAXED);
		__atomic_store_n(&rule->bytes, rule->bytes + bytes, __ATOMIC_RELAXED);
		if (rule->used_ms < stats->used_ms)
			__atomic_store_n(&rule->used_ms, stats->used_ms, __ATOMIC_RELAXED);
	} else if (mine->dep.kind == DEP_GROUP_COUNTS && !mine->gone) {
		struct group_counts *counts = (struct group_counts *)(uintptr_t)mine->dep.what;

		__atomic_store_n(&counts->packets, counts->packets + packets, __ATOMIC_RELAXED);
		__atomic_store_n(&counts->bytes, counts->bytes + bytes, __ATOMIC_RELAXED);
	} else if (mine->dep.kind == DEP_LEARNED && !mine->gone) {
		struct rule *rule = (struct rule *)(uintptr_t)mine->dep.what;

		if (rule->refreshed_ms < stats->used_ms)
			__atomic_store_n(&rule->refreshed_ms, stats->used_ms, __ATOMIC_RELAXED);
	} else if (mine->dep.kind == DEP_TABLE) {
		credit_table(&mine->dep, packets);
	} else if (mine->dep.kind == DEP_MAC_SRC) {
		credit_mac(&mine->dep, stats->used_ms);
	}
}

void credit_flow(struct kept *kept)
{
	const struct index_dep *mine;
	struct flow_stats stats;

	flow_get_stats(kept->flow, &stats);
	if (stats.packets == kept->packets)
		return;
	INDEX_FOREACH(mine, kept)
		credit_dep(mine, &stats, stats.packets - kept->packets, stats.bytes - kept->bytes);
	kept->packets = stats.packets;
	kept->bytes = stats.bytes;
	if (stats.used_ms > kept->used_ms)
		kept->used_ms = stats.used_ms;
}

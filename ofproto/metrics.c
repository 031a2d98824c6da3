/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics of bridges and of the keeper.  */

#include "lib/metrics/metrics.h"

#include <stdio.h>

#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/mac_table.h"
#include "ofproto/tables/tables.h"

enum {
	RULES,
	LOOKUPS,
	MATCHES,
	MACS,
	MACS_MAX,
	MACS_LEARNED,
	MACS_MOVED,
	MACS_EXPIRED,
	MACS_EVICTED,
	CONNECTIONS,
	CONTROLLERS,
	ALONE,
};

static const struct metric bridge_metrics[] = {
	[RULES] = {"weir_table_rules", METRIC_GAUGE, "Rules in an OpenFlow table."},
	[LOOKUPS] = {"weir_table_lookups_total", METRIC_COUNTER, "Packets looked up in the table."},
	[MATCHES] =
		{"weir_table_matches_total", METRIC_COUNTER, "Those for which there was a rule."},
	[MACS] = {"weir_macs", METRIC_GAUGE, "MAC addresses that the bridge knows."},
	[MACS_MAX] = {"weir_macs_max", METRIC_GAUGE, "How many it may learn."},
	[MACS_LEARNED] = {"weir_macs_learned_total", METRIC_COUNTER, "MAC addresses learned."},
	[MACS_MOVED] =
		{"weir_macs_moved_total", METRIC_COUNTER, "Times one was heard from another port."},
	[MACS_EXPIRED] =
		{"weir_macs_expired_total", METRIC_COUNTER, "MAC addresses not heard of any more."},
	[MACS_EVICTED] =
		{"weir_macs_evicted_total", METRIC_COUNTER, "MAC addresses that had to make room."},
	[CONNECTIONS] =
		{"weir_openflow_connections",
		 METRIC_GAUGE,
		 "Programs that speak OpenFlow with it."},
	[CONTROLLERS] = {"weir_controllers_connected", METRIC_GAUGE, "Controllers among them."},
	[ALONE] =
		{"weir_bridge_stands_alone",
		 METRIC_GAUGE,
		 "Whether it forwards by itself because no controller answers."},
};

static void add_tables(struct metrics *out, const struct bridge *bridge)
{
	char number[8];

	for (unsigned i = 0; i < TABLES_N - 1; i++) {
		struct tables_counts counts = tables_get_counts(bridge->tables, (uint8_t)i);
		unsigned n = tables_count(bridge->tables, (uint8_t)i);

		if (!n && !counts.lookups)
			continue;
		snprintf(number, sizeof(number), "%u", i);
		metrics_add(out, RULES, n, "bridge", bridge->name, "table", number, METRICS_END);
		metrics_add(
			out,
			LOOKUPS,
			(double)counts.lookups,
			"bridge",
			bridge->name,
			"table",
			number,
			METRICS_END
		);
		metrics_add(
			out,
			MATCHES,
			(double)counts.matches,
			"bridge",
			bridge->name,
			"table",
			number,
			METRICS_END
		);
	}
}

static void add_macs(struct metrics *out, const struct bridge *bridge)
{
	struct mac_table_stats s;

	mac_table_get_stats(bridge->macs, &s);
	metrics_add(out, MACS, s.n, "bridge", bridge->name, METRICS_END);
	metrics_add(out, MACS_MAX, s.max, "bridge", bridge->name, METRICS_END);
	metrics_add(out, MACS_LEARNED, (double)s.learned, "bridge", bridge->name, METRICS_END);
	metrics_add(out, MACS_MOVED, (double)s.moved, "bridge", bridge->name, METRICS_END);
	metrics_add(out, MACS_EXPIRED, (double)s.expired, "bridge", bridge->name, METRICS_END);
	metrics_add(out, MACS_EVICTED, (double)s.evicted, "bridge", bridge->name, METRICS_END);
}

static void add_connections(struct metrics *out, const struct bridge *bridge)
{
	unsigned n = 0, n_controllers = 0;
	const struct conn *conn;

	cds_list_for_each_entry(conn, &bridge->conns, in_bridge) {
		n++;
		n_controllers += conn->controller && conn->version;
	}
	metrics_add(out, CONNECTIONS, n, "bridge", bridge->name, METRICS_END);
	metrics_add(out, CONTROLLERS, n_controllers, "bridge", bridge->name, METRICS_END);
	metrics_add(out, ALONE, bridge->alone, "bridge", bridge->name, METRICS_END);
}

static void collect_bridges(struct metrics *out)
{
	const struct bridge *bridge;

	HMAP_FOREACH(bridge, node, bridges_all()) {
		add_tables(out, bridge);
		add_macs(out, bridge);
		add_connections(out, bridge);
	}
}
METRIC_SOURCE(bridges, bridge_metrics, collect_bridges);

enum {
	FLOW_LIMIT,
	TRANSLATED,
	FOUND,
	STALE,
	KEPT,
	REPLACED,
	DELETED,
	EXPIRED,
	EVICTED,
	FULL,
	WORST_MARK,
};

static const struct metric keeper_metrics[] = {
	[FLOW_LIMIT] = {"weir_flow_limit", METRIC_GAUGE, "How many flows there may be."},
	[TRANSLATED] = {"weir_keeper_translated_total", METRIC_COUNTER, "Translations made."},
	[FOUND] =
		{"weir_keeper_found_total",
		 METRIC_COUNTER,
		 "Misses for which another miss had made the flow."},
	[STALE] =
		{"weir_keeper_stale_total",
		 METRIC_COUNTER,
		 "Flows that a change has called in question."},
	[KEPT] = {"weir_keeper_kept_total", METRIC_COUNTER, "Those that turned out right."},
	[REPLACED] =
		{"weir_keeper_replaced_total", METRIC_COUNTER, "Those that got a new program."},
	[DELETED] = {"weir_keeper_deleted_total", METRIC_COUNTER, "Those that had to go."},
	[EXPIRED] =
		{"weir_keeper_expired_total", METRIC_COUNTER, "Flows without packets that ended."},
	[EVICTED] =
		{"weir_keeper_evicted_total",
		 METRIC_COUNTER,
		 "Flows that ended so that ports with fewer may have some."},
	[FULL] =
		{"weir_keeper_full_total",
		 METRIC_COUNTER,
		 "Flows not made because there were too many."},
	[WORST_MARK] =
		{"weir_keeper_worst_mark_seconds",
		 METRIC_GAUGE,
		 "The longest time from a change to its being in force."},
};

static void collect_keeper(struct metrics *out)
{
	struct keeper_stats s;

	keeper_get_stats(&s);
	metrics_add(out, FLOW_LIMIT, s.flow_limit, METRICS_END);
	metrics_add(out, TRANSLATED, (double)s.translated, METRICS_END);
	metrics_add(out, FOUND, (double)s.found, METRICS_END);
	metrics_add(out, STALE, (double)s.stale, METRICS_END);
	metrics_add(out, KEPT, (double)s.kept, METRICS_END);
	metrics_add(out, REPLACED, (double)s.replaced, METRICS_END);
	metrics_add(out, DELETED, (double)s.deleted, METRICS_END);
	metrics_add(out, EXPIRED, (double)s.expired, METRICS_END);
	metrics_add(out, EVICTED, (double)s.evicted, METRICS_END);
	metrics_add(out, FULL, (double)s.full, METRICS_END);
	metrics_add(out, WORST_MARK, s.worst_mark_us / 1e6, METRICS_END);
}
METRIC_SOURCE(keeper, keeper_metrics, collect_keeper);

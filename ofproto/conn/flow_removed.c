/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/flow_removed.h"

#include "lib/clock.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/async.h"
#include "ofproto/conn/conn.h"
#include "ofproto/rules.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/messages.h"

/* What older versions have no number for was deleted. */
static uint8_t reason_of(const struct rule *rule, uint8_t version)
{
	unsigned newest = version == OF10 ? RULE_END_DELETED
		: version < OF14	  ? RULE_END_GROUP
					  : RULE_END_EVICTED;

	return (uint8_t)(rule->ended_by > newest ? RULE_END_DELETED : rule->ended_by);
}

void flow_removed_send(struct bridge *bridge, const struct rule *rule)
{
	static struct of_flow_removed message; /* large */
	int64_t age = clock_ms() - rule->created_ms;
	struct conn *conn;

	if (cds_list_empty(&bridge->conns))
		return;
	message = (struct of_flow_removed){
		.cookie = rule->cookie,
		.priority = (uint16_t)rule->priority,
		.duration_sec = (uint32_t)(age / 1000),
		.duration_nsec = (uint32_t)(age % 1000 * 1000000),
		.idle_timeout = rule->idle_timeout,
		.hard_timeout = rule->hard_timeout,
		.packet_count = rule_packets(rule),
		.byte_count = rule_bytes(rule),
	};
	rule_match(rule, &message.match);
	cds_list_for_each_entry(conn, &bridge->conns, in_bridge) {
		bool nicira = conn->version == OF10 && conn->nicira_flows;

		message.reason = reason_of(rule, conn->version);
		/* Nicira's message has room for "unknown". */
		message.table_id = (uint8_t)(rule->table + nicira);
		if (async_wants(conn, ASYNC_FLOW_REMOVED, message.reason))
			async_send(
				conn,
				nicira ? &of_nx_flow_removed_type : &of_flow_removed_type,
				&message
			);
	}
}

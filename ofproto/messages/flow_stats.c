/* SPDX-License-Identifier: Apache-2.0 */

/* Questions about rules: each of them, or their sums.  */

#include <string.h>

#include "lib/clock.h"
#include "lib/flow/match.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/rules.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/messages.h"

static struct rules_query query_of(const struct of_flow_stats_request *request)
{
	return (struct rules_query){
		.match = &request->match,
		.cookie = request->cookie,
		.cookie_mask = request->cookie_mask,
		.out_port = request->out_port,
		.out_group = request->out_group,
		.table = request->table_id,
	};
}

struct dump {
	struct message_parts parts;
	void (*encode)(struct wire_out *out, const struct of_flow_stats *stats);
	int64_t now;
	/* Of the rule before: most have the mask of their neighbour. */
	const struct subtable *subtable;
	struct of_flow_stats stats;
};

static uint16_t seconds(int64_t ms)
{
	return ms / 1000 > UINT16_MAX ? UINT16_MAX : (uint16_t)(ms / 1000);
}

static void dump_rule(struct rule *rule, void *dump_)
{
	struct dump *dump = dump_;
	int64_t age = dump->now - rule->created_ms;
	int64_t used = rule->used_ms > rule->modified_ms ? rule->used_ms : rule->modified_ms;
	struct of_flow_stats *stats = &dump->stats;

	stats->table_id = rule->table;
	stats->duration_sec = (uint32_t)(age / 1000);
	stats->duration_nsec = (uint32_t)(age % 1000 * 1000000);
	stats->priority = (uint16_t)rule->priority;
	stats->idle_timeout = rule->idle_timeout;
	stats->hard_timeout = rule->hard_timeout;
	stats->cookie = rule->cookie;
	stats->packet_count = rule_packets(rule);
	stats->byte_count = rule_bytes(rule);
	stats->actions = rule->actions->list;
	stats->flags = rule->flags;
	stats->importance = rule->importance;
	stats->idle_age = seconds(dump->now - used);
	stats->hard_age = seconds(dump->now - rule->modified_ms);
	if (rule->subtable == dump->subtable) {
		rule_get_key(rule, &stats->match.key);
	} else {
		rule_match(rule, &stats->match);
		dump->subtable = rule->subtable;
	}
	dump->encode(dump->parts.out, stats);
	message_parts_next(&dump->parts);
}

static enum of_error dump_flows(
	struct conn *conn,
	const struct message_head *head,
	const union message_body *body,
	const struct message_type *type,
	void (*encode)(struct wire_out *out, const struct of_flow_stats *stats)
)
{
	struct rules_query query = query_of(&body->flow_stats_request);

	if (query.table == TABLES_N - 1)
		return OF_BRC_BAD_TABLE_ID;
	struct dump dump = {.encode = encode, .now = clock_ms()};

	message_parts_begin(&dump.parts, &conn->out, type, head->xid);
	rules_foreach(conn->bridge, &query, dump_rule, &dump);
	message_parts_end(&dump.parts);
	return OF_OK;
}

static enum of_error
handle_flows(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return dump_flows(conn, head, body, &of_flow_stats_reply_type, of_flow_stats_encode);
}

static enum of_error
handle_nx_flows(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return dump_flows(conn, head, body, &of_nx_flow_stats_reply_type, of_nx_flow_stats_encode);
}

/* OpenFlow 1.5 has a second question, for counts without actions. */
static enum of_error
handle_counts(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return dump_flows(conn, head, body, &of_flow_counts_reply_type, of_flow_counts_encode);
}

static void add_rule(struct rule *rule, void *sum_)
{
	struct of_aggregate_reply *sum = sum_;

	sum->packet_count += rule_packets(rule);
	sum->byte_count += rule_bytes(rule);
	sum->flow_count++;
}

static enum of_error sum_flows(
	struct conn *conn,
	const struct message_head *head,
	const union message_body *body,
	const struct message_type *type
)
{
	struct rules_query query = query_of(&body->flow_stats_request);
	struct of_aggregate_reply sum = {0};

	if (query.table == TABLES_N - 1)
		return OF_BRC_BAD_TABLE_ID;
	rules_foreach(conn->bridge, &query, add_rule, &sum);
	conn_reply(conn, head, type, &sum);
	return OF_OK;
}

static enum of_error
handle_sums(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return sum_flows(conn, head, body, &of_aggregate_reply_type);
}

static enum of_error
handle_nx_sums(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return sum_flows(conn, head, body, &of_nx_aggregate_reply_type);
}

MESSAGE_ROOM(flows, MESSAGE_FLOW_STATS_REQUEST);
MESSAGE_ROOM(nx_flows, MESSAGE_NX_FLOW_STATS_REQUEST);
MESSAGE_ROOM(counts, MESSAGE_FLOW_COUNTS_REQUEST);
MESSAGE_ROOM(sums, MESSAGE_AGGREGATE_REQUEST);
MESSAGE_ROOM(nx_sums, MESSAGE_NX_AGGREGATE_REQUEST);

/* SPDX-License-Identifier: Apache-2.0 */

/* Questions about rules: each of them, or their sums.  */

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/flow/match.h"
#include "lib/xmalloc.h"
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
	struct rules_walk *walk;
	const struct message_type *type;
	void (*encode)(struct wire_out *out, const struct of_flow_stats *stats);
	uint32_t xid;
	/* In this turn: */
	int64_t now;
	/* Of the rule before: most have the mask of their neighbour. */
	const struct subtable *subtable;
	struct of_flow_stats stats;
};

static uint16_t seconds(int64_t ms)
{
	return ms / 1000 > UINT16_MAX ? UINT16_MAX : (uint16_t)(ms / 1000);
}

static void put_rule(struct dump *dump, const struct rule *rule, struct wire_out *out)
{
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
	dump->encode(out, stats);
}

static bool dump_more(struct conn *conn, void *dump_)
{
	struct dump *dump = dump_;
	struct message_parts parts;
	struct rule *rule;
	unsigned work;
	bool goes_on = true;

	dump->now = clock_ms();
	dump->subtable = NULL;
	message_parts_begin(&parts, &conn->out, dump->type, dump->xid);
	while (goes_on && (work = rules_walk_next(dump->walk, &rule))) {
		size_t start = conn->out.n;

		goes_on = answer_spend(work);
		if (!rule)
			continue;
		put_rule(dump, rule, &conn->out);
		goes_on = answer_spend_told(conn->out.n - start);
		message_parts_next(&parts);
	}
	if (goes_on)
		message_parts_end(&parts);
	else
		message_parts_pause(&parts);
	return !goes_on;
}

static void end_dump(void *dump_)
{
	struct dump *dump = dump_;

	rules_walk_free(dump->walk);
	free(dump);
}

static const struct answer_type answer_dump = {.more = dump_more, .end = end_dump};

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
	struct dump *dump = XNEW(struct dump);

	dump->walk = rules_walk_new(conn->bridge, &query);
	dump->type = type;
	dump->encode = encode;
	dump->xid = head->xid;
	answer_begin(conn, &answer_dump, dump);
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

struct sum {
	struct rules_walk *walk;
	const struct message_type *type;
	uint32_t xid;
	struct of_aggregate_reply reply;
};

static bool sum_more(struct conn *conn, void *sum_)
{
	struct sum *sum = sum_;
	struct rule *rule;
	unsigned work;

	while ((work = rules_walk_next(sum->walk, &rule))) {
		if (rule) {
			sum->reply.packet_count += rule_packets(rule);
			sum->reply.byte_count += rule_bytes(rule);
			sum->reply.flow_count++;
		}
		if (!answer_spend(work))
			return true;
	}
	message_encode(&conn->out, sum->type, sum->xid, &sum->reply);
	return false;
}

static void end_sum(void *sum_)
{
	struct sum *sum = sum_;

	rules_walk_free(sum->walk);
	free(sum);
}

static const struct answer_type answer_sum = {.more = sum_more, .end = end_sum};

static enum of_error sum_flows(
	struct conn *conn,
	const struct message_head *head,
	const union message_body *body,
	const struct message_type *type
)
{
	struct rules_query query = query_of(&body->flow_stats_request);

	if (query.table == TABLES_N - 1)
		return OF_BRC_BAD_TABLE_ID;
	struct sum *sum = XNEW(struct sum);

	sum->walk = rules_walk_new(conn->bridge, &query);
	sum->type = type;
	sum->xid = head->xid;
	answer_begin(conn, &answer_sum, sum);
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

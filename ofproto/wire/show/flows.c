/* SPDX-License-Identifier: Apache-2.0 */

/* Flows: changed, removed, listed and summed up.  */

#include <stdlib.h>

#include "lib/xmalloc.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/show/show_priv.h"

static void show_flow_mod(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	struct of_flow_mod *mod = XNEW(struct of_flow_mod);

	*mod = body->flow_mod;
	/* Since there are tables, "all of them" is worth a word. */
	if (head->version > OF10 && mod->table_id == FLOW_ALL_TABLES)
		mod->command |= FLOW_ALL_TABLES << 8;
	strbuf_add_char(out, ' ');
	flow_format_mod(mod, show->names, out);
	free(mod);
}

static void add_flows(struct wire_in list, bool nicira, const struct show *show, struct strbuf *out)
{
	struct of_flow_stats *flow = XNEW(struct of_flow_stats);

	strbuf_add_char(out, '\n');
	while (nicira ? of_nx_flow_stats_next(&list, flow) : of_flow_stats_next(&list, flow)) {
		strbuf_add_char(out, ' ');
		flow_format_stats(flow, show->names, !show->no_stats, out);
		strbuf_add_char(out, '\n');
	}
	of_flow_stats_fini(flow);
	free(flow);
}

static void show_flow_stats(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *flows = &body->flow_stats_reply.flows;

	add_flows(wire_in(flows->data, flows->n, flows->version), false, show, out);
}

static void show_nx_flow_stats(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *flows = &body->nx_flow_stats_reply.flows;

	add_flows(wire_in(flows->data, flows->n, flows->version), true, show, out);
}

static void show_request(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_flow_stats_request *m = &body->flow_stats_request;

	if (m->table_id != FLOW_ALL_TABLES) {
		strbuf_add(out, " table=");
		names_format_table(show->names, m->table_id, out);
	}
	if (m->out_port != PORT_ANY) {
		strbuf_add(out, " out_port=");
		names_format_port(show->names, m->out_port, out);
	}
	strbuf_add_char(out, ' ');
	match_format(&m->match, show->names, out);
	strbuf_chomp(out, ' ');
}

static void show_aggregate(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_aggregate_reply *m = &body->aggregate_reply;

	strbuf_addf(
		out,
		" packet_count=%llu byte_count=%llu flow_count=%u",
		(unsigned long long)m->packet_count,
		(unsigned long long)m->byte_count,
		m->flow_count
	);
}

static void show_removed(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	static const char *const reasons[] = {
		"idle", "hard", "delete", "group_delete", "meter_delete", "eviction"};
	const struct of_flow_removed *m = &body->flow_removed;
	/* Nicira counts tables from 1; 0 says nothing. */
	bool nicira = head->type->id == MESSAGE_NX_FLOW_REMOVED;
	uint8_t table = (uint8_t)(m->table_id - nicira);
	size_t start;

	strbuf_add_char(out, ' ');
	start = out->length;
	if (m->priority != FLOW_PRIORITY)
		strbuf_addf(out, "priority=%u,", m->priority);
	match_format(&m->match, show->names, out);
	strbuf_chomp(out, ',');
	if (out->length > start)
		strbuf_add_char(out, ' ');
	strbuf_addf(
		out, "reason=%s", m->reason < ARRAY_LENGTH(reasons) ? reasons[m->reason] : "unknown"
	);
	if (table != FLOW_ALL_TABLES) {
		strbuf_add(out, " table_id=");
		names_format_table(show->names, table, out);
	}
	if (m->cookie)
		strbuf_addf(out, " cookie:0x%llx", (unsigned long long)m->cookie);
	strbuf_add(out, " duration");
	show_duration(m->duration_sec, m->duration_nsec, out);
	strbuf_addf(out, "s idle%u", m->idle_timeout);
	/* The oldest messages do not say it. */
	if (m->hard_timeout)
		strbuf_addf(out, " hard%u", m->hard_timeout);
	strbuf_addf(
		out,
		" pkts%llu bytes%llu\n",
		(unsigned long long)m->packet_count,
		(unsigned long long)m->byte_count
	);
}

MESSAGE_SHOW(flow_mod, MESSAGE_FLOW_MOD, show_flow_mod);
MESSAGE_SHOW(nx_flow_mod, MESSAGE_NX_FLOW_MOD, show_flow_mod);
MESSAGE_SHOW(flow_stats_request, MESSAGE_FLOW_STATS_REQUEST, show_request);
MESSAGE_SHOW(nx_flow_stats_request, MESSAGE_NX_FLOW_STATS_REQUEST, show_request);
MESSAGE_SHOW(flow_stats, MESSAGE_FLOW_STATS_REPLY, show_flow_stats);
MESSAGE_SHOW(nx_flow_stats, MESSAGE_NX_FLOW_STATS_REPLY, show_nx_flow_stats);
MESSAGE_SHOW(aggregate_request, MESSAGE_AGGREGATE_REQUEST, show_request);
MESSAGE_SHOW(nx_aggregate_request, MESSAGE_NX_AGGREGATE_REQUEST, show_request);
MESSAGE_SHOW(aggregate, MESSAGE_AGGREGATE_REPLY, show_aggregate);
MESSAGE_SHOW(nx_aggregate, MESSAGE_NX_AGGREGATE_REPLY, show_aggregate);
MESSAGE_SHOW(flow_removed, MESSAGE_FLOW_REMOVED, show_removed);
MESSAGE_SHOW(nx_flow_removed, MESSAGE_NX_FLOW_REMOVED, show_removed);

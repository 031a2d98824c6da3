/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/monitors.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/rules.h"
#include "ofproto/tables/tables.h"
#include "ofproto/tables/tables_walk.h"
#include "ofproto/targets.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/oxm.h"

enum {
	MONITORS_MAX = 1024, /* of one connection */
	BACKLOG_MAX = 1 << 20, /* then it is paused */
	COVERS_WORK = 4, /* what it costs to know whether a monitor covers a rule */
};

/* OpenFlow 1.4's commands and flags; Nicira's flags are the same up to ACTIONS. */
enum {
	COMMAND_ADD,
	COMMAND_MODIFY,
	COMMAND_DELETE,
};

enum {
	FLAG_INITIAL = 1,
	FLAG_ADD = 2,
	FLAG_REMOVED = 4,
	FLAG_MODIFY = 8,
	FLAG_ACTIONS = 0x10,
	/* Nicira's OWN has the same number and effect. */
	FLAG_NO_ABBREV = 0x20,
	/* Open vSwitch's clients ask with this for all changes, their own in full, and would hear
	 * of nothing if it were taken at its word. */
	FLAG_ONLY_OWN = 0x40,
	FLAGS_OLD = 0x3f,
	FLAGS = 0x7f,
};

/* Events on the wire. The old ones have no "initial", and so are one less. */
enum {
	EVENT_INITIAL,
	EVENT_ADDED,
	EVENT_REMOVED,
	EVENT_MODIFIED,
	EVENT_ABBREV,
	EVENT_PAUSED,
	EVENT_RESUMED,
};

struct monitor {
	struct cds_list_head in_conn;
	uint32_t id, out_port, out_group;
	uint16_t flags;
	uint8_t table;
	struct match match;
};

/* Nicira's form, which the ONF has taken over for OpenFlow 1.3. */
static bool is_old(const struct conn *conn)
{
	return conn->version < OF14;
}

static struct monitor *find(const struct conn *conn, uint32_t id)
{
	struct monitor *monitor;

	cds_list_for_each_entry(monitor, &conn->monitors, in_conn)
		if (monitor->id == id)
			return monitor;
	return NULL;
}

unsigned monitors_count(const struct conn *conn)
{
	struct monitor *monitor;
	unsigned n = 0;

	cds_list_for_each_entry(monitor, &conn->monitors, in_conn)
		n++;
	return n;
}

static void monitor_free(struct monitor *monitor)
{
	cds_list_del(&monitor->in_conn);
	free(monitor);
}

void monitors_free(struct conn *conn)
{
	struct monitor *monitor, *next;

	cds_list_for_each_entry_safe(monitor, next, &conn->monitors, in_conn)
		monitor_free(monitor);
}

static void fill(struct monitor *monitor, const struct of_flow_monitor *request)
{
	monitor->id = request->monitor_id;
	monitor->out_port = request->out_port;
	monitor->out_group = request->out_group;
	monitor->flags = request->flags;
	monitor->table = request->table_id;
	monitor->match = request->match;
}

static enum of_error add(struct conn *conn, const struct of_flow_monitor *request)
{
	struct monitor *monitor;

	if (find(conn, request->monitor_id))
		return OF_MOFC_MONITOR_EXISTS;
	if (monitors_count(conn) >= MONITORS_MAX)
		return OF_MOFC_UNKNOWN;
	monitor = XNEW(struct monitor);
	fill(monitor, request);
	cds_list_add_tail(&monitor->in_conn, &conn->monitors);
	return OF_OK;
}

enum of_error monitor_cancel(struct conn *conn, uint32_t id)
{
	struct monitor *monitor = find(conn, id);

	if (!monitor)
		return OF_MOFC_UNKNOWN_MONITOR;
	monitor_free(monitor);
	return OF_OK;
}

enum of_error monitor_request(struct conn *conn, const struct of_flow_monitor *request)
{
	struct monitor *monitor;

	if (request->command == COMMAND_DELETE)
		return monitor_cancel(conn, request->monitor_id);
	if (request->flags & ~(is_old(conn) ? FLAGS_OLD : FLAGS))
		return OF_MOFC_BAD_FLAGS;
	if (request->table_id == TABLES_N - 1)
		return is_old(conn) ? OF_BRC_BAD_TABLE_ID : OF_MOFC_BAD_TABLE_ID;
	if (request->command == COMMAND_ADD)
		return add(conn, request);
	if (request->command != COMMAND_MODIFY)
		return OF_MOFC_BAD_COMMAND;
	monitor = find(conn, request->monitor_id);
	if (!monitor)
		return OF_MOFC_UNKNOWN_MONITOR;
	/* It comes last, like a new one: its rules are shown again. */
	cds_list_del(&monitor->in_conn);
	cds_list_add_tail(&monitor->in_conn, &conn->monitors);
	fill(monitor, request);
	return OF_OK;
}

/* Updates. */

static const struct message_type *type_of(const struct conn *conn)
{
	return conn->version < OF13 ? &of_nx_flow_monitor_reply_type : &of_flow_monitor_reply_type;
}

/* Nicira's, with their own match and actions; and the ONF's for OpenFlow 1.3, with those of 1.3. */
static void
put_old(struct wire_out *out, const struct rule *rule, unsigned event, unsigned reason, bool actions
)
{
	size_t start = out->n, length_at, match_at;
	bool nicira = out->version < OF13;
	struct match match;

	rule_match(rule, &match);
	wire_put_u16(out, 0);
	wire_put_u16(out, (uint16_t)(event == EVENT_INITIAL ? 0 : event - 1));
	wire_put_u16(out, (uint16_t)reason);
	wire_put_u16(out, (uint16_t)rule->priority);
	wire_put_u16(out, rule->idle_timeout);
	wire_put_u16(out, rule->hard_timeout);
	length_at = out->n;
	wire_put_u16(out, 0);
	wire_put_u8(out, rule->table);
	wire_put_u8(out, 0);
	wire_put_u64(out, rule->cookie);
	match_at = out->n;
	out->match = &match;
	if (nicira) {
		nxm_encode_match(out, &match, 0, 0);
		wire_patch_u16(out, length_at, match_at);
		wire_pad8(out, match_at);
		if (actions)
			actions_encode(out, &rule->actions->list);
	} else {
		oxm_encode_match(out, &match);
		/* Without the padding, as it says itself. */
		memcpy(out->data + length_at, out->data + match_at + 2, 2);
		if (actions)
			instructions_encode(out, &rule->actions->list);
	}
	out->match = NULL;
	wire_patch_u16(out, start, start);
}

static void put_standard(
	struct wire_out *out, const struct rule *rule, unsigned event, unsigned reason, bool actions
)
{
	size_t start = out->n;
	struct match match;

	rule_match(rule, &match);
	wire_put_u16(out, 0);
	wire_put_u16(out, (uint16_t)event);
	wire_put_u8(out, rule->table);
	wire_put_u8(out, (uint8_t)reason);
	wire_put_u16(out, rule->idle_timeout);
	wire_put_u16(out, rule->hard_timeout);
	wire_put_u16(out, (uint16_t)rule->priority);
	wire_put_zeros(out, 4);
	wire_put_u64(out, rule->cookie);
	oxm_encode_match(out, &match);
	out->match = &match;
	if (actions)
		instructions_encode(out, &rule->actions->list);
	out->match = NULL;
	wire_patch_u16(out, start, start);
}

/* The first update begins a message; monitors_end() ends it. */
static void begin(struct conn *conn)
{
	if (conn->updating)
		return;
	message_parts_begin(&conn->updates, &conn->out, type_of(conn), 0);
	conn->updating = true;
}

static void end(struct conn *conn)
{
	if (!conn->updating)
		return;
	message_parts_end(&conn->updates);
	conn->updating = false;
	conn_flush(conn);
}

static void
put_rule(struct conn *conn, const struct rule *rule, unsigned event, unsigned reason, bool actions)
{
	if (is_old(conn))
		put_old(&conn->out, rule, event, reason, actions);
	else
		put_standard(&conn->out, rule, event, reason, actions);
}

static void put_abbreviation(struct conn *conn, uint32_t xid)
{
	wire_put_u16(&conn->out, 8);
	wire_put_u16(&conn->out, (uint16_t)(EVENT_ABBREV - is_old(conn)));
	wire_put_u32(&conn->out, xid);
	message_parts_next(&conn->updates);
}

/* Says that updates cease, or begin again. OpenFlow 1.4 has events for it, before there were
 * messages. */
static void put_turn(struct conn *conn, bool resumed)
{
	const struct message_type *type =
		resumed ? &of_flow_monitor_resumed_type : &of_flow_monitor_paused_type;
	const struct message_head head = {.xid = 0};

	if (conn->version < OF14) {
		if (conn->version == OF13)
			type = resumed ? &of_onf_flow_monitor_resumed_type
				       : &of_onf_flow_monitor_paused_type;
		end(conn);
		conn_reply(conn, &head, type, &(struct of_flow_monitor_paused){0});
		conn_flush(conn);
		return;
	}
	begin(conn);
	wire_put_u16(&conn->out, 8);
	wire_put_u16(&conn->out, resumed ? EVENT_RESUMED : EVENT_PAUSED);
	wire_put_u32(&conn->out, 0);
	message_parts_next(&conn->updates);
	end(conn);
}

/* Choosing. */

static bool covers(const struct monitor *monitor, const struct rule *rule)
{
	struct match match;

	if (monitor->table != RULES_TABLE_ALL && monitor->table != rule->table)
		return false;
	if (monitor->out_port != UINT32_MAX &&
	    !targets_have_port(&rule->actions->list, monitor->out_port))
		return false;
	if (monitor->out_group != UINT32_MAX &&
	    !targets_have_group(&rule->actions->list, monitor->out_group))
		return false;
	rule_match(rule, &match);
	return match_is_within(&match, &monitor->match);
}

/* The flags of all monitors that want the event, or 0. */
static unsigned wanted(const struct conn *conn, const struct rule *rule, unsigned flag)
{
	const struct monitor *monitor;
	unsigned flags = 0;

	cds_list_for_each_entry(monitor, &conn->monitors, in_conn)
		if (monitor->flags & flag && covers(monitor, rule))
			flags |= monitor->flags;
	return flags;
}

static void
note(struct conn *conn, const struct rule *rule, enum monitor_event event, unsigned reason)
{
	static const uint8_t wires[] = {EVENT_ADDED, EVENT_REMOVED, EVENT_MODIFIED};
	static const uint8_t bits[] = {FLAG_ADD, FLAG_REMOVED, FLAG_MODIFY};
	uint32_t xid = 0;
	bool own = conn_at_work(&xid) == conn;
	unsigned flags;

	if (conn->paused_ms && (event != MONITOR_REMOVED || rule->created_ms > conn->paused_ms))
		return;
	flags = wanted(conn, rule, bits[event]);
	if (!flags)
		return;
	begin(conn);
	if (!own || flags & (FLAG_NO_ABBREV | FLAG_ONLY_OWN)) {
		put_rule(conn, rule, wires[event], reason, flags & FLAG_ACTIONS);
		message_parts_next(&conn->updates);
	} else if (conn->abbreviated != xid) {
		put_abbreviation(conn, xid);
	}
	conn->abbreviated = own ? xid : 0;
}

bool monitors_are_there(const struct bridge *bridge)
{
	struct conn *conn;

	cds_list_for_each_entry(conn, &bridge->conns, in_bridge)
		if (!cds_list_empty(&conn->monitors))
			return true;
	return false;
}

void monitors_note(
	struct bridge *bridge, const struct rule *rule, enum monitor_event event, unsigned reason
)
{
	struct conn *conn;

	if (rule->priority > UINT16_MAX)
		return;
	cds_list_for_each_entry(conn, &bridge->conns, in_bridge)
		if (!cds_list_empty(&conn->monitors))
			note(conn, rule, event, reason);
}

/* Showing rules. */

struct show {
	struct tables_walk *walk; /* under way, or NULL */
	/* Whose rules are shown, all that are there; NULL: those that have changed, of all. */
	const struct monitor *monitor;
	int64_t since_ms;
	uint32_t xid;
	bool resumes; /* after a pause */
};

static void end_show(void *show_)
{
	struct show *show = show_;

	tables_walk_free(show->walk);
	free(show);
}

/* From the monitor on: the first that asks for the rules that are there, or NULL. */
static const struct monitor *next_asking(const struct conn *conn, const struct cds_list_head *at)
{
	for (; at != &conn->monitors; at = at->next) {
		const struct monitor *monitor = container_of(at, struct monitor, in_conn);

		if (monitor->flags & FLAG_INITIAL)
			return monitor;
	}
	return NULL;
}

static void begin_walk(struct conn *conn, struct show *show)
{
	const struct monitor *monitor = show->monitor;
	bool all = !monitor || monitor->table == RULES_TABLE_ALL;

	tables_walk_free(show->walk);
	show->walk = tables_walk_new(
		conn->bridge->tables, all ? 0 : monitor->table, all ? TABLES_N - 1 : monitor->table
	);
}

/* Goes on to the next rule, or to the next monitor. False: there is none. */
static bool step(struct conn *conn, struct show *show, struct rule **rule)
{
	if (tables_walk_next(show->walk, rule))
		return true;
	if (show->monitor)
		show->monitor = next_asking(conn, show->monitor->in_conn.next);
	else
		return false;
	if (show->monitor)
		begin_walk(conn, show);
	return show->monitor;
}

/* Returns the flags of the monitors that are to be shown the rule, and by which event. */
static unsigned flags_for(
	const struct conn *conn, const struct show *show, const struct rule *rule, unsigned *event
)
{
	if (rule->priority > UINT16_MAX)
		return 0;
	if (!show->monitor) {
		*event = rule->created_ms > show->since_ms ? EVENT_ADDED : EVENT_MODIFIED;
		return rule->modified_ms < show->since_ms
			? 0
			: wanted(conn, rule, FLAG_ADD | FLAG_MODIFY);
	}
	*event = EVENT_INITIAL;
	/* While the peer is paused it is not told that newer ones end. */
	if (conn->paused_ms && rule->created_ms > conn->paused_ms)
		return 0;
	return covers(show->monitor, rule) ? show->monitor->flags : 0;
}

/* Whether there may be more in this turn. */
static bool show_rule(
	struct conn *conn,
	const struct show *show,
	const struct rule *rule,
	struct message_parts *parts
)
{
	unsigned work = 1 + COVERS_WORK * (show->monitor ? 1 : monitors_count(conn)), event;
	unsigned flags = flags_for(conn, show, rule, &event);
	size_t n = conn->out.n;

	if (!flags)
		return answer_spend(work);
	put_rule(conn, rule, event, 0, flags & FLAG_ACTIONS);
	n = conn->out.n - n;
	message_parts_next(parts);
	return answer_spend_told(n);
}

static bool show_more(struct conn *conn, void *show_)
{
	struct show *show = show_;
	struct message_parts parts;
	struct rule *rule;
	bool more = show->walk, goes_on = true;

	message_parts_begin(&parts, &conn->out, type_of(conn), show->xid);
	while (more && goes_on) {
		more = step(conn, show, &rule);
		if (more)
			goes_on = rule ? show_rule(conn, show, rule, &parts) : answer_spend(1);
	}
	if (more || (show->resumes && parts.first == parts.last))
		message_parts_pause(&parts);
	else
		message_parts_end(&parts);
	if (!more && show->resumes)
		put_turn(conn, true);
	return more;
}

static const struct answer_type answer_show = {.more = show_more, .end = end_show};

void monitors_answer(struct conn *conn, const struct message_head *head, unsigned first)
{
	struct show *show = XNEW(struct show);
	const struct cds_list_head *at = conn->monitors.next;

	while (first--)
		at = at->next;
	show->xid = head->xid;
	show->monitor = next_asking(conn, at);
	if (show->monitor)
		begin_walk(conn, show);
	answer_begin(conn, &answer_show, show);
}

/* What it is told from now on may be of rules that the walk has yet to come to: then it hears twice
 * how they are now. */
void monitors_resume(struct conn *conn)
{
	struct show *show = XNEW(struct show);

	show->resumes = true;
	show->since_ms = conn->untold_ms;
	conn->paused_ms = 0;
	begin_walk(conn, show);
	answer_begin(conn, &answer_show, show);
}

static bool resumes(const struct conn *conn)
{
	return conn->answer.type == &answer_show &&
		((const struct show *)conn->answer.context)->resumes;
}

static void pause_updates(struct conn *conn)
{
	conn->paused_ms = clock_ms();
	/* Who has not got over the last pause yet is still in it, as far as it knows. */
	if (resumes(conn)) {
		answer_cancel(conn);
		return;
	}
	conn->untold_ms = conn->paused_ms;
	put_turn(conn, false);
}

void monitors_end(struct bridge *bridge)
{
	struct conn *conn;

	cds_list_for_each_entry(conn, &bridge->conns, in_bridge) {
		if (cds_list_empty(&conn->monitors))
			continue;
		end(conn);
		conn->abbreviated = 0;
		if (conn->paused_ms || conn_backlog(conn) < BACKLOG_MAX)
			continue;
		pause_updates(conn);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Flow monitors: what was asked for and what changed.  */

#include <stdlib.h>

#include "lib/xmalloc.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/oxm.h"
#include "ofproto/wire/show/show_priv.h"

/* Events, as OpenFlow 1.4 numbers them. */
enum event {
	INITIAL,
	ADDED,
	REMOVED,
	MODIFIED,
	ABBREV,
	PAUSED,
	RESUMED,
};

static const struct show_bit flags14[] = {
	{1, "initial"},
	{2, "add"},
	{4, "delete"},
	{8, "modify"},
	{16, "actions"},
	{32, "no-abbrev"},
	{64, "only-own"},
	{0, NULL},
};

static const struct show_bit flags_nx[] = {
	{1, "initial"},
	{2, "add"},
	{4, "delete"},
	{8, "modify"},
	{16, "actions"},
	{32, "own"},
	{0, NULL},
};

static void add_request(
	const struct of_flow_monitor *monitor,
	const struct show_bit *flags,
	const struct show *show,
	struct strbuf *out
)
{
	strbuf_addf(out, "\n id=%u flags=", monitor->monitor_id);
	show_bits(flags, monitor->flags, ',', out);
	if (monitor->out_port != PORT_ANY) {
		strbuf_add(out, " out_port=");
		names_format_port(show->names, monitor->out_port, out);
	}
	if (monitor->table_id != FLOW_ALL_TABLES) {
		strbuf_add(out, " table=");
		names_format_table(show->names, monitor->table_id, out);
	}
	strbuf_add_char(out, ' ');
	match_format(&monitor->match, show->names, out);
	strbuf_chomp(out, ' ');
}

static void show_request(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	bool nicira = head->type->id == MESSAGE_NX_FLOW_MONITOR_REQUEST;
	const struct wire_bytes *bytes = nicira ? &body->nx_flow_monitor_request.monitors
						: &body->flow_monitor_request.monitors;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct of_flow_monitor *monitor = XNEW(struct of_flow_monitor);

	while (nicira ? of_nx_flow_monitor_next(&list, monitor)
		      : of_flow_monitor_next(&list, monitor))
		add_request(monitor, nicira ? flags_nx : flags14, show, out);
	free(monitor);
}

/* A change to a flow, in either form. */
struct update {
	uint8_t event, table;
	uint16_t reason, priority, idle, hard;
	uint64_t cookie;
	struct match match;
	struct action_list actions;
};

static const char *reason_name(unsigned reason)
{
	static const char *const names[] = {
		"idle", "hard", "delete", "group_delete", "meter_delete", "eviction"};

	return reason < ARRAY_LENGTH(names) ? names[reason] : "unknown";
}

static void add_update(const struct update *update, const struct show *show, struct strbuf *out)
{
	static const char *const events[] = {"INITIAL", "ADDED", "DELETED", "MODIFIED"};
	size_t start;

	strbuf_addf(out, "\n event=%s", events[update->event]);
	if (update->event == REMOVED)
		strbuf_addf(out, " reason=%s", reason_name(update->reason));
	strbuf_add(out, " table=");
	names_format_table(show->names, update->table, out);
	if (update->idle)
		strbuf_addf(out, " idle_timeout=%u", update->idle);
	if (update->hard)
		strbuf_addf(out, " hard_timeout=%u", update->hard);
	strbuf_addf(out, " cookie=%#llx ", (unsigned long long)update->cookie);
	start = out->length;
	/* The priority is not said, as scripts know it. */
	match_format(&update->match, show->names, out);
	if (!update->actions.n)
		return;
	if (out->length > start)
		strbuf_add_char(out, ' ');
	strbuf_add(out, "actions=");
	actions_format(&update->actions, show->names, out);
}

static void take14(struct wire_in *in, struct update *update)
{
	update->table = wire_u8(in);
	update->reason = wire_u8(in);
	update->idle = wire_u16(in);
	update->hard = wire_u16(in);
	update->priority = wire_u16(in);
	wire_skip(in, 4);
	update->cookie = wire_u64(in);
	oxm_decode_match(in, &update->match);
	instructions_decode(in, wire_left(in), &update->actions);
}

static void take_nx(struct wire_in *in, struct update *update)
{
	unsigned length;

	update->reason = wire_u16(in);
	update->priority = wire_u16(in);
	update->idle = wire_u16(in);
	update->hard = wire_u16(in);
	length = wire_u16(in);
	update->table = wire_u8(in);
	wire_skip(in, 1);
	update->cookie = wire_u64(in);
	nxm_decode_match(in, length, &update->match, NULL, NULL);
	actions_decode(in, wire_left(in), &update->actions);
}

/* One element of the list; false when the rest makes no sense. */
static bool add_next(
	struct wire_in *list,
	bool nicira,
	struct update *update,
	const struct show *show,
	struct strbuf *out
)
{
	unsigned length = wire_u16(list), event = wire_u16(list);
	struct wire_in body;

	if (list->error || length < 8 || length - 4 > wire_left(list))
		return false;
	body = wire_sub(list, length - 4, OF_BRC_BAD_LEN);
	/* Nicira has no initial event and counts from the next. */
	update->event = (uint8_t)(event + nicira);
	if (update->event == ABBREV) {
		strbuf_addf(out, "\n event=ABBREV xid=0x%x", wire_u32(&body));
		return true;
	}
	if (update->event == PAUSED || update->event == RESUMED) {
		strbuf_addf(out, "\n event=%s", update->event == PAUSED ? "PAUSED" : "RESUMED");
		return true;
	}
	if (update->event > MODIFIED)
		return false;
	if (nicira)
		take_nx(&body, update);
	else
		take14(&body, update);
	if (!body.error)
		add_update(update, show, out);
	return !body.error;
}

static void show_reply(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	bool nicira = head->type->id == MESSAGE_NX_FLOW_MONITOR_REPLY;
	const struct wire_bytes *bytes =
		nicira ? &body->nx_flow_monitor_reply.updates : &body->flow_monitor_reply.updates;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	struct update *update = XNEW(struct update);

	while (wire_left(&list) && add_next(&list, nicira, update, show, out))
		continue;
	action_list_fini(&update->actions);
	free(update);
}

static void show_cancel(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	strbuf_addf(out, " id=%u", body->flow_monitor_cancel.monitor_id);
}

MESSAGE_SHOW(flow_monitor_request, MESSAGE_FLOW_MONITOR_REQUEST, show_request);
MESSAGE_SHOW(nx_flow_monitor_request, MESSAGE_NX_FLOW_MONITOR_REQUEST, show_request);
MESSAGE_SHOW(flow_monitor, MESSAGE_FLOW_MONITOR_REPLY, show_reply);
MESSAGE_SHOW(nx_flow_monitor, MESSAGE_NX_FLOW_MONITOR_REPLY, show_reply);
MESSAGE_SHOW(flow_monitor_cancel, MESSAGE_FLOW_MONITOR_CANCEL, show_cancel);

/* SPDX-License-Identifier: Apache-2.0 */

/* Requests for flow monitors, in Nicira's form, the ONF's for OpenFlow 1.3, and OpenFlow 1.4's.  */

#include "ofproto/conn/monitors.h"

#include "ofproto/conn/conn.h"
#include "ofproto/wire/messages.h"

typedef bool next_fn(struct wire_in *list, struct of_flow_monitor *monitor);

/* The monitors of a request come all, or none. */
static void undo(struct conn *conn, struct wire_in list, next_fn *next, unsigned n)
{
	struct of_flow_monitor monitor = {.command = 0};

	while (n-- && next(&list, &monitor))
		monitor_cancel(conn, monitor.monitor_id);
}

static enum of_error
request(struct conn *conn,
	const struct message_head *head,
	const struct wire_bytes *monitors,
	next_fn *next)
{
	struct wire_in list = wire_in(monitors->data, monitors->n, monitors->version);
	struct wire_in again = list;
	struct of_flow_monitor monitor = {.command = 0, .out_group = UINT32_MAX};
	enum of_error error = OF_OK;
	unsigned n = 0, changed = 0;

	while (!error && next(&list, &monitor)) {
		error = monitor_request(conn, &monitor);
		changed += !error && monitor.command < 2;
		n += !error && !monitor.command;
		monitor = (struct of_flow_monitor){.out_group = UINT32_MAX};
	}
	if (!error)
		error = list.error;
	if (error) {
		undo(conn, again, next, n);
		return error;
	}
	monitors_answer(conn, head, monitors_count(conn) - changed);
	return OF_OK;
}

static enum of_error
handle_request(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return request(conn, head, &body->flow_monitor_request.monitors, of_flow_monitor_next);
}

static enum of_error handle_nx_request(
	struct conn *conn, const struct message_head *head, const union message_body *body
)
{
	return request(
		conn, head, &body->nx_flow_monitor_request.monitors, of_nx_flow_monitor_next
	);
}

static enum of_error
handle_cancel(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return monitor_cancel(conn, body->flow_monitor_cancel.monitor_id);
}

MESSAGE_ROOM(request, MESSAGE_FLOW_MONITOR_REQUEST);
MESSAGE_ROOM(nx_request, MESSAGE_NX_FLOW_MONITOR_REQUEST);
MESSAGE_ROOM(cancel, MESSAGE_FLOW_MONITOR_CANCEL);

static const struct message_room message_room_onf_cancel = {
	.id = MESSAGE_ONF_FLOW_MONITOR_CANCEL,
	.handle = handle_cancel,
};
REGISTRY_ADD(message_room, message_room_onf_cancel);

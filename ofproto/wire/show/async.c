/* SPDX-License-Identifier: Apache-2.0 */

/* Which messages a controller wants to get by themselves.  */

#include <string.h>

#include "ofproto/wire/show/show_priv.h"

enum kind {
	PACKET_IN,
	PORT_STATUS,
	FLOW_REMOVED,
	ROLE_STATUS,
	TABLE_STATUS,
	REQUESTFORWARD,
	KINDS,
};

/* Primary and equal ones, and secondary ones. */
struct masks {
	uint32_t primary[KINDS], secondary[KINDS];
};

static const char *const packet_in[] = {
	"no_match", "action", "invalid_ttl", "action_set", "group", "packet_out", NULL};
static const char *const port_status[] = {"add", "delete", "modify", NULL};
static const char *const flow_removed[] = {
	"idle", "hard", "delete", "group_delete", "meter_delete", "eviction", NULL};
static const char *const role_status[] = {
	"primary_request", "configuration_changed", "experimenter_data_changed", NULL};
static const char *const table_status[] = {"", "", "", "vacancy_down", "vacancy_up", NULL};
static const char *const requestforward[] = {"group_mod_request", "meter_mod_request", NULL};

static const struct {
	const char *name;
	const char *const *reasons;
} kinds[KINDS] = {
	[PACKET_IN] = {"PACKET_IN", packet_in},
	[PORT_STATUS] = {"PORT_STATUS", port_status},
	[FLOW_REMOVED] = {"FLOW_REMOVED", flow_removed},
	[ROLE_STATUS] = {"ROLE_STATUS", role_status},
	[TABLE_STATUS] = {"TABLE_STATUS", table_status},
	[REQUESTFORWARD] = {"REQUESTFORWARD", requestforward},
};

static void add_masks(const char *who, const uint32_t *masks, struct strbuf *out)
{
	strbuf_addf(out, "\n %s:\n", who);
	for (unsigned i = 0; i < KINDS; i++) {
		bool any = false;

		strbuf_addf(out, "%16s:", kinds[i].name);
		for (unsigned bit = 0; kinds[i].reasons[bit]; bit++)
			if (masks[i] >> bit & 1 && *kinds[i].reasons[bit]) {
				strbuf_addf(out, " %s", kinds[i].reasons[bit]);
				any = true;
			}
		strbuf_add(out, any ? "\n" : " (off)\n");
	}
}

/* From OpenFlow 1.4 on each mask is a property; pairs of numbers, the secondary ones first. */
static void take_properties(struct wire_bytes bytes, struct masks *masks)
{
	struct wire_in list = wire_in(bytes.data, bytes.n, bytes.version), p;
	uint16_t type;

	while (wire_property(&list, &type, &p)) {
		if (type / 2 >= KINDS)
			continue;
		if (type & 1)
			masks->primary[type / 2] = wire_u32(&p);
		else
			masks->secondary[type / 2] = wire_u32(&p);
	}
}

static void show_async(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_set_async *m = &body->set_async;
	struct masks masks;

	memset(&masks, 0, sizeof(masks));
	if (head->version >= OF14 && head->type->id != MESSAGE_NX_SET_ASYNC) {
		take_properties(m->properties, &masks);
	} else {
		masks.primary[PACKET_IN] = m->packet_in_master;
		masks.secondary[PACKET_IN] = m->packet_in_slave;
		masks.primary[PORT_STATUS] = m->port_status_master;
		masks.secondary[PORT_STATUS] = m->port_status_slave;
		masks.primary[FLOW_REMOVED] = m->flow_removed_master;
		masks.secondary[FLOW_REMOVED] = m->flow_removed_slave;
	}
	add_masks("primary", masks.primary, out);
	add_masks("secondary", masks.secondary, out);
}

static void show_async_reply(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_get_async_reply *m = &body->get_async_reply;
	union message_body same = {
		.set_async =
			{
				.packet_in_master = m->packet_in_master,
				.packet_in_slave = m->packet_in_slave,
				.port_status_master = m->port_status_master,
				.port_status_slave = m->port_status_slave,
				.flow_removed_master = m->flow_removed_master,
				.flow_removed_slave = m->flow_removed_slave,
				.properties = m->properties,
			},
	};

	show_async(show, head, &same, out);
}

MESSAGE_SHOW(set_async, MESSAGE_SET_ASYNC, show_async);
MESSAGE_SHOW(nx_set_async, MESSAGE_NX_SET_ASYNC, show_async);
MESSAGE_SHOW(get_async, MESSAGE_GET_ASYNC_REPLY, show_async_reply);

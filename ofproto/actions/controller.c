/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/actions/controller.h"

#include <string.h>

#include "datapath/drop.h"
#include "datapath/punt.h"
#include "ofproto/actions/room.h"
#include "ofproto/meters/meters.h"
#include "ofproto/wire/actions/controller.h"
#include "ofproto/xlate/pause.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/tunnel.h"

DROP_REASON(userdata_too_long, "what a controller wants to be told with a packet is too long");
DROP_REASON(port_no_packet_in, "no rule matches, and the port asks no controller");

static uint8_t reason_of(const struct xlate *x, const struct action_controller *action)
{
	static const uint8_t by_origin[] = {
		[XLATE_ORIGIN_PACKET_OUT] = PACKET_IN_PACKET_OUT,
		[XLATE_ORIGIN_RULE] = PACKET_IN_ACTION,
		/* OpenFlow 1.3's way to ask for misses. */
		[XLATE_ORIGIN_MISS] = PACKET_IN_NO_MATCH,
		[XLATE_ORIGIN_SET] = PACKET_IN_ACTION_SET,
		[XLATE_ORIGIN_GROUP] = PACKET_IN_GROUP,
	};

	if (action && action->reason != PACKET_IN_ACTION)
		return action->reason;
	return x->origin < ARRAY_LENGTH(by_origin) ? by_origin[x->origin] : PACKET_IN_ACTION;
}

void controller_note(
	struct xlate *x, struct packet_in_note *note, const struct action_controller *action
)
{
	const struct key_base *base = &x->key.base;

	memset(note, 0, sizeof(*note));
	XLATE_LOOK(x, base.tun_id);
	XLATE_LOOK(x, base.tun_src);
	XLATE_LOOK(x, base.tun_dst);
	note->bridge = x->bridge->index;
	note->in_port = base->in_port;
	note->cookie = x->cookie;
	note->metadata = x->key.pipeline.metadata;
	note->tun_id = base->tun_id;
	note->tun_src = base->tun_src;
	note->tun_dst = base->tun_dst;
	XLATE_LOOK(x, tunnel.ipv6_src);
	XLATE_LOOK(x, tunnel.ipv6_dst);
	memcpy(note->tun_ipv6_src, x->key.tunnel.ipv6_src, sizeof(note->tun_ipv6_src));
	memcpy(note->tun_ipv6_dst, x->key.tunnel.ipv6_dst, sizeof(note->tun_ipv6_dst));
	note->pkt_mark = x->key.extra.pkt_mark;
	memcpy(note->regs, x->key.regs, sizeof(note->regs));
	note->table = x->table;
	note->reason = reason_of(x, action);
	note->controller_id = action ? action->controller_id : 0;
	note->n_userdata = action ? action->n_userdata : 0;
}

/* The action's own meter, else that of all packets for controllers. */
static uint32_t meter_slot(struct xlate *x, const struct action_controller *action)
{
	uint32_t id = action && action->meter_id ? action->meter_id : METER_ID_CONTROLLER;

	xlate_add_dep(x, DEP_METER, x->bridge->index, 0, id);
	return meters_find_slot(x->bridge->meters, id, NULL);
}

void controller_punt(
	struct xlate *x,
	struct packet_in_note *note,
	const struct action_controller *action,
	const struct wire_bytes *rest
)
{
	uint8_t options[OPTIONS_SIZE];
	int n_options = tunnel_get_options(x, options);
	uint32_t n = note->n_userdata + (rest ? rest->n : 0);
	struct op_punt *punt;

	note->n_options = n_options > 0 ? (uint16_t)n_options : 0;
	n += note->n_options;
	if (n > PUNT_MORE_MAX) {
		xlate_drop(x, &drop_userdata_too_long);
		return;
	}
	note->n_rest = rest ? (uint16_t)rest->n : 0;
	punt = program_add_sized(&x->program, &op_punt, (uint16_t)(sizeof(*punt) + n));
	punt->to = &packet_in_target;
	punt->max_size = UINT16_MAX;
	punt->n_more = (uint16_t)n;
	punt->meter = meter_slot(x, action);
	memcpy(punt->note, note, sizeof(*note));
	if (note->n_userdata)
		memcpy(punt->more, action->userdata, note->n_userdata);
	if (rest && note->n_rest)
		memcpy(punt->more + note->n_userdata, rest->data, note->n_rest);
	memcpy(punt->more + n - note->n_options, options, note->n_options);
	x->n_outputs++;
	xlate_note(x, rest ? " >> to the controllers, paused" : " >> to the controllers");
}

void controller_send(struct xlate *x, uint8_t reason, const struct action_controller *action)
{
	struct packet_in_note note;

	if (x->stopped)
		return;
	controller_note(x, &note, action);
	if (reason != PACKET_IN_ACTION)
		note.reason = reason;
	if (note.reason == PACKET_IN_NO_MATCH && x->in &&
	    x->in->config & PORT_CONFIG_NO_PACKET_IN) {
		xlate_drop(x, &drop_port_no_packet_in);
		return;
	}
	xlate_commit(x);
	controller_punt(x, &note, action, NULL);
}

static void translate(struct xlate *x, const void *args)
{
	const struct action_controller *action = args;

	if (action->pause && !x->stopped)
		pause_begin(x, action);
	else
		controller_send(x, PACKET_IN_ACTION, action);
}

ACTION_ROOM_WITH(controller, translate, ACTION_ROOM_BLIND);

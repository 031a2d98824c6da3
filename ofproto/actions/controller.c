/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/actions/controller.h"

#include <string.h>

#include "datapath/drop.h"
#include "ofproto/actions/room.h"
#include "ofproto/conn/packet_in.h"
#include "ofproto/wire/actions/controller.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(userdata_too_long, "a controller action carries more userdata than there is room for");

/* A rule that matches all at the lowest priority is OpenFlow 1.3's way to ask for misses. */
static uint8_t refine(const struct xlate *x, uint8_t reason)
{
	if (reason != PACKET_IN_ACTION || x->origin == XLATE_ORIGIN_RULE)
		return reason;
	return x->origin == XLATE_ORIGIN_MISS ? PACKET_IN_NO_MATCH : PACKET_IN_PACKET_OUT;
}

void controller_send(
	struct xlate *x, uint8_t reason, uint16_t max_size, const struct action_controller *action
)
{
	struct packet_in_note note = {
		.bridge = x->bridge->index,
		.in_port = x->key.base.in_port,
		.cookie = x->cookie,
		.metadata = x->key.pipeline.metadata,
		.table = x->table,
		.reason = refine(x, reason),
	};

	if (x->stopped)
		return;
	memcpy(note.regs, x->key.regs, sizeof(note.regs));
	if (action) {
		note.controller_id = action->controller_id;
		note.n_userdata = action->n_userdata;
	}
	if (note.n_userdata > sizeof(note.userdata)) {
		xlate_drop(x, &drop_userdata_too_long);
		return;
	}
	if (note.n_userdata)
		memcpy(note.userdata, action->userdata, note.n_userdata);
	xlate_commit(x);
	struct op_punt *punt = program_add(&x->program, &op_punt);

	punt->to = &packet_in_target;
	punt->max_size = max_size;
	memcpy(punt->note, &note, sizeof(note));
	x->n_outputs++;
	xlate_note(x, " >> to the controllers");
}

static void translate(struct xlate *x, const void *args)
{
	const struct action_controller *action = args;

	controller_send(x, action->reason, action->max_len, action);
}

ACTION_ROOM_WITH(controller, translate, ACTION_ROOM_BLIND);

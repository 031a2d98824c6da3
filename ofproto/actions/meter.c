/* SPDX-License-Identifier: Apache-2.0 */

/* meter: the packet is measured, and may end here.  */

#include "datapath/ops/meter.h"

#include "ofproto/actions/room.h"
#include "ofproto/meters/meters.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

enum {
	DSCP = 0xfc, /* of the type-of-service byte */
};

/* From here on nobody knows the code point: what is written to it later must be written. Tables that
 * come later see the one from before. */
static void forget_dscp(struct xlate *x)
{
	x->done.base.ip_tos &= (uint8_t)~DSCP;
	x->known.base.ip_tos &= (uint8_t)~DSCP;
	x->base.base.ip_tos = x->key.base.ip_tos ^ DSCP;
}

static void translate(struct xlate *x, const void *args)
{
	uint32_t id = (uint32_t)((const struct action_value *)args)->value;
	struct op_meter *op;
	bool remarks = false;
	uint32_t slot = meters_find_slot(x->bridge->meters, id, &remarks);

	xlate_add_dep(x, DEP_METER, x->bridge->index, 0, id);
	if (!slot || x->stopped)
		return;
	if (remarks)
		xlate_commit(x);
	op = program_add(&x->program, remarks ? &op_meter_remark : &op_meter);
	op->slot = slot;
	x->metered = true;
	if (remarks)
		forget_dscp(x);
}

ACTION_ROOM(meter, translate);

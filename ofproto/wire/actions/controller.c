/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/controller.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/controller_priv.h"

enum {
	CONTROLLER = 20,
	CONTROLLER2 = 37,
	PROP_MAX_LEN = 0,
	PROP_CONTROLLER_ID,
	PROP_REASON,
	PROP_USERDATA,
	PROP_PAUSE,
	PROP_METER,
	USERDATA_MAX = 60000,
};

static struct wire_bytes find_userdata(struct wire_in props)
{
	struct wire_in body;
	uint16_t type;

	while (wire_property(&props, &type, &body))
		if (type == PROP_USERDATA)
			return wire_rest(&body);
	return (struct wire_bytes){0};
}

static void
decode_properties(struct wire_in *in, const struct action_type *type, struct action_list *list)
{
	struct wire_bytes userdata;
	struct action_controller *to;
	struct wire_in body;
	uint16_t property;

	wire_skip(in, 6);
	userdata = find_userdata(*in);
	to = action_add(list, type, userdata.n);
	to->max_len = 65535;
	to->reason = 1;
	to->n_userdata = (uint16_t)userdata.n;
	if (userdata.n)
		memcpy(to->userdata, userdata.data, userdata.n);
	while (wire_property(in, &property, &body)) {
		if (property == PROP_MAX_LEN)
			to->max_len = wire_u16(&body);
		else if (property == PROP_CONTROLLER_ID)
			to->controller_id = wire_u16(&body);
		else if (property == PROP_REASON)
			to->reason = wire_u8(&body);
		else if (property == PROP_USERDATA)
			to->has_userdata = true;
		else if (property == PROP_PAUSE)
			to->pause = true;
		else if (property == PROP_METER)
			to->meter_id = wire_u32(&body);
		else
			wire_fail(&body, OF_BPC_BAD_TYPE);
		if (body.error)
			wire_fail(in, body.error);
	}
}

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_controller *to;

	if (wire->number == CONTROLLER2) {
		decode_properties(in, type, list);
		return;
	}
	to = action_add(list, type, 0);
	to->max_len = wire_u16(in);
	to->controller_id = wire_u16(in);
	to->reason = wire_u8(in);
}

static void encode_properties(struct wire_out *out, const struct action_controller *to)
{
	size_t at;

	wire_put_zeros(out, 6);
	if (to->max_len != 65535) {
		at = wire_property_begin(out, PROP_MAX_LEN);
		wire_put_u16(out, to->max_len);
		wire_property_end(out, at);
	}
	if (to->controller_id) {
		at = wire_property_begin(out, PROP_CONTROLLER_ID);
		wire_put_u16(out, to->controller_id);
		wire_property_end(out, at);
	}
	if (to->reason != 1) {
		at = wire_property_begin(out, PROP_REASON);
		wire_put_u8(out, to->reason);
		wire_property_end(out, at);
	}
	if (to->has_userdata) {
		at = wire_property_begin(out, PROP_USERDATA);
		wire_put(out, to->userdata, to->n_userdata);
		wire_property_end(out, at);
	}
	if (to->pause)
		wire_property_end(out, wire_property_begin(out, PROP_PAUSE));
	if (to->meter_id) {
		at = wire_property_begin(out, PROP_METER);
		wire_put_u32(out, to->meter_id);
		wire_property_end(out, at);
	}
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_controller *to = (const struct action_controller *)action;
	bool is_long = to->has_userdata || to->pause || to->meter_id;
	size_t start = action_put_nx(out, is_long ? CONTROLLER2 : CONTROLLER);

	if (is_long) {
		encode_properties(out, to);
	} else {
		wire_put_u16(out, to->max_len);
		wire_put_u16(out, to->controller_id);
		wire_put_u8(out, to->reason);
	}
	action_put_end(out, start);
}

static const struct action_type action_controller = {
	.name = "controller",
	.help = "controller(max_len=BYTES,reason=REASON,id=ID,userdata=HEX,pause,meter_id=METER)",
	.wires = {ACTION_NX(CONTROLLER), ACTION_NX(CONTROLLER2)},
	.size = sizeof(struct action_controller),
	.decode = decode,
	.encode = encode,
	.parse = controller_parse,
	.format = controller_format,
};
REGISTRY_ADD(action_type, action_controller);

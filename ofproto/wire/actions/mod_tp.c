/* SPDX-License-Identifier: Apache-2.0 */
/* Set the source or destination port of TCP, UDP or SCTP, whichever the packet has.  */

#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/oxm.h"

/* Later versions set the protocol's own field. */
static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_value *value = (const struct action_value *)action;
	bool is_src = action->type->field == FIELD_TCP_SRC;
	enum field_id id = is_src ? FIELD_TCP_SRC : FIELD_TCP_DST;
	const struct action_wire set_field = {.number = 25};
	size_t start;

	if (out->version < OF12) {
		action_value_encode(out, action);
		return;
	}
	if (out->match && out->match->key.base.ip_proto == 17)
		id = is_src ? FIELD_UDP_SRC : FIELD_UDP_DST;
	else if (out->match && out->match->key.base.ip_proto == 132)
		id = is_src ? FIELD_SCTP_SRC : FIELD_SCTP_DST;
	start = action_put_begin(out, &set_field);
	oxm_put_header(out, &fields[id], false);
	wire_put_u16(out, (uint16_t)value->value);
	action_put_end(out, start);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	const struct match *match = check->match;
	uint8_t proto;

	if (!check->strict || !match)
		return OF_OK;
	proto = match->mask.base.ip_proto == 0xff ? match->key.base.ip_proto : 0;
	return proto == 6 || proto == 17 || proto == 132 ? OF_OK : OF_BAC_MATCH_INCONSISTENT;
}

ACTION_VALUE_WITH(
	mod_tp_src,
	encode,
	check,
	.name = "mod_tp_src",
	.help = "mod_tp_src:PORT",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF10, OF10, 9, .bytes = 2)},
	.field = FIELD_TCP_SRC,
	.set_slot = ACTION_SET_FIELDS,
);
ACTION_VALUE_WITH(
	mod_tp_dst,
	encode,
	check,
	.name = "mod_tp_dst",
	.help = "mod_tp_dst:PORT",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF10, OF10, 10, .bytes = 2)},
	.field = FIELD_TCP_DST,
	.set_slot = ACTION_SET_FIELDS,
);

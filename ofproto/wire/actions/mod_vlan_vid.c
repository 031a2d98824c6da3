/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the VLAN id; a packet without a tag gets one.  */

#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/oxm.h"

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_value *value = (const struct action_value *)action;
	size_t start = out->n;

	if (out->version == OF10) {
		action_value_encode(out, action);
		return;
	}
	if (!out->match || !(out->match->key.base.vlan_tci & be16_from(KEY_VLAN_PRESENT))) {
		const struct action_wire push = {.number = 17};

		start = action_put_begin(out, &push);
		wire_put_u16(out, 0x8100);
		action_put_end(out, start);
		start = out->n;
	}
	wire_put_u16(out, 25);
	wire_put_u16(out, 0);
	oxm_put_header(out, &fields[FIELD_VLAN_VID], false);
	wire_put_u16(out, (uint16_t)(value->value | KEY_VLAN_PRESENT));
	action_put_end(out, start);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	const struct action_value *value = (const struct action_value *)action;
	be16 tag = be16_from((uint16_t)(KEY_VLAN_PRESENT | value->value));

	if (value->value > 0xfff)
		return OF_BAC_BAD_ARGUMENT;
	if (check->match) {
		check->match->key.base.vlan_tci |= tag & be16_from(KEY_VLAN_PRESENT);
		check->match->mask.base.vlan_tci |= be16_from(KEY_VLAN_PRESENT);
	}
	return OF_OK;
}

ACTION_VALUE_WITH(
	mod_vlan_vid,
	encode,
	check,
	.name = "mod_vlan_vid",
	.help = "mod_vlan_vid:VLAN (0 to 4095)",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF10, OF10, 1, .bytes = 2)},
	.field = FIELD_DL_VLAN,
	.set_slot = ACTION_SET_FIELDS,
);

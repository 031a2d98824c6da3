/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a new VLAN tag outside of the others.  */

#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "ofproto/wire/action_codec.h"

static enum of_error check(const struct action *action, struct action_check *check)
{
	static const uint8_t present[] = {0x10, 0};
	uint64_t type = ((const struct action_value *)action)->value;

	if (type != 0x8100 && type != 0x88a8)
		return OF_BAC_BAD_ARGUMENT;
	if (check->match)
		match_set(check->match, &fields[FIELD_VLAN_TCI], present, present);
	return OF_OK;
}

ACTION_VALUE_WITH(
	push_vlan,
	action_value_encode,
	check,
	.name = "push_vlan",
	.help = "push_vlan:0x8100 or 0x88a8",
	.kind = FIELD_KIND_HEX,
	.wires = {ACTION_OF(OF11, OF15, 17, .bytes = 2)},
	.set_slot = ACTION_SET_PUSH_VLAN,
);

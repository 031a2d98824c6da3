/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a service tag of provider backbone bridging outside.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

static enum of_error check(const struct action *action, struct action_check *check)
{
	uint64_t type = ((const struct action_value *)action)->value;

	if (type != 0x88e7)
		return OF_BAC_BAD_ARGUMENT;
	action_check_becomes(check, (uint16_t)type);
	return OF_OK;
}

ACTION_VALUE_WITH(
	push_pbb,
	action_value_encode,
	check,
	.name = "push_pbb",
	.help = "push_pbb:0x88e7",
	.kind = FIELD_KIND_HEX,
	.wires = {ACTION_OF(OF13, OF15, 26, .bytes = 2)},
	.set_slot = ACTION_SET_PUSH_PBB,
);

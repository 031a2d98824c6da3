/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a new MPLS label outside of the others.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

static enum of_error check(const struct action *action, struct action_check *check)
{
	uint64_t type = ((const struct action_value *)action)->value;

	if (type != 0x8847 && type != 0x8848)
		return OF_BAC_BAD_ARGUMENT;
	action_check_becomes(check, (uint16_t)type);
	return OF_OK;
}

ACTION_VALUE_WITH(
	push_mpls,
	action_value_encode,
	check,
	.name = "push_mpls",
	.help = "push_mpls:0x8847 or 0x8848",
	.kind = FIELD_KIND_HEX,
	.wires = {ACTION_OF(OF11, OF15, 19, .bytes = 2), ACTION_NX(23, .bytes = 2)},
	.set_slot = ACTION_SET_PUSH_MPLS,
);

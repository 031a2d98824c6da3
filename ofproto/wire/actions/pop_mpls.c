/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the outer MPLS label off; the packet then has the given Ethernet type.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

static enum of_error check(const struct action *action, struct action_check *check)
{
	uint64_t type = ((const struct action_value *)action)->value;
	enum of_error error = action_check_field(&fields[FIELD_MPLS_LABEL], check, false);

	action_check_becomes(check, (uint16_t)type);
	return error;
}

ACTION_VALUE_WITH(
	pop_mpls,
	action_value_encode,
	check,
	.name = "pop_mpls",
	.help = "pop_mpls:ETH_TYPE",
	.kind = FIELD_KIND_HEX,
	.wires = {ACTION_OF(OF11, OF15, 20, .bytes = 2), ACTION_NX(24, .bytes = 2)},
	.set_slot = ACTION_SET_POP,
);

/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the outer service tag of provider backbone bridging off.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

static enum of_error check(const struct action *action, struct action_check *check)
{
	enum of_error error = action_check_field(&fields[FIELD_PBB_ISID], check, false);

	action_check_becomes(check, 0);
	return error;
}

ACTION_VOID(
	pop_pbb,
	.name = "pop_pbb",
	.help = "pop_pbb",
	.wires = {ACTION_OF(OF13, OF15, 27)},
	.set_slot = ACTION_SET_POP,
	.check = check,
);

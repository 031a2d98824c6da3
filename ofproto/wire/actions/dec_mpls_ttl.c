/* SPDX-License-Identifier: Apache-2.0 */
/* Decrements the TTL of the outer MPLS label.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

static enum of_error check(const struct action *action, struct action_check *check)
{
	return action_check_field(&fields[FIELD_MPLS_TTL], check, true);
}

ACTION_VOID(
	dec_mpls_ttl,
	.name = "dec_mpls_ttl",
	.help = "dec_mpls_ttl",
	.wires = {ACTION_OF(OF11, OF15, 16), ACTION_NX(26)},
	.set_slot = ACTION_SET_DEC_MPLS_TTL,
	.check = check,
);

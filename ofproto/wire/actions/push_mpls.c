/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a new MPLS label outside of the others.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	push_mpls,
	.name = "push_mpls",
	.help = "push_mpls:0x8847 or 0x8848",
	.kind = FIELD_KIND_HEX,
	.wires = {ACTION_OF(OF11, OF15, 19, .bytes = 2), ACTION_NX(23, .bytes = 2)},
	.set_slot = ACTION_SET_PUSH_MPLS,
);

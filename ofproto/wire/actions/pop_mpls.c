/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the outer MPLS label off; the packet then has the given Ethernet type.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	pop_mpls,
	.name = "pop_mpls",
	.help = "pop_mpls:ETH_TYPE",
	.kind = FIELD_KIND_HEX,
	.wires = {ACTION_OF(OF11, OF15, 20, .bytes = 2), ACTION_NX(24, .bytes = 2)},
	.set_slot = ACTION_SET_POP,
);

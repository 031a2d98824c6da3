/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a new VLAN tag outside of the others.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	push_vlan,
	.name = "push_vlan",
	.help = "push_vlan:0x8100 or 0x88a8",
	.kind = FIELD_KIND_HEX,
	.wires = {ACTION_OF(OF11, OF15, 17, .bytes = 2)},
	.set_slot = ACTION_SET_PUSH_VLAN,
);

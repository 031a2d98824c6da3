/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the outer VLAN tag off.  */

#include "ofproto/wire/action_codec.h"

ACTION_VOID(
	strip_vlan,
	.name = "strip_vlan",
	.alias = "pop_vlan",
	.help = "strip_vlan",
	.wires = {ACTION_OF(OF10, OF10, 3), ACTION_OF(OF11, OF15, 18)},
	.set_slot = ACTION_SET_POP,
);

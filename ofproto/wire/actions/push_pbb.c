/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a service tag of provider backbone bridging outside.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	push_pbb,
	.name = "push_pbb",
	.help = "push_pbb:0x88e7",
	.kind = FIELD_KIND_HEX,
	.wires = {ACTION_OF(OF13, OF15, 26, .bytes = 2)},
	.set_slot = ACTION_SET_PUSH_PBB,
);

/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the tunnel key, all 64 bits.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	set_tunnel64,
	.name = "set_tunnel64",
	.help = "set_tunnel64:ID",
	.kind = FIELD_KIND_HEX,
	.wires = {ACTION_NX(9, .pad = 6, .bytes = 8)},
	.field = FIELD_TUN_ID,
	.set_slot = ACTION_SET_FIELDS,
);

/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the tunnel key, 32 bits of it.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	set_tunnel,
	.name = "set_tunnel",
	.help = "set_tunnel:ID",
	.kind = FIELD_KIND_HEX,
	.wires = {ACTION_NX(2, .pad = 2, .bytes = 4)},
	.field = FIELD_TUN_ID,
	.set_slot = ACTION_SET_FIELDS,
);

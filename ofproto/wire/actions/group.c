/* SPDX-License-Identifier: Apache-2.0 */
/* Gives the packet to a group.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	group,
	.name = "group",
	.help = "group:GROUP",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF11, OF15, 22, .bytes = 4), ACTION_NX(40, .pad = 2, .bytes = 4)},
	.set_slot = ACTION_SET_GROUP,
);

/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the DSCP, in its place in the TOS byte.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	mod_nw_tos,
	.name = "mod_nw_tos",
	.help = "mod_nw_tos:TOS (a multiple of 4)",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF10, OF10, 8, .bytes = 1)},
	.field = FIELD_NW_TOS,
	.set_slot = ACTION_SET_FIELDS,
);

/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the ECN bits.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	mod_nw_ecn,
	.name = "mod_nw_ecn",
	.help = "mod_nw_ecn:ECN (0 to 3)",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF11, OF11, 8, .bytes = 1)},
	.field = FIELD_NW_ECN,
	.set_slot = ACTION_SET_FIELDS,
);

/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the TTL or hop limit.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	mod_nw_ttl,
	.name = "mod_nw_ttl",
	.help = "mod_nw_ttl:TTL",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF11, OF15, 23, .bytes = 1)},
	.field = FIELD_NW_TTL,
	.set_slot = ACTION_SET_FIELDS,
);

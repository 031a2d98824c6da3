/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the priority in the VLAN tag.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE_WITH(
	mod_vlan_pcp,
	action_value_encode,
	NULL,
	.name = "mod_vlan_pcp",
	.help = "mod_vlan_pcp:PRIORITY (0 to 7)",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF10, OF10, 2, .bytes = 1)},
	.field = FIELD_VLAN_PCP,
	.set_slot = ACTION_SET_FIELDS,
);

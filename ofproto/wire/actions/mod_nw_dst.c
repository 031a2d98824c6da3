/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the IPv4 destination.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	mod_nw_dst,
	.name = "mod_nw_dst",
	.help = "mod_nw_dst:IP",
	.kind = FIELD_KIND_IPV4,
	.wires = {ACTION_OF(OF10, OF10, 7, .bytes = 4)},
	.field = FIELD_IP_DST,
	.set_slot = ACTION_SET_FIELDS,
);

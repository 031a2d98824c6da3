/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the IPv4 source.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	mod_nw_src,
	.name = "mod_nw_src",
	.help = "mod_nw_src:IP",
	.kind = FIELD_KIND_IPV4,
	.wires = {ACTION_OF(OF10, OF10, 6, .bytes = 4)},
	.field = FIELD_IP_SRC,
	.set_slot = ACTION_SET_FIELDS,
);

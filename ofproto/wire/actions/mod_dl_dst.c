/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the Ethernet destination.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	mod_dl_dst,
	.name = "mod_dl_dst",
	.help = "mod_dl_dst:MAC",
	.kind = FIELD_KIND_MAC,
	.wires = {ACTION_OF(OF10, OF10, 5, .bytes = 6)},
	.field = FIELD_ETH_DST,
	.set_slot = ACTION_SET_FIELDS,
);

/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the Ethernet source.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	mod_dl_src,
	.name = "mod_dl_src",
	.help = "mod_dl_src:MAC",
	.kind = FIELD_KIND_MAC,
	.wires = {ACTION_OF(OF10, OF10, 4, .bytes = 6)},
	.field = FIELD_ETH_SRC,
	.set_slot = ACTION_SET_FIELDS,
);

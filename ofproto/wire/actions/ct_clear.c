/* SPDX-License-Identifier: Apache-2.0 */
/* Forgets what connection tracking said of the packet.  */

#include "ofproto/wire/action_codec.h"

ACTION_VOID(
	ct_clear,
	.name = "ct_clear",
	.help = "ct_clear",
	.wires = {ACTION_NX(43)},
	.set_slot = ACTION_SET_CT,
);

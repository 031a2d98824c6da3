/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the outer service tag of provider backbone bridging off.  */

#include "ofproto/wire/action_codec.h"

ACTION_VOID(
	pop_pbb,
	.name = "pop_pbb",
	.help = "pop_pbb",
	.wires = {ACTION_OF(OF13, OF15, 27)},
	.set_slot = ACTION_SET_POP,
);

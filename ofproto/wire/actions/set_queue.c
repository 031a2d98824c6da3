/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the queue that the packet leaves by.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	set_queue,
	.name = "set_queue",
	.help = "set_queue:QUEUE",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF11, OF15, 21, .bytes = 4), ACTION_NX(4, .pad = 2, .bytes = 4)},
	.set_slot = ACTION_SET_QUEUE,
);

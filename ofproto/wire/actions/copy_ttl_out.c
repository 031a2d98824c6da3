/* SPDX-License-Identifier: Apache-2.0 */
/* Copies the TTL from the inner header to the outer one.  */

#include "ofproto/wire/action_codec.h"

ACTION_VOID(
	copy_ttl_out,
	.name = "copy_ttl_out",
	.help = "copy_ttl_out",
	.wires = {ACTION_OF(OF11, OF15, 11)},
	.set_slot = ACTION_SET_COPY_TTL_OUT,
);

/* SPDX-License-Identifier: Apache-2.0 */
/* Copies the TTL from the outer header to the inner one.  */

#include "ofproto/wire/action_codec.h"

ACTION_VOID(
	copy_ttl_in,
	.name = "copy_ttl_in",
	.help = "copy_ttl_in",
	.wires = {ACTION_OF(OF11, OF15, 12)},
	.set_slot = ACTION_SET_COPY_TTL_IN,
);

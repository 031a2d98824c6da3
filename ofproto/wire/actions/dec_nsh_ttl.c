/* SPDX-License-Identifier: Apache-2.0 */
/* Decrements the TTL of the network service header.  */

#include "ofproto/wire/action_codec.h"

ACTION_VOID(
	dec_nsh_ttl,
	.name = "dec_nsh_ttl",
	.help = "dec_nsh_ttl",
	.wires = {ACTION_NX(48)},
	.set_slot = ACTION_SET_DEC_TTL,
);

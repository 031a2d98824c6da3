/* SPDX-License-Identifier: Apache-2.0 */
/* Decrements the TTL of the outer MPLS label.  */

#include "ofproto/wire/action_codec.h"

ACTION_VOID(
	dec_mpls_ttl,
	.name = "dec_mpls_ttl",
	.help = "dec_mpls_ttl",
	.wires = {ACTION_OF(OF11, OF15, 16), ACTION_NX(26)},
	.set_slot = ACTION_SET_DEC_MPLS_TTL,
);

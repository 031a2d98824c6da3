/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the TTL of the outer MPLS label.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	set_mpls_ttl,
	.name = "set_mpls_ttl",
	.help = "set_mpls_ttl:TTL",
	.parens = true,
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF11, OF15, 15, .bytes = 1), ACTION_NX(25, .bytes = 1)},
	.field = FIELD_MPLS_TTL,
	.set_slot = ACTION_SET_FIELDS,
);

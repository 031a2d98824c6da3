/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the traffic class of the outer MPLS label.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	set_mpls_tc,
	.name = "set_mpls_tc",
	.help = "set_mpls_tc:TC (0 to 7)",
	.parens = true,
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_NX(31, .bytes = 1)},
	.field = FIELD_MPLS_TC,
	.set_slot = ACTION_SET_FIELDS,
);

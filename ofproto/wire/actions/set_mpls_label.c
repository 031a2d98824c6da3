/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the outer MPLS label.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	set_mpls_label,
	.name = "set_mpls_label",
	.help = "set_mpls_label:LABEL",
	.parens = true,
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_NX(30, .pad = 2, .bytes = 4)},
	.field = FIELD_MPLS_LABEL,
	.set_slot = ACTION_SET_FIELDS,
);

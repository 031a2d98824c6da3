/* SPDX-License-Identifier: Apache-2.0 */
/* Measures the packet against a meter, which may drop it.  */

#include "lib/flow/field.h"
#include "ofproto/wire/action_codec.h"

ACTION_VALUE(
	meter,
	.name = "meter",
	.help = "meter:METER",
	.kind = FIELD_KIND_DECIMAL,
	.wires =
		{ACTION_INSTRUCTION(OF13, OF14, 6, .bytes = 4),
		 ACTION_OF(OF15, OF15, 29, .bytes = 4)},
	.step = ACTION_STEP_METER,
);

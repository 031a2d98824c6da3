/* SPDX-License-Identifier: Apache-2.0 */
/* Empties the action set.  */

#include "ofproto/wire/action_codec.h"

ACTION_VOID(
	clear_actions,
	.name = "clear_actions",
	.help = "clear_actions",
	.wires = {ACTION_INSTRUCTION(OF11, OF15, 5)},
	.step = ACTION_STEP_CLEAR,
);

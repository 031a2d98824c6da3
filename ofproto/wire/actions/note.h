/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* note: bytes that mean nothing to the switch.  */

#include "ofproto/wire/action.h"

struct action_note {
	struct action action;
	uint32_t n;
	uint8_t bytes[];
};

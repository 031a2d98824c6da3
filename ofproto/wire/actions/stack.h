/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* push and pop: bits of a field go onto the packet's stack and come back.  */

#include "lib/flow/subfield.h"
#include "ofproto/wire/action.h"

struct action_stack {
	struct action action;
	struct subfield sub;
};

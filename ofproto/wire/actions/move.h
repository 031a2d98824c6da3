/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* move: bits of one field are copied to another.  */

#include "lib/flow/subfield.h"
#include "ofproto/wire/action.h"

struct action_move {
	struct action action;
	struct subfield src, dst;
};

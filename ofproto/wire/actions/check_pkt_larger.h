/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* check_pkt_larger: a bit becomes 1 if the packet is longer than so many bytes.  */

#include "lib/flow/subfield.h"
#include "ofproto/wire/action.h"

struct action_check_pkt_larger {
	struct action action;
	struct subfield dst; /* one bit */
	uint16_t length;
};

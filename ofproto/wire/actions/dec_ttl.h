/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* dec_ttl: the TTL or hop limit becomes one less; at the end of it controllers hear of the packet.
 */

#include "ofproto/wire/action.h"

struct action_dec_ttl {
	struct action action;
	uint16_t n_controllers; /* 0: the controllers of id 0, and no list was given */
	uint16_t controllers[];
};

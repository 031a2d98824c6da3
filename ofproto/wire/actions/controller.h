/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* controller(…): the packet goes to the controller, with what the action says.  */

#include <stdbool.h>

#include "ofproto/wire/action.h"

struct action_controller {
	struct action action;
	uint32_t meter_id; /* 0: none */
	uint16_t max_len;
	uint16_t controller_id;
	uint8_t reason;
	bool pause; /* the pipeline stops until the controller resumes it */
	bool has_userdata;
	uint16_t n_userdata;
	uint8_t userdata[];
};

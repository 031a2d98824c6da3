/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* output: a copy of the packet goes to a port.  */

#include "ofproto/wire/action.h"

struct action_output {
	struct action action;
	uint32_t port; /* PORT_IN_PORT and so on too */
	uint16_t max_len; /* for PORT_CONTROLLER */
};

/* Any thread. */

void output_add(struct action_list *list, uint32_t port, uint16_t max_len);

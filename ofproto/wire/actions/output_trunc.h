/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* output(port=…,max_len=…): a copy of at most so many bytes goes to a port.  */

#include "ofproto/wire/action.h"

struct action_output_trunc {
	struct action action;
	uint32_t port;
	uint32_t max_len;
};

/* Any thread. */

void output_trunc_add(struct action_list *list, uint32_t port, uint32_t max_len);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* output:FIELD[…]: a copy of the packet goes to the port whose number the field holds.  */

#include "lib/flow/subfield.h"
#include "ofproto/wire/action.h"

struct action_output_reg {
	struct action action;
	struct subfield source;
	uint16_t max_len;
};

/* Any thread. */

void output_reg_add(struct action_list *list, const struct subfield *source);

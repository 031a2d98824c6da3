/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* fin_timeout: the rule's timeouts become shorter when TCP says goodbye.  */

#include "ofproto/wire/action.h"

struct action_fin_timeout {
	struct action action;
	uint16_t idle, hard; /* seconds, 0: as they are */
};

/* Any thread. */

void fin_timeout_add(struct action_list *list, uint16_t idle, uint16_t hard);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* enqueue: the packet goes to a port by one of its queues.  */

#include "ofproto/wire/action.h"

struct action_enqueue {
	struct action action;
	uint32_t port;
	uint32_t queue;
};

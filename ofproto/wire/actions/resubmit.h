/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* resubmit: the packet is looked up again, as if from another port or in another table.  */

#include <stdbool.h>

#include "ofproto/wire/action.h"

struct action_resubmit {
	struct action action;
	uint32_t in_port; /* PORT_IN_PORT: as it is */
	uint8_t table; /* 255: the present one */
	bool with_ct; /* looked up with the connection's original direction */
};

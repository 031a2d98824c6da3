/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* sample: some packets are reported to collectors.  */

#include "ofproto/wire/action.h"

struct action_sample {
	struct action action;
	uint32_t collector_set;
	uint32_t domain;
	uint32_t point;
	uint32_t sampling_port; /* PORT_ANY: none */
	uint16_t probability; /* of 65535 */
	uint8_t direction; /* 0 not said, 1 ingress, 2 egress */
};

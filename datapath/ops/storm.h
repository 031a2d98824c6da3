/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Storm: lets as many packets go on as a meter allows, and drops the rest for a reason of its own.  */

#include <stdint.h>

#include "datapath/program.h"

struct drop_reason;

struct op_storm {
	const struct drop_reason *reason;
	uint32_t slot; /* of the meter */
};

extern const struct op_type op_storm;

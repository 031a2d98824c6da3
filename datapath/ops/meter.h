/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Meter: packets that exceed the rate of a meter are dropped or marked (datapath/meter/meter.h).  */

#include <stdint.h>

#include "datapath/program.h"

struct op_meter {
	uint32_t slot;
};

extern const struct op_type op_meter; /* only drops */
extern const struct op_type op_meter_remark; /* drops or marks; the arguments are the same */

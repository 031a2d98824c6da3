/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Meter: packets that exceed the rate of a meter are dropped or marked (datapath/meter/meter.h).  */

#include <stdint.h>

#include "datapath/program.h"

struct drop_reason;

struct op_meter {
	uint32_t slot;
};

extern const struct op_type op_meter; /* only drops */
extern const struct op_type op_meter_remark; /* drops or marks; the arguments are the same */

/* Workers. */

/* Drops, for 'reason', what exceeds the rate of the meter in the slot. Returns how many packets are left,
 * in order. */
uint16_t op_meter_drop(
	struct worker *worker,
	uint32_t slot,
	struct rte_mbuf **pkts,
	uint16_t n,
	const struct drop_reason *reason
);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Recirc: a copy of the packet as it is now is parsed and looked up again, as coming from a point
 * (datapath/fast/recirc.h). Packets longer than 'size' may go on from another point.  */

#include <stdint.h>

#include "datapath/program.h"

struct op_recirc {
	uint32_t point;
	uint32_t larger; /* the point of longer packets */
	uint32_t size; /* bytes; 0: all go to the one point */
};

extern const struct op_type op_recirc;

/* Main thread, before the keeper runs. */

/* Tells 'used' for each program that leads to a point, and when the program is gone ('n' is 1 or
 * -1). The flow keeper calls it. */
void recirc_watch(void (*used)(uint32_t point, int n));

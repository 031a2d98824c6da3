/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes the Ethernet type, behind VLAN tags. What it said stays as it was.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_set_type {
	be16 eth_type;
};

extern const struct op_type op_set_type;

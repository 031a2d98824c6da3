/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Takes the outermost MPLS label off; the packet then has another Ethernet type.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_pop_mpls {
	be16 eth_type;
};

extern const struct op_type op_pop_mpls;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Puts an MPLS label between the Ethernet header with its tags and the rest.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_push_mpls {
	be32 entry; /* of the label stack */
	be16 eth_type;
	uint16_t zero;
};

extern const struct op_type op_push_mpls;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Puts a backbone header around the frame: its addresses again, and a service tag.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_push_pbb {
	be32 tag;
	be16 eth_type;
	uint16_t zero;
};

extern const struct op_type op_push_pbb;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes Ethernet addresses: the bits of the masks are replaced by the values'.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_set_eth {
	struct mac dst, src; /* no bits outside the masks */
	struct mac dst_mask, src_mask;
};

extern const struct op_type op_set_eth;

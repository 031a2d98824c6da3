/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes the outermost MPLS label stack entry.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_set_mpls {
	be32 entry, entry_mask; /* no bits outside the mask */
};

extern const struct op_type op_set_mpls;

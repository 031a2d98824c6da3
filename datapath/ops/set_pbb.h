/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes the service tag of provider backbone bridging.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_set_pbb {
	be32 tag, tag_mask; /* no bits outside the mask */
};

extern const struct op_type op_set_pbb;

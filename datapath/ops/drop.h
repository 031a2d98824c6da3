/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Drop: the packet ends here, for a reason that translation found.  */

#include "datapath/program.h"

struct drop_reason;

struct op_drop {
	const struct drop_reason *reason;
};

extern const struct op_type op_drop;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Chooses the queue of the port the packet will leave by.  */

#include <stdint.h>

#include "datapath/program.h"

struct op_set_queue {
	uint32_t queue;
};

extern const struct op_type op_set_queue;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Output: sends the packet as it is now to one or more ports.  */

#include <stddef.h>
#include <stdint.h>

#include "datapath/program.h"

struct op_output {
	uint16_t max_size; /* bytes of the packet sent at most; 0: all */
	uint16_t n;
	uint16_t ports[]; /* as many as the builder made room for */
};

enum {
	OP_OUTPUT_PORTS = 2, /* for which there is always room */
};

extern const struct op_type op_output;

/* Any thread. */

/* The size of an output to n ports. */
static inline size_t op_output_size(size_t n)
{
	return offsetof(struct op_output, ports) + n * sizeof(uint16_t);
}

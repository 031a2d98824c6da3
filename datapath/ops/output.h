/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Output: sends the packet as it is now to a port.  */

#include <stdint.h>

#include "datapath/program.h"

struct op_output {
	uint16_t port_id;
	uint16_t max_size; /* bytes of the packet sent at most; 0: all */
};

extern const struct op_type op_output;

/* Workers. */

/* The last output of a program sends the packets themselves, not copies. */
uint16_t
output_run_last(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n);

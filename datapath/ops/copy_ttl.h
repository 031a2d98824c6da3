/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Copies the TTL between the outermost MPLS label and what stands inside: a label, IPv4 or IPv6.  */

#include "datapath/program.h"

struct op_copy_ttl {
	uint32_t out; /* 1: from inside to the label; 0: the other way */
};

extern const struct op_type op_copy_ttl;

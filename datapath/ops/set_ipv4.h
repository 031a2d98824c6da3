/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes fields of an IPv4 header and keeps checksums right.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_set_ipv4 {
	be32 src, dst; /* no bits outside the masks */
	be32 src_mask, dst_mask;
	uint8_t tos, tos_mask;
	uint8_t ttl, ttl_mask;
};

extern const struct op_type op_set_ipv4;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes the ports of TCP, UDP or SCTP, or the type and code of ICMP and ICMPv6, and keeps the
 * checksum right.  */

#include "datapath/program.h"
#include "lib/types.h"

/* As in the key: for ICMP the type is in src, the code in dst. */
struct op_set_l4 {
	uint8_t ip_proto; /* done only to packets of this protocol */
	be16 src, dst; /* no bits outside the masks */
	be16 src_mask, dst_mask;
};

extern const struct op_type op_set_l4;
